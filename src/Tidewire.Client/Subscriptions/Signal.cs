namespace Tidewire.Client.Subscriptions;

/// <summary>Wakes whoever waits for a condition when somebody says that it may have changed. Thread-safe.</summary>
internal sealed class Signal
{
    private readonly Lock _waiting = new();
    private TaskCompletionSource? _next;

    /// <summary>Call it after the change is visible.</summary>
    public void Set()
    {
        TaskCompletionSource? woken;
        lock (_waiting)
        {
            (woken, _next) = (_next, null);
        }

        woken?.TrySetResult();
    }

    /// <summary>A task that completes at the next <see cref="Set"/>.</summary>
    public Task NextAsync()
    {
        lock (_waiting)
        {
            return (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="holds">The condition, looked at under the lock.</param>
    /// <param name="gate">The lock of what it looks at.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task UntilAsync(Func<bool> holds, Lock gate, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (gate)
            {
                if (holds())
                {
                    return;
                }
            }

            var next = NextAsync();
            lock (gate)
            {
                if (holds())
                {
                    return; // it changed between the look and the waiting
                }
            }

            await next.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }
}
