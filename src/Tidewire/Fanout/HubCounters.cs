using System.Collections.Concurrent;

namespace Tidewire.Fanout;

/// <summary>
/// What the hub has done since it started. Thread-safe; each figure is exact, together they are not one instant. Counted
/// where it happens, by wire and shard or by feed, and added up only when someone asks.
/// </summary>
public sealed class HubCounters
{
    private readonly ConcurrentDictionary<string, WireCounters> _wires = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FeedCounters> _feeds = new(StringComparer.Ordinal);
    private readonly int _shards;
    private long _received;
    private long _errors;

    internal HubCounters(int shards) => _shards = shards;

    /// <summary>Entries appended to logs.</summary>
    public long PublishedCount => _feeds.Values.Sum(static feed => feed.Published);

    /// <summary>Entries handed to clients: one for each client that was given one.</summary>
    public long DeliveredCount => Wires.Sum(static wire => wire.Delivered);

    /// <summary>Messages received from clients.</summary>
    public long ReceivedCount => Volatile.Read(ref _received);

    /// <summary>Messages of clients that were answered with an error.</summary>
    public long ErrorCount => Volatile.Read(ref _errors);

    /// <summary>Connections ever accepted.</summary>
    public long ConnectionCount => Wires.Sum(static wire => wire.Accepted);

    /// <summary>Connections refused because there were too many.</summary>
    public long RefusedCount => Wires.Sum(static wire => wire.Refused);

    /// <summary>Connections closed because their reader was too slow.</summary>
    public long SlowReaderCount => Wires.Sum(static wire => wire.SlowReaders);

    /// <summary>Every wire that a client has come over.</summary>
    internal IEnumerable<WireCounters> Wires => _wires.Values;

    /// <summary>Every feed that has had a log.</summary>
    internal IEnumerable<FeedCounters> Feeds => _feeds.Values;

    /// <summary>Counts a message of a client.</summary>
    public void Received() => Interlocked.Increment(ref _received);

    /// <summary>Counts a message of a client that was answered with an error.</summary>
    public void Error() => Interlocked.Increment(ref _errors);

    internal WireCounters Of(WireFormat wire) => _wires.GetOrAdd(wire.Name, static (name, shards) => new WireCounters(name, shards), _shards);

    internal FeedCounters Of(Feed feed) => _feeds.GetOrAdd(feed.Name, static name => new FeedCounters(name));
}
