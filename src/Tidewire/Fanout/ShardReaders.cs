using System.Runtime.InteropServices;

namespace Tidewire.Fanout;

/// <summary>The subscriptions of one channel on one shard, and whether the shard has been told of something new.</summary>
internal sealed class ShardReaders
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _readers = [];
    private int _count;
    private int _told;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>True for the first to call it since <see cref="WakeAll"/> began: that one tells the shard.</summary>
    public bool TryTell() => Interlocked.Exchange(ref _told, 1) == 0;

    public void Add(Subscription reader)
    {
        lock (_gate)
        {
            reader.Place = _readers.Count;
            _readers.Add(reader);
            _count = _readers.Count;
        }
    }

    public void Remove(Subscription reader)
    {
        lock (_gate)
        {
            if (reader.Place < 0)
            {
                return;
            }

            var last = _readers[^1];
            _readers[reader.Place] = last;
            last.Place = reader.Place;
            _readers.RemoveAt(_readers.Count - 1);
            reader.Place = -1;
            _count = _readers.Count;
        }
    }

    /// <summary>Adds the connections of all readers to a list.</summary>
    public void CopyConnections(List<Connection> into)
    {
        lock (_gate)
        {
            into.AddRange(_readers.Select(static reader => reader.Connection));
        }
    }

    /// <summary>Marks every reader as having something to read, and collects the connections that were at rest.</summary>
    public void WakeAll(List<Connection> ready)
    {
        Interlocked.Exchange(ref _told, 0); // before looking: an append from here on tells again
        lock (_gate)
        {
            foreach (var reader in CollectionsMarshal.AsSpan(_readers))
            {
                if (reader.Connection.MarkReady(reader))
                {
                    ready.Add(reader.Connection);
                }
            }
        }
    }
}
