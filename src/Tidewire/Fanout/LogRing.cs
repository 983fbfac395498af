using System.Diagnostics;

namespace Tidewire.Fanout;

/// <summary>The entries of a log that are in memory, by offset, without a hole. Guarded by its log, except <see cref="Next"/>.</summary>
/// <param name="first">The offset of the first entry that is to come.</param>
/// <param name="budget">Where entries are counted.</param>
internal sealed class LogRing(long first, MemoryBudget budget)
{
    private Publication?[] _ring = new Publication?[16];
    private long _next = first;

    /// <summary>The oldest offset; that of the next entry when there is none.</summary>
    public long First { get; private set; } = first;

    /// <summary>The offset after the newest. Read by any thread.</summary>
    public long Next => Volatile.Read(ref _next);

    public long Count => _next - First;

    public Publication At(long offset) => _ring[offset & (_ring.Length - 1)]!;

    public void Add(Publication publication)
    {
        Debug.Assert(publication.Offset == _next, "Entries are shown in the order in which they were given their offsets.");
        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[_next & (_ring.Length - 1)] = publication;
        Volatile.Write(ref _next, _next + 1);
        budget.Add(publication.TakenBy(budget));
    }

    /// <summary>Lets go of the oldest entry.</summary>
    public Publication DropFirst()
    {
        ref var place = ref _ring[First & (_ring.Length - 1)];
        var oldest = place!;
        place = null;
        budget.Add(-oldest.Evicted());
        First++;
        return oldest;
    }

    private void Grow()
    {
        var larger = new Publication?[_ring.Length * 2];
        for (var offset = First; offset < _next; offset++)
        {
            larger[offset & (larger.Length - 1)] = At(offset);
        }

        _ring = larger;
    }
}
