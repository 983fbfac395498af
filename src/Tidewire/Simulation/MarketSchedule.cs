namespace Tidewire.Simulation;

/// <summary>The market's time, its pace, and what is due in it.</summary>
internal sealed class MarketSchedule(double rate, long start)
{
    /// <summary>What is due.</summary>
    public Agenda Agenda { get; } = new();

    /// <summary>The time up to which everything has happened, in ticks.</summary>
    public long Now { get; set; } = start;

    /// <summary>The time in milliseconds since the Unix epoch.</summary>
    public long Milliseconds => SimulatedClock.ToUnixMilliseconds(Now);

    /// <summary>Multiplies how often things happen.</summary>
    public double Rate { get; set; } = rate;

    /// <summary>Plans something some seconds ahead.</summary>
    public void After(double seconds, OccurrenceKind kind, object? subject = null) =>
        Agenda.Add(Now + SimulatedClock.Seconds(seconds), new(kind, subject));

    /// <summary>Plans something for the next whole multiple of a length, in milliseconds since the Unix epoch.</summary>
    /// <param name="length">The length in milliseconds.</param>
    /// <param name="kind">What is due.</param>
    /// <param name="delay">How much after, in milliseconds; less than the length.</param>
    /// <param name="subject">What it is about.</param>
    public void AtNext(long length, OccurrenceKind kind, long delay = 0, object? subject = null)
    {
        var ended = (Milliseconds - delay) / length * length;
        Agenda.Add(SimulatedClock.FromUnixMilliseconds(ended + length + delay), new(kind, subject));
    }
}
