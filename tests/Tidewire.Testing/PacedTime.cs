namespace Tidewire.Testing;

/// <summary>
/// The system's clock with another date and another pace: for what depends on the market's hours, and for what would take
/// long and has real sockets in it, which no clock of ours can hold still.
/// </summary>
/// <param name="start">What it shows when it is made.</param>
/// <param name="pace">How much faster it goes than the system's, from 1.</param>
public sealed class PacedTime(DateTimeOffset start, int pace = 1) : TimeProvider
{
    private readonly long _began = System.GetTimestamp();

    /// <summary>10:00 in New York on an ordinary Wednesday.</summary>
    public static DateTimeOffset InSession { get; } = new(2026, 11, 18, 15, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => System.TimestampFrequency / pace;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start.ToUniversalTime() + GetElapsedTime(_began);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => new PacedTimer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan span) => span <= TimeSpan.Zero ? span : span / pace;

    private sealed class PacedTimer(ITimer timer, PacedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Real(dueTime), time.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
