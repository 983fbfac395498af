using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Client.Subscriptions;

/// <summary>What waits for a reader, oldest first. What only says that time passed is put together, so that a reader that is away costs no memory. Not thread-safe.</summary>
internal sealed class EntryQueue
{
    private readonly LinkedList<Entry> _entries = [];

    public int Count => _entries.Count;

    public void Add(Entry entry)
    {
        switch (entry)
        {
            case Advanced next when _entries.Last?.Value is Advanced last && last.Position.Epoch == next.Position.Epoch:
                _entries.Last.Value = next with { Merged = last.Merged + next.Merged, Filtered = last.Filtered + next.Filtered };
                break;
            case Subscribed { IsRecovered: true } when _entries.Last?.Value is Subscribed { IsRecovered: true }:
                _entries.Last.Value = entry;
                break;
            default:
                _entries.AddLast(entry);
                break;
        }
    }

    public bool TryTake([NotNullWhen(true)] out Entry? entry)
    {
        entry = _entries.First?.Value;
        if (entry is null)
        {
            return false;
        }

        _entries.RemoveFirst();
        return true;
    }

    /// <summary>Keeps the newest publication of each key. What goes is counted in what follows it, so that the rule of offsets still holds.</summary>
    /// <param name="keyOf">What names the state that a publication replaces; null for one that replaces none.</param>
    public void Conflate(Func<Publication, string?> keyOf)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var node = _entries.Last; node is not null;)
        {
            var (before, next) = (node.Previous, node.Next);
            var key = node.Value is Publication { IsHistory: false } publication ? keyOf(publication) : null;
            var isOld = key is not null && !seen.Add(key);
            if (next is not null && (isOld || node.Value is Advanced) && Counting(next.Value, node.Value) is { } counting)
            {
                next.Value = counting;
                _entries.Remove(node);
            }

            node = before;
        }
    }

    /// <summary>An entry that also counts what goes in front of it; null when it is none that counts.</summary>
    private static Entry? Counting(Entry entry, Entry gone)
    {
        var (merged, filtered) = gone switch
        {
            Publication publication => (publication.Merged + 1, publication.Filtered),
            Advanced advanced => (advanced.Merged, advanced.Filtered),
            _ => default,
        };
        return entry switch
        {
            Publication { IsHistory: false } publication => publication with { Merged = publication.Merged + merged, Filtered = publication.Filtered + filtered },
            Gap gap => gap with { Merged = gap.Merged + merged, Filtered = gap.Filtered + filtered },
            Advanced advanced => advanced with { Merged = advanced.Merged + merged, Filtered = advanced.Filtered + filtered },
            _ => null,
        };
    }
}
