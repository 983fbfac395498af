using Tidewire.Fanout.Filtering;

namespace Tidewire.Fanout;

/// <summary>A connection's cursor in one channel. Guarded by its connection, except <see cref="Place"/>, which its shard's readers guard.</summary>
public sealed class Subscription
{
    internal Subscription(Connection connection, ChannelLog log, SubscriptionTerms terms, SharedFilter? filter, long now)
    {
        Connection = connection;
        Log = log;
        Interval = terms.Interval;
        Filter = filter;
        ShownAt = now;
    }

    /// <summary>The channel's log.</summary>
    public ChannelLog Log { get; }

    /// <summary>Where it began; said once <see cref="Fanout.Connection.StartedAsync"/> has completed.</summary>
    public SubscriptionStart Start { get; private set; }

    /// <summary>Whether it is known where it begins.</summary>
    internal bool HasStarted { get; private set; }

    /// <summary>Completes once it is known where it begins; null when that was known at once.</summary>
    internal Task? Starting { get; set; }

    internal Connection Connection { get; }

    /// <summary>What it lets through; null for everything.</summary>
    internal SharedFilter? Filter { get; set; }

    /// <summary>Time between two flushes at least; zero for none.</summary>
    internal TimeSpan Interval { get; set; }

    /// <summary>The tail when it started: what came up to then is history to it.</summary>
    internal long LiveAfter { get; private set; }

    /// <summary>The offset of the last entry taken for sending or passed over.</summary>
    internal long Cursor { get; set; }

    /// <summary>Entries passed over since the last delivery because newer ones of their key replaced them, or because a gap stands for them.</summary>
    internal long Merged { get; set; }

    /// <summary>Entries passed over since the last delivery because the filter rejected them.</summary>
    internal long Filtered { get; set; }

    /// <summary>What was passed over since the last delivery.</summary>
    internal PassedOver Passed => new(Merged, Filtered);

    /// <summary>
    /// Whether it lags: it fell behind the tail whose encodings are shared, and has not caught up since. Of a state feed it
    /// is then given the newest of each key.
    /// </summary>
    internal bool Lags { get; set; }

    /// <summary>Since when its cursor has been out of memory although it is live; 0 while it is not.</summary>
    internal long BehindSince { get; set; }

    /// <summary>Before this time nothing more of it is sent; 0 for at once.</summary>
    internal long NotBefore { get; set; }

    /// <summary>Whether something was sent since it last had nothing more to send.</summary>
    internal bool HasFlushed { get; set; }

    /// <summary>Whether it stands in its connection's list of subscriptions with news, or waits to.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Whether it waits to be woken: for its time, or for entries that come off the disk.</summary>
    internal bool Waits { get; set; }

    /// <summary>Whether it has ended: nothing of it may be sent any more.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Timestamp of the last delivery or position.</summary>
    internal long ShownAt { get; set; }

    /// <summary>Its place in the shard's list; -1 when it has none.</summary>
    internal int Place { get; set; } = -1;

    /// <summary>It is known where it begins.</summary>
    internal void StartAt(SubscriptionStart start)
    {
        Start = start;
        LiveAfter = Log.Tail;
        Cursor = start.Offset;
        HasStarted = true;
    }
}

/// <summary>What a client asks of a subscription beside the channel and where to begin.</summary>
/// <param name="Filter">Lets through what it matches; null for everything.</param>
/// <param name="MaxRate">Flushes a second at most, for a state feed; 0 for no throttle, null for what the wire says.</param>
public sealed record SubscriptionTerms(Filter? Filter = null, double? MaxRate = null)
{
    /// <summary>Time between two flushes at least, as decided.</summary>
    internal TimeSpan Interval { get; init; }
}
