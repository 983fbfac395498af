namespace Tidewire.Simulation;

/// <summary>
/// Decides when an alert is published: 5 to 16 s after its last trade, as measured on the provider, so that alerts come
/// out of order of execution.
/// </summary>
internal sealed class AlertDelay(SeededRandom random)
{
    private const double LeastSeconds = 5.05;
    private const double MostSeconds = 15.9;
    private const int Candidates = 8;
    private const int CrowdedAt = 64;

    private readonly List<long> _due = [];

    /// <summary>Draws when an alert is due, in ticks.</summary>
    /// <remarks>
    /// Of several times it takes the one furthest from those of other alerts, so that a calm tape moves evenly: purely
    /// random times leave silences of several seconds. Above some number of waiting alerts it no longer matters.
    /// </remarks>
    public long Due(long ended)
    {
        var best = Draw(ended);
        var room = Room(best);
        for (var count = 1; count < Candidates && _due.Count < CrowdedAt; count++)
        {
            var other = Draw(ended);
            if (Room(other) > room)
            {
                (best, room) = (other, Room(other));
            }
        }

        if (_due.Count < CrowdedAt)
        {
            _due.Add(best);
        }

        return best;
    }

    /// <summary>Forgets what was due up to a time.</summary>
    public void Passed(long now) => _due.RemoveAll(due => due <= now);

    private long Draw(long ended) => ended + SimulatedClock.Seconds(random.Between(LeastSeconds, MostSeconds));

    private long Room(long due)
    {
        var room = long.MaxValue;
        foreach (var other in _due)
        {
            room = Math.Min(room, Math.Abs(due - other));
        }

        return room;
    }
}
