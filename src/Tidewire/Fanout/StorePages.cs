namespace Tidewire.Fanout;

/// <summary>
/// Entries that have left memory, read from the store a page at a time, by the reader's thread alone. A page is read once
/// for all who ask for it: they share its entries and their encodings. Bounded; the page that was asked for longest ago
/// goes first. Any thread looks at what is at hand.
/// </summary>
internal sealed class StorePages
{
    private readonly object _gate = new();
    private readonly Dictionary<(string Channel, long Floor), LinkedListNode<StorePage>> _pages = [];
    private readonly LinkedList<StorePage> _askedLongestAgoFirst = new();
    private readonly ILogStore _store;
    private readonly PastReader _reader;
    private readonly GroupCommit _commit;
    private readonly MemoryBudget _budget;
    private readonly long _limit;
    private long _bytes;

    public StorePages(ILogStore store, PastReader reader, GroupCommit commit, MemoryBudget budget)
    {
        (_store, _reader, _commit, _budget) = (store, reader, commit, budget);
        _limit = budget.Limit / 8;
    }

    /// <summary>Pages read from the store since the start.</summary>
    public long Reads { get; private set; }

    /// <summary>The page that says what follows from an offset on, if it is at hand.</summary>
    public StorePage? TryGet(ChannelLog log, long from)
    {
        lock (_gate)
        {
            return GetLocked(log, from);
        }
    }

    /// <summary>The page that says what follows from an offset on; reads it now when it is not at hand: for the reader's thread alone.</summary>
    /// <exception cref="LogStoreException">The disk refused.</exception>
    public StorePage Get(ChannelLog log, long from)
    {
        while (true)
        {
            StorePage page;
            lock (_gate)
            {
                if (GetLocked(log, from) is { } known)
                {
                    return known;
                }

                page = AddLocked(log, from);
            }

            Load(page);
            if (from <= page.Through || !page.IsFull)
            {
                return page;
            }
        }
    }

    /// <summary>
    /// Has a page read for a subscription, which goes on when it is there, or is closed when the disk refuses or stands still.
    /// </summary>
    public void LoadFor(ChannelLog log, Subscription subscription) => _reader.Ask(
        () =>
        {
            if (!subscription.HasEnded)
            {
                Get(log, subscription.Cursor + 1);
                subscription.Connection.GoOn(subscription);
            }
        },
        subscription.Connection.PastFailed);

    private StorePage? GetLocked(ChannelLog log, long from)
    {
        if (!_pages.TryGetValue((log.Key, FloorLocked(log.Key, from)), out var node) || from > node.Value.Through)
        {
            return null;
        }

        var page = node.Value;
        if (!page.IsFull && page.Last < from && page.Through < log.First - 1)
        {
            return null; // where it ended then more follows now, such as the gap that stands for what was lost
        }

        _askedLongestAgoFirst.Remove(node);
        _askedLongestAgoFirst.AddLast(node);
        return node.Value;
    }

    /// <summary>Where the page begins that speaks of an offset: entries of many bytes share one beginning among several pages.</summary>
    private long FloorLocked(string channel, long from)
    {
        var floor = from / StorePage.Length * StorePage.Length;
        while (_pages.TryGetValue((channel, floor), out var node) && node.Value.IsFull && node.Value.Through < from)
        {
            floor = node.Value.Through + 1;
        }

        return floor;
    }

    private StorePage AddLocked(ChannelLog log, long from)
    {
        var key = (log.Key, FloorLocked(log.Key, from));
        if (_pages.TryGetValue(key, out var former))
        {
            RemoveLocked(former); // it ended where the log did then
        }

        var page = new StorePage(log, key.Item2);
        _pages.Add(key, _askedLongestAgoFirst.AddLast(page));
        return page;
    }

    private void Load(StorePage page)
    {
        try
        {
            var log = page.Log;
            var first = log.First;
            var through = first - 1;
            if (log.Stored is { UnstoredFrom: 0 } stored && stored.Committed < through && !_commit.WaitCommitted(stored, through))
            {
                through = stored.Committed; // shown at once and kept behind, out of memory already, and still on its way
            }

            var entries = _store.Read(log.Key, page.Floor, long.MaxValue, StorePage.Length, StorePage.MaxBytes);
            var isFull = entries.Count == StorePage.Length || entries.Sum(static entry => (long)entry.Received.Length) >= StorePage.MaxBytes;
            var last = entries.Count > 0 ? entries[^1].Offset : 0;
            Keep(page, entries);
            page.Load(new LoadedPage(entries, isFull ? last : Math.Max(last, through), isFull));
        }
        catch
        {
            lock (_gate)
            {
                RemoveLocked(_pages[(page.Log.Key, page.Floor)]); // the next to ask tries anew
            }

            throw;
        }
    }

    /// <summary>Counts a page's bytes, and lets go of those beyond the bound.</summary>
    private void Keep(StorePage page, IReadOnlyList<Publication> entries)
    {
        lock (_gate)
        {
            Reads++;
            page.Bytes = entries.Sum(entry => (long)entry.TakenBy(_budget, inPage: true));
            _bytes += page.Bytes;
            _budget.Add(page.Bytes);
            while (_bytes > _limit && _askedLongestAgoFirst.First is { } oldest && oldest.Value != page)
            {
                RemoveLocked(oldest);
            }
        }
    }

    private void RemoveLocked(LinkedListNode<StorePage> node)
    {
        var page = node.Value;
        _pages.Remove((page.Log.Key, page.Floor));
        _askedLongestAgoFirst.Remove(node);
        _bytes -= page.Bytes;
        _budget.Add(-page.Bytes);
        page.Bytes = 0;
        page.Release();
    }
}
