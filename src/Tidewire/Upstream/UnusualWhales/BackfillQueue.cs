namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The channels whose missed rows are to be asked for, and when: once the socket's first frames are in, several outages
/// of a channel together, and never more than a few requests a minute, however often the connection breaks. Pure: time
/// comes in with every call. Guarded by <see cref="UnusualWhalesPoller"/>.
/// </summary>
internal sealed class BackfillQueue
{
    /// <summary>Requests a minute, whatever happens.</summary>
    private const int MostInMinute = 12;

    /// <summary>Outages of one channel that one answer is compared with; of a connection that breaks more often the earliest are not backfilled.</summary>
    private const int MostOutages = 16;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection that keeps breaking puts off the request; a page of rows reaches back only so far.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, ChannelBackfill> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<TimeSpan> _sent = new();

    /// <summary>A channel is to be asked for what it missed.</summary>
    public void Add(Outage outage, TimeSpan now)
    {
        var channel = outage.Name.ToString();
        if (!_waiting.TryGetValue(channel, out var backfill))
        {
            _waiting[channel] = backfill = new ChannelBackfill(channel, outage.Feed, outage.Name.Symbol, now);
        }

        backfill.Outages.Add(outage);
        if (backfill.Outages.Count > MostOutages)
        {
            backfill.Outages.RemoveAt(0);
        }

        var settled = now + UnusualWhalesPoller.SettlesAfter;
        backfill.DueAt = settled < backfill.Since + LongestWait ? settled : backfill.Since + LongestWait;
    }

    /// <summary>What was asked for brought nothing: it is asked for once more, later.</summary>
    public void Again(ChannelBackfill backfill, TimeSpan at)
    {
        if (_waiting.TryGetValue(backfill.Channel, out var newer))
        {
            backfill.Outages.AddRange(newer.Outages);
        }

        backfill.DueAt = at;
        _waiting[backfill.Channel] = backfill;
    }

    /// <summary>The next to ask for, the market-wide first, then the longest due; null when none is due or the minute's requests are spent.</summary>
    /// <param name="isReady">Whether a channel may be asked for now.</param>
    /// <param name="now">The time.</param>
    public ChannelBackfill? Next(Func<string, bool> isReady, TimeSpan now)
    {
        while (_sent.TryPeek(out var sent) && now - sent >= Minute)
        {
            _sent.Dequeue();
        }

        if (_waiting.Count == 0 || _sent.Count >= MostInMinute)
        {
            return null;
        }

        var next = _waiting.Values.Where(backfill => backfill.DueAt <= now && isReady(backfill.Channel))
            .OrderBy(static backfill => backfill.IsOfSymbol).ThenBy(static backfill => backfill.DueAt).FirstOrDefault();
        if (next is not null)
        {
            _waiting.Remove(next.Channel);
        }

        return next;
    }

    /// <summary>A request is about to be made.</summary>
    public void Count(TimeSpan now) => _sent.Enqueue(now);
}
