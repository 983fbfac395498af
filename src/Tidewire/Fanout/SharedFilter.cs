using Tidewire.Fanout.Filtering;

namespace Tidewire.Fanout;

/// <summary>
/// One filter on one channel, for all who ask for the same: each publication is looked at once, and the outcome and the
/// encoding of what passed are shared. Thread-safe.
/// </summary>
/// <param name="filter">The filter.</param>
internal sealed class SharedFilter(Filter filter)
{
    /// <summary>Outcomes that are remembered: readers that keep up stand within them.</summary>
    private const int Length = 1024;

    private long[]? _outcomes;
    private Encoded?[]? _encoded;
    private long _evaluations;

    public Filter Filter => filter;

    /// <summary>Subscriptions that use it. Guarded by its channel's filters.</summary>
    public int Users { get; private set; }

    /// <summary>How often the filter was evaluated.</summary>
    public long Evaluations => Volatile.Read(ref _evaluations);

    /// <summary>One user more; from the second on what is found out is remembered.</summary>
    public void Add()
    {
        if (++Users == 2)
        {
            Volatile.Write(ref _encoded, new Encoded?[WireFormat.Slots]);
            Volatile.Write(ref _outcomes, new long[Length]);
        }
    }

    /// <summary>One user less. True when it was the last.</summary>
    public bool Remove() => --Users == 0;

    /// <summary>Whether an entry passes. A gap always does: it speaks of what the filter has not seen.</summary>
    public bool Passes(Publication entry)
    {
        if (entry.Gap is not null)
        {
            return true;
        }

        if (Volatile.Read(ref _outcomes) is not { } outcomes)
        {
            Interlocked.Increment(ref _evaluations);
            return filter.Matches(entry.Payload);
        }

        // One number holds the offset and the outcome, so that no reader sees the one without the other.
        ref var outcome = ref outcomes[entry.Offset & (Length - 1)];
        var known = Volatile.Read(ref outcome);
        if (known >> 1 == entry.Offset)
        {
            return (known & 1) != 0;
        }

        var passes = filter.Matches(entry.Payload);
        Interlocked.Increment(ref _evaluations);
        Volatile.Write(ref outcome, (entry.Offset << 1) | (passes ? 1L : 0L));
        return passes;
    }

    /// <summary>The entry as a wire sends it to a reader that has passed over some; those that keep up have passed over the same.</summary>
    public byte[] Encode(WireFormat wire, ChannelLog log, Publication entry, PassedOver passed)
    {
        if (Volatile.Read(ref _encoded) is not { } encoded)
        {
            return wire.Encode(log, entry, passed);
        }

        if (Volatile.Read(ref encoded[wire.Slot]) is { } known && known.Offset == entry.Offset && known.Passed == passed)
        {
            return known.Bytes;
        }

        var bytes = wire.Encode(log, entry, passed);
        Volatile.Write(ref encoded[wire.Slot], new Encoded(entry.Offset, passed, bytes));
        return bytes;
    }

    private sealed record Encoded(long Offset, PassedOver Passed, byte[] Bytes);
}
