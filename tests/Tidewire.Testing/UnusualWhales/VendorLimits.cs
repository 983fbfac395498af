namespace Tidewire.Testing.UnusualWhales;

/// <summary>What the provider counted when a request arrived.</summary>
/// <param name="Exceeded">Null, or the limit that the request exceeded: <c>in flight</c>, <c>minute</c> or <c>day</c>.</param>
/// <param name="Day">Requests of its day, this one among them.</param>
/// <param name="Minute">Requests of its minute by the clock.</param>
/// <param name="MinuteReset">When that minute ends.</param>
public readonly record struct VendorCount(string? Exceeded, int Day, int Minute, TimeSpan MinuteReset);

/// <summary>
/// The provider's own count of its limits, independent of ours: it counts every request when it arrives, refused ones
/// too, in a minute by the clock and in any sixty seconds, in flight until the answer is out, and in the day until 20:00 New York
/// by the law's own rule. What exceeds a limit is a violation. Thread-safe.
/// </summary>
/// <param name="time">The provider's clock, which is right.</param>
public sealed class VendorLimits(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _sliding = new();
    private DateTimeOffset _minute;
    private DateTimeOffset _reset;
    private int _inMinute;
    private int _inDay;
    private int _inFlight;

    /// <summary>Requests allowed in a minute.</summary>
    public int MinuteLimit { get; init; } = 120;

    /// <summary>Requests allowed in a day.</summary>
    public int DayLimit { get; init; } = 15_000;

    /// <summary>Requests allowed at the same time.</summary>
    public int InFlightLimit { get; init; } = 3;

    /// <summary>Requests that arrived.</summary>
    public int Arrived { get; private set; }

    /// <summary>Requests of the day so far.</summary>
    public int Day
    {
        get
        {
            lock (_gate)
            {
                RollLocked();
                return _inDay;
            }
        }
    }

    /// <summary>Requests that exceeded a limit.</summary>
    public int Violations { get; private set; }

    /// <summary>The most requests that were there at the same time.</summary>
    public int MostInFlight { get; private set; }

    /// <summary>The most that arrived in any sixty seconds.</summary>
    public int MostInMinute { get; private set; }

    /// <summary>The most that arrived in one day.</summary>
    public int MostInDay { get; private set; }

    /// <summary>A request has arrived.</summary>
    /// <param name="forOthers">It was made by someone else with the same token, who breaks no limit of ours.</param>
    public VendorCount Arrive(bool forOthers = false)
    {
        lock (_gate)
        {
            RollLocked();
            var now = time.GetUtcNow();
            _inMinute++;
            _inDay++;
            MostInDay = Math.Max(MostInDay, _inDay);
            if (forOthers)
            {
                return default;
            }

            Arrived++;
            _inFlight++;
            _sliding.Enqueue(now);
            while (_sliding.Peek() <= now - TimeSpan.FromMinutes(1))
            {
                _sliding.Dequeue();
            }

            MostInFlight = Math.Max(MostInFlight, _inFlight);
            MostInMinute = Math.Max(MostInMinute, _sliding.Count);
            var exceeded = _inDay > DayLimit ? "day" : _inMinute > MinuteLimit || _sliding.Count > MinuteLimit ? "minute" : _inFlight > InFlightLimit ? "in flight" : null;
            Violations += exceeded is null ? 0 : 1;
            return new(exceeded, _inDay, _inMinute, _minute + TimeSpan.FromMinutes(1) - now);
        }
    }

    /// <summary>The answer to one is out, or its connection is gone.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _inFlight--;
        }
    }

    /// <summary>The first 20:00 in New York after an instant, by the law: summer time from the second Sunday of March to the first of November.</summary>
    public static DateTimeOffset NextReset(DateTimeOffset at)
    {
        // At 20:00 the change of that night is over or a night away: the date alone tells.
        for (var date = DateTime.SpecifyKind(at.UtcDateTime.Date.AddDays(-1), DateTimeKind.Unspecified); ; date = date.AddDays(1))
        {
            var summer = date >= Sunday(date.Year, 3, 2) && date < Sunday(date.Year, 11, 1);
            var reset = new DateTimeOffset(date.AddHours(20), TimeSpan.FromHours(summer ? -4 : -5));
            if (reset > at)
            {
                return reset;
            }
        }
    }

    private static DateTime Sunday(int year, int month, int which)
    {
        var first = new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return first.AddDays(((7 - (int)first.DayOfWeek) % 7) + (7 * (which - 1)));
    }

    private void RollLocked()
    {
        var now = time.GetUtcNow();
        if (now >= _reset)
        {
            _inDay = 0;
            _reset = NextReset(now);
        }

        if (now >= _minute + TimeSpan.FromMinutes(1))
        {
            _inMinute = 0;
            _minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        }
    }
}
