namespace Tidewire.Testing;

/// <summary>
/// Lets a test wait for a condition without polling: whoever changes the state beats the pulse, and each beat makes the
/// waiting test look again. Thread-safe.
/// </summary>
public sealed class Pulse
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;

    /// <summary>Tells the waiters that something changed. Call it after the change is visible.</summary>
    public void Beat()
    {
        TaskCompletionSource? beaten;
        lock (_gate)
        {
            (beaten, _next) = (_next, null);
        }

        beaten?.TrySetResult();
    }

    /// <summary>Waits until <paramref name="holds"/> is true, at most for the bound.</summary>
    /// <param name="holds">The condition; called again after each beat, from any thread.</param>
    /// <param name="what">What is waited for, with the state that was found instead; read only on failure.</param>
    /// <param name="bound">Default <see cref="TestBound.Value"/>.</param>
    /// <exception cref="TimeoutException">The bound was reached.</exception>
    public async Task UntilAsync(Func<bool> holds, Func<string> what, TimeSpan? bound = null)
    {
        var limit = bound ?? TestBound.Value;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Task beat;
            lock (_gate)
            {
                beat = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            // Looked at after registering for the beat: a change in between is seen here or beats.
            if (holds())
            {
                return;
            }

            var left = limit - TimeProvider.System.GetElapsedTime(started);
            try
            {
                await beat.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (TimeoutException)
            {
                throw TestBound.Exceeded(limit, what());
            }
        }
    }
}
