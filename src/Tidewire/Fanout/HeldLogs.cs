namespace Tidewire.Fanout;

/// <summary>
/// Logs with one subscription more than there are readers, each for some time after its last reader that comes and goes
/// has left. Bounded: beyond, the one that was left longest ago goes first. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="release">Counts a subscription of a log out.</param>
internal sealed class HeldLogs(TimeProvider time, Action<ChannelLog> release)
{
    /// <summary>How many at once: an empty log takes about a kilobyte.</summary>
    public const int Most = 1024;

    /// <summary>Long enough for a reader that asks every few seconds, or that waits before it connects again.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelLog, long> _leftAt = [];

    /// <summary>Holds a log from now on, or for longer.</summary>
    /// <param name="log">A log that the caller has a subscription in.</param>
    public void Hold(ChannelLog log)
    {
        ChannelLog? first = null;
        lock (_gate)
        {
            if (!_leftAt.ContainsKey(log))
            {
                if (!log.TryReserve())
                {
                    return;
                }

                if (_leftAt.Count == Most)
                {
                    first = _leftAt.MinBy(static held => held.Value).Key;
                    _leftAt.Remove(first);
                }
            }

            _leftAt[log] = time.GetTimestamp();
        }

        if (first is not null)
        {
            release(first);
        }
    }

    /// <summary>Lets go of those whose time is over.</summary>
    public void Sweep(long now)
    {
        List<ChannelLog>? over = null;
        lock (_gate)
        {
            foreach (var (log, leftAt) in _leftAt)
            {
                if (time.GetElapsedTime(leftAt, now) >= Lasts)
                {
                    (over ??= []).Add(log);
                }
            }

            over?.ForEach(log => _leftAt.Remove(log));
        }

        over?.ForEach(release);
    }
}
