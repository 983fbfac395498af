namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The minute's part of the budget and the places in flight. Pure: time comes in with every call.
/// </summary>
/// <remarks>
/// The provider counts a request at some moment between its being sent and its being answered. So one counts here from
/// before it is sent until a minute after it was answered: in any minute of the provider's, sliding or fixed, it cannot
/// have counted more than are counted here.
/// </remarks>
internal sealed class MinuteUse(RequestBudgetOptions options)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly int Purposes = PurposeCounts.Purposes;

    private readonly int _stop = (int)(options.MinuteLimit * options.HardStop);
    private readonly Queue<(TimeSpan Until, RequestPurpose? Purpose)> _past = new();
    private readonly PriorityQueue<TimeSpan, TimeSpan> _resting = new();
    private readonly int[] _inFlight = new int[Purposes];
    private readonly int[] _counted = new int[Purposes];
    private TimeSpan _toldUntil;
    private int _told;

    /// <summary>Requests of each purpose that are sent and not answered.</summary>
    public ReadOnlySpan<int> InFlightByPurpose => _inFlight;

    /// <summary>Requests that are sent and not answered.</summary>
    public int InFlight => _inFlight[0] + _inFlight[1] + _inFlight[2] + _inFlight[3];

    /// <summary>Places that the provider may see as taken: a request that was given up still takes one.</summary>
    public int Places => Math.Min(options.InFlightLimit, InFlight + _resting.Count);

    /// <summary>Requests of ours that the provider may count in its minute.</summary>
    public int Own => _past.Count + InFlight;

    /// <summary>Where we stop.</summary>
    public int HardStop => _stop;

    /// <summary>Requests that the provider counts in its minute: ours and, as far as it tells, others'.</summary>
    public int Used(TimeSpan now) => Own + (now < _toldUntil ? _told : 0);

    /// <summary>Lets go of what is over.</summary>
    public void Roll(TimeSpan now)
    {
        while (_past.TryPeek(out var first) && first.Until <= now)
        {
            _past.Dequeue();
            if (first.Purpose is { } purpose)
            {
                _counted[(int)purpose]--;
            }
        }

        while (_resting.TryPeek(out var until, out _) && until <= now)
        {
            _resting.Dequeue();
        }
    }

    /// <summary>How long until a place and a request of the minute may be free; null when they are. Without a known time it is <see cref="TimeSpan.MaxValue"/>: an answer will tell.</summary>
    public TimeSpan? UntilFree(TimeSpan now)
    {
        if (InFlight + _resting.Count >= options.InFlightLimit)
        {
            return _resting.TryPeek(out var until, out _) ? until - now : TimeSpan.MaxValue;
        }

        return Used(now) >= _stop ? UntilFewer(now) : null;
    }

    /// <summary>Who may go first: the most urgent of those within their share of the minute, else the most urgent of all, who leaves a tenth free for the others.</summary>
    /// <param name="wanted">Those who want to, as bits.</param>
    /// <param name="now">The time.</param>
    public RequestPurpose? Choose(int wanted, TimeSpan now)
    {
        for (var each = 0; each < Purposes; each++)
        {
            if ((wanted & (1 << each)) != 0 && _counted[each] < _stop * options.ShareOf((RequestPurpose)each))
            {
                return (RequestPurpose)each;
            }
        }

        return Used(now) < _stop - (_stop / 10) ? (RequestPurpose)int.TrailingZeroCount(wanted) : null;
    }

    /// <summary>How long until fewer are counted.</summary>
    public TimeSpan UntilFewer(TimeSpan now)
    {
        var told = now < _toldUntil && _told > 0 ? _toldUntil - now : TimeSpan.MaxValue;
        var own = _past.TryPeek(out var first) ? first.Until - now : TimeSpan.MaxValue;
        return told < own ? told : own;
    }

    public void Send(RequestPurpose purpose)
    {
        _inFlight[(int)purpose]++;
        _counted[(int)purpose]++;
    }

    /// <summary>It was never sent.</summary>
    public void Return(RequestPurpose purpose)
    {
        _inFlight[(int)purpose]--;
        _counted[(int)purpose]--;
    }

    /// <summary>It was answered, or given up after it was sent.</summary>
    public void End(RequestPurpose purpose, TimeSpan rest, TimeSpan now)
    {
        _inFlight[(int)purpose]--;
        _past.Enqueue((now + rest + Minute, purpose));
        _resting.Enqueue(now + rest, now + rest);
    }

    /// <summary>Takes what an answer says of the minute. Worse than our own count is believed until the provider's minute ends.</summary>
    public void Tell(VendorUsage usage, TimeSpan now)
    {
        var counted = usage.MinuteCount is >= 0 and var count ? count : 0;
        var left = usage.MinuteRemaining is >= 0 and var some && some <= options.MinuteLimit ? options.MinuteLimit - some : 0;
        var others = (int)Math.Min(options.MinuteLimit, Math.Max(counted, left)) - Own;
        if (others > 0 && (now >= _toldUntil || others >= _told))
        {
            _told = others;
            _toldUntil = now + (usage.MinuteReset ?? Minute);
        }
    }

    /// <summary>Takes up what another process left: it may all have been sent just now.</summary>
    public void Restore(int recent, int inFlight, TimeSpan now)
    {
        var rest = options.Timeout + options.GivenUpRest;
        for (var each = Math.Min(recent, options.MinuteLimit); each > 0; each--)
        {
            _past.Enqueue((now + rest + Minute, null));
        }

        for (var each = Math.Min(inFlight, options.InFlightLimit); each > 0; each--)
        {
            _resting.Enqueue(now + rest, now + rest);
        }
    }
}
