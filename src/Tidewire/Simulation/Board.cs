namespace Tidewire.Simulation;

/// <summary>Rows that are published by the clock, as they then are, while someone asks for them.</summary>
/// <param name="schedule">The market's time.</param>
/// <param name="feed">What must be asked for.</param>
/// <param name="length">From one time to the next, in milliseconds.</param>
internal abstract class Board(MarketSchedule schedule, SimulatedFeed feed, long length)
{
    private int _watchers;

    /// <summary>The market's time in ticks.</summary>
    protected long Now => schedule.Now;

    /// <summary>When the span ended that is published now, in milliseconds since the Unix epoch.</summary>
    protected long Ended => schedule.Milliseconds / length * length;

    /// <summary>Plans the next time.</summary>
    public void Plan() => schedule.AtNext(length, OccurrenceKind.Board, subject: this);

    /// <summary>Counts someone who asks for a feed in (1) or out (-1).</summary>
    public void Count(SimulatedFeed asked, int change) => _watchers += asked == feed ? change : 0;

    /// <summary>Publishes the rows.</summary>
    public void Publish(IMarketTape tape)
    {
        if (_watchers > 0)
        {
            Write(tape);
        }

        Plan();
    }

    private protected abstract void Write(IMarketTape tape);
}
