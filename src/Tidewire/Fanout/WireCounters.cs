using System.Runtime.InteropServices;

namespace Tidewire.Fanout;

/// <summary>What was done over one wire. Thread-safe.</summary>
/// <param name="wire">The wire's name.</param>
/// <param name="shards">How many shards there are.</param>
internal sealed class WireCounters(string wire, int shards)
{
    private readonly WireTraffic[] _traffic = [.. Enumerable.Range(0, shards).Select(static _ => new WireTraffic())];
    private long _open;
    private long _accepted;
    private long _refused;
    private long _slowReaders;

    public string Wire => wire;

    public long Open => Volatile.Read(ref _open);

    public long Accepted => Volatile.Read(ref _accepted);

    public long Refused => Volatile.Read(ref _refused);

    public long SlowReaders => Volatile.Read(ref _slowReaders);

    public long Delivered => _traffic.Sum(static traffic => traffic.Entries);

    public long Written => _traffic.Sum(static traffic => traffic.Bytes);

    /// <summary>Where the connections of a shard count what they send.</summary>
    public WireTraffic On(int shard) => _traffic[shard];

    public void CountAccepted()
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _open);
    }

    public void CountGone() => Interlocked.Decrement(ref _open);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountSlowReader() => Interlocked.Increment(ref _slowReaders);
}

/// <summary>
/// What the connections of one shard have sent over one wire. A shard's connections are mostly written to by one thread
/// at a time, so that its counts seldom move between processors.
/// </summary>
internal sealed class WireTraffic
{
    private Counts _counts;

    public long Entries => Volatile.Read(ref _counts.Entries);

    public long Bytes => Volatile.Read(ref _counts.Bytes);

    public void Delivered(int entries) => Interlocked.Add(ref _counts.Entries, entries);

    public void Written(int bytes) => Interlocked.Add(ref _counts.Bytes, bytes);

    /// <summary>Alone on its cache lines, whatever stands beside it on the heap.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Counts
    {
        [FieldOffset(64)]
        public long Entries;

        [FieldOffset(72)]
        public long Bytes;
    }
}
