namespace Tidewire.Fanout;

/// <summary>A connection's cursor in one channel. Guarded by its connection, except <see cref="Place"/>, which its shard's readers guard.</summary>
public sealed class Subscription
{
    internal Subscription(Connection connection, ChannelLog log, SubscriptionStart start, long now)
    {
        Connection = connection;
        Log = log;
        Start = start;
        LiveAfter = log.Tail;
        Cursor = start.Offset;
        ShownAt = now;
    }

    /// <summary>The channel's log.</summary>
    public ChannelLog Log { get; }

    /// <summary>Where it began.</summary>
    public SubscriptionStart Start { get; }

    internal Connection Connection { get; }

    /// <summary>The tail when it was made: what came up to then is history to it.</summary>
    internal long LiveAfter { get; }

    /// <summary>The offset of the last entry taken for sending.</summary>
    internal long Cursor { get; set; }

    /// <summary>Entries passed over since the last delivery because newer ones of their key replaced them.</summary>
    internal long Merged { get; set; }

    /// <summary>
    /// Whether it lags: it fell behind the tail whose encodings are shared, and has not caught up since. Of a state feed it
    /// is then given the newest of each key.
    /// </summary>
    internal bool Lags { get; set; }

    /// <summary>Whether it stands in its connection's list of subscriptions with news.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Whether it has ended: nothing of it may be sent any more.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Timestamp of the last delivery or position.</summary>
    internal long ShownAt { get; set; }

    /// <summary>Its place in the shard's list; -1 when it has none.</summary>
    internal int Place { get; set; } = -1;
}
