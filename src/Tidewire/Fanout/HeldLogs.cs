namespace Tidewire.Fanout;

/// <summary>
/// Logs that are held for some time after a reader has left that may be back. Bounded: beyond, the one that was left
/// longest ago goes first. Thread-safe; however many leave at once, each costs the same.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="take">Takes hold of a log; false when it is out of use.</param>
/// <param name="release">Lets go of it.</param>
internal sealed class HeldLogs(TimeProvider time, Func<ChannelLog, bool> take, Action<ChannelLog> release)
{
    /// <summary>How many at once: an empty log takes about a kilobyte.</summary>
    public const int Most = 1024;

    /// <summary>Long enough for a reader that asks every few seconds, or that waits before it connects again.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelLog, LinkedListNode<Held>> _places = [];
    private readonly LinkedList<Held> _leftLongestAgoFirst = new();

    /// <summary>Holds a log from now on, or for longer.</summary>
    /// <param name="log">A log that the caller has a subscription in.</param>
    public void Hold(ChannelLog log)
    {
        ChannelLog? first = null;
        lock (_gate)
        {
            if (_places.TryGetValue(log, out var place))
            {
                _leftLongestAgoFirst.Remove(place);
            }
            else
            {
                if (!take(log))
                {
                    return;
                }

                if (_places.Count == Most)
                {
                    first = RemoveFirstLocked();
                }

                place = new LinkedListNode<Held>(default);
                _places.Add(log, place);
            }

            place.Value = new Held(log, time.GetTimestamp());
            _leftLongestAgoFirst.AddLast(place);
        }

        if (first is not null)
        {
            release(first);
        }
    }

    /// <summary>Lets go of those whose time is over; of one after the other, so that a fault in it keeps no other.</summary>
    public void Sweep(long now)
    {
        while (TakeOver(now) is { } log)
        {
            release(log);
        }
    }

    private ChannelLog? TakeOver(long now)
    {
        lock (_gate)
        {
            return _leftLongestAgoFirst.First is { } first && time.GetElapsedTime(first.Value.LeftAt, now) >= Lasts ? RemoveFirstLocked() : null;
        }
    }

    private ChannelLog RemoveFirstLocked()
    {
        var log = _leftLongestAgoFirst.First!.Value.Log;
        _leftLongestAgoFirst.RemoveFirst();
        _places.Remove(log);
        return log;
    }

    private readonly record struct Held(ChannelLog Log, long LeftAt);
}
