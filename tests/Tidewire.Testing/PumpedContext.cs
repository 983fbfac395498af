using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Testing;

/// <summary>
/// Runs what asynchronous code goes on with on the thread that pumps, one after the other: with a
/// <see cref="FakeTimeProvider"/>, hours pass in seconds and the same way each time.
/// </summary>
public sealed class PumpedContext : SynchronizationContext, IDisposable
{
    /// <summary>How often the pool is passed through before it counts as at rest.</summary>
    private const int Passes = 3;

    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly ManualResetEventSlim _passed = new(initialState: false);

    /// <inheritdoc/>
    [SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "The base calls it d.")]
    public override void Post(SendOrPostCallback callback, object? state)
    {
        lock (_gate)
        {
            _posted.Enqueue((callback, state));
        }

        _arrived.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arrived.Dispose();
        _passed.Dispose();
    }

    /// <summary>
    /// Runs until nothing is posted any more, also by what went to the thread pool meanwhile: a semaphore's waiters pass
    /// through it on their way back. Sure to see them only where no other test runs at the same time.
    /// </summary>
    /// <param name="isQuick">Does not wait for the pool unless something was posted: what arrives late runs the next time.</param>
    public void Run(bool isQuick = false)
    {
        for (var passes = isQuick ? Passes : 0; passes <= Passes; passes++)
        {
            while (TryTake(out var next))
            {
                passes = 0;
                In(() =>
                {
                    next.Callback(next.State);
                    return 0;
                });
            }

            if (passes < Passes)
            {
                // In the queue behind whatever is on its way.
                _passed.Reset();
                ThreadPool.UnsafeQueueUserWorkItem(static passed => passed.Set(), _passed, preferLocal: false);
                _passed.Wait();
            }
        }
    }

    /// <summary>Runs until something holds that other threads have a hand in.</summary>
    /// <param name="holds">What is waited for.</param>
    /// <param name="what">Its name, for a failure.</param>
    public void RunUntil(Func<bool> holds, string what)
    {
        ArgumentNullException.ThrowIfNull(holds);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Run();
            if (holds())
            {
                Run();
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > TestBound.Value)
            {
                throw TestBound.Exceeded(TestBound.Value, what);
            }

            _arrived.WaitOne(1);
        }
    }

    /// <summary>Begins something whose continuations come back here.</summary>
    /// <param name="begin">What to begin.</param>
    public T In<T>(Func<T> begin) => With(this, begin);

    /// <summary>Does something outside of any context, as a timer's thread would: what waits for no context goes on within it.</summary>
    /// <param name="action">What to do.</param>
    public static void Outside(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        With(null, () =>
        {
            action();
            return 0;
        });
    }

    private static T With<T>(SynchronizationContext? context, Func<T> begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        var before = Current;
        SetSynchronizationContext(context);
        try
        {
            return begin();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_gate)
        {
            return _posted.TryDequeue(out next);
        }
    }
}
