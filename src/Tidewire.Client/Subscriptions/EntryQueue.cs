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
}
