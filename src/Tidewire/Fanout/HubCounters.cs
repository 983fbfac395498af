namespace Tidewire.Fanout;

/// <summary>What the hub has done since it started. Thread-safe; each figure is exact, together they are not one instant.</summary>
public sealed class HubCounters
{
    private long _published;
    private long _delivered;
    private long _received;
    private long _errors;
    private long _connections;
    private long _refused;
    private long _slowReaders;

    /// <summary>Entries appended to logs.</summary>
    public long PublishedCount => Volatile.Read(ref _published);

    /// <summary>Entries handed to clients: one for each client that was given one.</summary>
    public long DeliveredCount => Volatile.Read(ref _delivered);

    /// <summary>Messages received from clients.</summary>
    public long ReceivedCount => Volatile.Read(ref _received);

    /// <summary>Messages of clients that were answered with an error.</summary>
    public long ErrorCount => Volatile.Read(ref _errors);

    /// <summary>Connections ever accepted.</summary>
    public long ConnectionCount => Volatile.Read(ref _connections);

    /// <summary>Connections refused because there were too many.</summary>
    public long RefusedCount => Volatile.Read(ref _refused);

    /// <summary>Connections closed because their reader was too slow.</summary>
    public long SlowReaderCount => Volatile.Read(ref _slowReaders);

    /// <summary>Counts a message of a client.</summary>
    public void Received() => Interlocked.Increment(ref _received);

    /// <summary>Counts a message of a client that was answered with an error.</summary>
    public void Error() => Interlocked.Increment(ref _errors);

    internal void Published() => Interlocked.Increment(ref _published);

    internal void Delivered(int count) => Interlocked.Add(ref _delivered, count);

    internal void Connected() => Interlocked.Increment(ref _connections);

    internal void Refused() => Interlocked.Increment(ref _refused);

    internal void SlowReader() => Interlocked.Increment(ref _slowReaders);
}
