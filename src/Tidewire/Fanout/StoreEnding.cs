namespace Tidewire.Fanout;

/// <summary>
/// How long the end may still wait for a store whose disk does not answer: one limit for all that has to end. What does
/// not end in time is left alone, and goes when the disk answers or with the process.
/// </summary>
/// <param name="limit">All in all.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreEnding(TimeSpan limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private TimeSpan _left = limit;

    /// <summary>Waits for a thread to end. False when it did not in time.</summary>
    public bool Join(Thread thread)
    {
        lock (_gate)
        {
            var began = time.GetTimestamp();
            var hasEnded = thread.Join(_left);
            var left = _left - time.GetElapsedTime(began);
            _left = hasEnded && left > TimeSpan.Zero ? left : TimeSpan.Zero;
            return hasEnded;
        }
    }

    /// <summary>Runs what may wait for the disk, and waits for it as long as there is time.</summary>
    /// <param name="last">What to run.</param>
    /// <param name="name">The name of its thread.</param>
    public void Run(Action last, string name)
    {
        var thread = new Thread(last.Invoke) { IsBackground = true, Name = name };
        thread.Start();
        Join(thread);
    }
}
