namespace Tidewire.Fanout;

/// <summary>What the store holds of a channel from an offset on: whole, unless the log ended there when it was read.</summary>
/// <param name="log">The channel.</param>
/// <param name="floor">The first offset that it speaks of.</param>
internal sealed class StorePage(ChannelLog log, long floor)
{
    /// <summary>Entries of a page at most; pages begin at multiples of it, so that readers of one span share them wherever each begins.</summary>
    public const int Length = 256;

    /// <summary>Bytes of a page at most, unless a single entry is larger.</summary>
    public const int MaxBytes = 1 << 20;

    private IReadOnlyList<Publication> _entries = [];
    private long _through = -1;

    public ChannelLog Log => log;

    public long Floor => floor;

    /// <summary>It says everything there is up to this offset; below its floor until it is loaded.</summary>
    public long Through => Volatile.Read(ref _through);

    public bool IsLoaded => Through >= 0;

    /// <summary>Whether it is full: what follows stands in the next one. Otherwise the log ended there when it was read.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The offset of its newest entry; 0 when it has none.</summary>
    public long Last => _entries.Count > 0 ? _entries[^1].Offset : 0;

    /// <summary>Bytes counted for it; guarded by its owner.</summary>
    public long Bytes { get; set; }

    /// <summary>Takes in what was read.</summary>
    public void Load(LoadedPage loaded)
    {
        _entries = loaded.Entries;
        IsFull = loaded.IsFull;
        Volatile.Write(ref _through, Math.Max(0, loaded.Through)); // last: who sees it sees the rest
    }

    /// <summary>Copies entries from an offset on; none when the store has none from there on, as far as the page speaks.</summary>
    public int Read(long from, Span<Publication> into)
    {
        var entries = _entries;
        var low = 0;
        var high = entries.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Offset < from)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        var count = Math.Min(into.Length, entries.Count - low);
        for (var i = 0; i < count; i++)
        {
            into[i] = entries[low + i];
        }

        return count;
    }

    /// <summary>Lets go of the encodings; a reader that still holds an entry may encode it, but nothing is kept or counted.</summary>
    public void Release()
    {
        foreach (var entry in _entries)
        {
            entry.Evicted();
        }
    }
}

/// <summary>What was read for a page.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Through">The offset up to which they are all there is.</param>
/// <param name="IsFull">Whether no more were asked for.</param>
internal readonly record struct LoadedPage(IReadOnlyList<Publication> Entries, long Through, bool IsFull);
