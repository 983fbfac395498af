namespace Tidewire.Fanout;

/// <summary>Counts the bytes that logs and encodings hold against one bound. Thread-safe.</summary>
/// <param name="limit">The bound in bytes.</param>
internal sealed class MemoryBudget(long limit)
{
    private long _used;

    public long Limit => limit;

    public long Used => Volatile.Read(ref _used);

    public bool IsExceeded => Used > limit;

    public void Add(long bytes)
    {
        if (bytes != 0)
        {
            Interlocked.Add(ref _used, bytes);
        }
    }
}
