using System.Globalization;
using System.Net.Http.Headers;
using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// Counts requests as the provider does: every one when it arrives, those it refuses too, per minute of the clock and per day
/// that ends at 20:00 New York; those at work until their answer is out. Thread-safe.
/// </summary>
internal sealed class RestLimits(SimulatedRestOptions options, TimeProvider time)
{
    private static readonly TimeOnly Reset = new(20, 0);

    private readonly Lock _gate = new();
    private readonly NewYorkTime _newYork = NewYorkTime.FromSystem();
    private readonly int _mostInFlight = options.InFlightLimit;
    private readonly int _mostInMinute = options.MinuteLimit;
    private readonly int _mostInDay = options.DailyLimit;
    private DateTimeOffset _minuteEnds;
    private DateTimeOffset _dayEnds;
    private int _inFlight;
    private int _inMinute;
    private int _inDay;

    /// <summary>Counts a request in. If it is not refused, <see cref="Leave"/> is due when its answer is out.</summary>
    public RestAdmission Arrive()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now >= _minuteEnds)
            {
                _inMinute = 0;
                _minuteEnds = new DateTimeOffset(((now.UtcTicks / TimeSpan.TicksPerMinute) + 1) * TimeSpan.TicksPerMinute, TimeSpan.Zero);
            }

            if (now >= _dayEnds)
            {
                _inDay = 0;
                _dayEnds = EndOfDay(now);
            }

            _inMinute++;
            _inDay++;
            var refusal = _inDay > _mostInDay ? "You have exceeded your daily request limit; it is reset at 20:00 New York"
                : _inMinute > _mostInMinute ? "Rate limit exceeded for this minute, try again after the reset"
                : _inFlight >= _mostInFlight ? FormattableString.Invariant($"You have exceeded {_mostInFlight} concurrent requests")
                : null;
            _inFlight += refusal is null ? 1 : 0;
            return new(refusal, _inDay, _mostInDay, _inMinute, _mostInMinute, _minuteEnds - now);
        }
    }

    /// <summary>The answer to an admitted request is out, or no longer wanted.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _inFlight--;
        }
    }

    private DateTimeOffset EndOfDay(DateTimeOffset now)
    {
        var date = DateOnly.FromDateTime(_newYork.Local(now).DateTime);
        var end = _newYork.At(date, Reset);
        return end > now ? end : _newYork.At(date.AddDays(1), Reset);
    }
}

/// <summary>What was counted when a request arrived.</summary>
/// <param name="Refusal">Null, or the text of the 429.</param>
/// <param name="Day">Requests of the day, this one among them.</param>
/// <param name="DayLimit">The day's limit.</param>
/// <param name="Minute">Requests of the minute, this one among them.</param>
/// <param name="MinuteLimit">The minute's limit.</param>
/// <param name="MinuteReset">When the minute ends.</param>
internal readonly record struct RestAdmission(string? Refusal, int Day, int DayLimit, int Minute, int MinuteLimit, TimeSpan MinuteReset)
{
    /// <summary>Writes the usage as the provider's headers have it.</summary>
    public void WriteTo(HttpResponseHeaders headers)
    {
        Add("x-uw-daily-req-count", Day);
        Add("x-uw-token-req-limit", DayLimit);
        Add("x-uw-minute-req-counter", Minute);
        Add("x-uw-req-per-minute-remaining", Math.Max(0, MinuteLimit - Minute));
        Add("x-uw-req-per-minute-reset", (long)Math.Ceiling(MinuteReset.TotalMilliseconds));

        void Add(string name, long value) => headers.TryAddWithoutValidation(name, value.ToString(CultureInfo.InvariantCulture));
    }
}
