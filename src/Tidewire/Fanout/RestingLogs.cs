namespace Tidewire.Fanout;

/// <summary>The channels that the store keeps and that have no log now: what is to be known of each. Guarded by its hub.</summary>
internal sealed class RestingLogs
{
    /// <summary>Channels without a log on which nothing was ever published, of which it is known for a while that they were left.</summary>
    private const int MostUnheard = 4096;

    private readonly Dictionary<string, RestingLog> _resting = new(StringComparer.Ordinal);
    private readonly ILogStore _store;
    private readonly DateTimeOffset _startedAt;
    private int _unheard;
    private bool _hasForgotten;

    /// <summary>Those that the store was found with.</summary>
    /// <param name="store">The store.</param>
    /// <param name="startedAt">When the hub was made.</param>
    public RestingLogs(ILogStore store, DateTimeOffset startedAt)
    {
        (_store, _startedAt) = (store, startedAt);
        foreach (var stored in store.Channels)
        {
            _resting[stored.Channel] = RestingLog.Of(stored, store.WasClosed, startedAt);
        }
    }

    /// <summary>Whether something was ever published on a channel that rests.</summary>
    public bool HasPast(string key) => _resting.TryGetValue(key, out var resting) && resting is { Tail: > 0, IsUnheard: false };

    /// <summary>The newest offset of each.</summary>
    /// <param name="isAwake">Whether a channel has a log after all: its own says more.</param>
    /// <param name="now">The time.</param>
    public IEnumerable<OffsetReservation> Tails(Func<string, bool> isAwake, DateTimeOffset now)
        => _resting.Where(entry => !isAwake(entry.Key))
            .Select(entry => new OffsetReservation(entry.Key, entry.Value.Tail, entry.Value.Interrupted?.Since ?? entry.Value.RestsSince ?? now));

    /// <summary>What is known of a channel that gets a log.</summary>
    public RestingLog Take(string key)
    {
        if (_resting.Remove(key, out var resting))
        {
            _unheard -= resting.IsUnheard ? 1 : 0;
            return resting;
        }

        resting = RestingLog.New(_store.FormerLives);
        return _hasForgotten ? resting with { Interrupted = new Interruption(_startedAt, GapReason.NotJoined), ResumesWithData = true } : resting;
    }

    /// <summary>Keeps what is to be known of a channel whose log goes.</summary>
    /// <param name="log">The log.</param>
    /// <param name="lost">When offsets were given out in it that will never be shown; null when none were.</param>
    public void Add(ChannelLog log, DateTimeOffset? lost = null)
    {
        var resting = _resting[log.Key] = new RestingLog(log.NextAssigned - 1, log.Stored!, log.Interrupted, lost, RestsSince: null, log.ResumesWithData);
        if (resting.IsUnheard && ++_unheard > MostUnheard)
        {
            // Names that strangers made up are many. Of one that is asked for again, something may be missing from the start.
            foreach (var (key, _) in _resting.Where(static entry => entry.Value.IsUnheard).ToArray())
            {
                _resting.Remove(key);
            }

            _unheard = 0;
            _hasForgotten = true;
        }
    }
}
