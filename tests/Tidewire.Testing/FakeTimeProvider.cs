namespace Tidewire.Testing;

/// <summary>
/// A clock that stands still until the test moves it. Works wherever a <see cref="TimeProvider"/> does: Task.Delay,
/// PeriodicTimer, CancellationTokenSource. Thread-safe.
/// </summary>
/// <remarks>
/// <see cref="Advance"/> fires due timers on the caller's thread, in due order, each at its own time. Code behind
/// Task.Delay goes on inside the call; code behind a PeriodicTimer goes on on the thread pool, so await a signal of that
/// code, or <see cref="WaitForTimersAsync"/>, before advancing again. A timer that is due at once fires on the thread
/// pool without any advance, as a real one would.
/// </remarks>
public sealed class FakeTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly Lock _advancing = new();
    private readonly SortedSet<FakeTimer> _pending = new(Comparer<FakeTimer>.Create(FakeTimer.ByDue));
    private readonly Pulse _changed = new();
    private DateTimeOffset _origin = start.ToUniversalTime();
    private TimeSpan _elapsed;
    private long _scheduled;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>When the next timer is due; null when nothing waits.</summary>
    public DateTimeOffset? NextTimer
    {
        get
        {
            lock (_gate)
            {
                return _pending.Min is { } next ? _origin + next.Due : null;
            }
        }
    }

    /// <summary>How many timers wait to fire.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _origin + _elapsed;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsed.Ticks;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on by <paramref name="by"/>, stopping at each timer on the way to fire it.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_advancing)
        {
            TimeSpan target;
            lock (_gate)
            {
                target = _elapsed + by;
            }

            while (TakeDue(target) is { } timer)
            {
                timer.Fire();
            }
        }
    }

    /// <summary>Moves the wall clock only, forwards or backwards, as a time server would: timers and timestamps do not notice.</summary>
    public void StepWallClock(TimeSpan by)
    {
        lock (_gate)
        {
            _origin += by;
        }
    }

    /// <summary>Waits until at least <paramref name="count"/> timers wait to fire: the code under test is parked on them.</summary>
    public Task WaitForTimersAsync(int count, TimeSpan? bound = null) =>
        _changed.UntilAsync(() => PendingTimers >= count, () => $"{count} pending timers (there are {PendingTimers})", bound ?? DefaultBound);

    /// <summary>Waits until a timer is due within <paramref name="within"/> from now, for code that has slower timers running besides.</summary>
    public Task WaitForTimerWithinAsync(TimeSpan within, TimeSpan? bound = null) =>
        _changed.UntilAsync(
            () => NextTimer is { } due && due - GetUtcNow() <= within,
            () => $"a timer due within {within} (the next is due at {NextTimer?.ToString("O") ?? "never"}, it is {GetUtcNow():O})",
            bound ?? DefaultBound);

    /// <summary>Waits until any timer is pending, then advances to it. Returns how far the clock moved.</summary>
    public async Task<TimeSpan> AdvanceToNextTimerAsync(TimeSpan? bound = null)
    {
        while (true)
        {
            await WaitForTimersAsync(1, bound);
            TimeSpan? distance;
            lock (_gate)
            {
                distance = _pending.Min?.Due - _elapsed;
            }

            if (distance is { } by)
            {
                Advance(by);
                return by;
            }
        }
    }

    private static TimeSpan DefaultBound => TestBound.Value < TimeSpan.FromSeconds(10) ? TestBound.Value : TimeSpan.FromSeconds(10);

    /// <summary>Moves to the next timer due by the target and hands it out; moves to the target when there is none.</summary>
    private FakeTimer? TakeDue(TimeSpan target)
    {
        lock (_gate)
        {
            if (_pending.Min is { } next && next.Due <= target)
            {
                _pending.Remove(next);
                _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
                if (next.Period > TimeSpan.Zero)
                {
                    ScheduleLocked(next, next.Due + next.Period);
                }

                return next;
            }

            _elapsed = target > _elapsed ? target : _elapsed;
            return null;
        }
    }

    private bool Change(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (timer.Disposed)
            {
                return false;
            }

            _pending.Remove(timer);
            timer.Period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                ScheduleLocked(timer, _elapsed + dueTime);
            }
        }

        _changed.Beat();
        if (dueTime == TimeSpan.Zero)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static time => time.Advance(TimeSpan.Zero), this, preferLocal: false);
        }

        return true;
    }

    private void Drop(FakeTimer timer)
    {
        lock (_gate)
        {
            timer.Disposed = true;
            _pending.Remove(timer);
        }

        _changed.Beat();
    }

    private void ScheduleLocked(FakeTimer timer, TimeSpan due)
    {
        timer.Due = due;
        timer.Order = ++_scheduled;
        _pending.Add(timer);
    }

    private sealed class FakeTimer(FakeTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; set; }

        public long Order { get; set; }

        public bool Disposed { get; set; }

        public static int ByDue(FakeTimer left, FakeTimer right) =>
            left.Due != right.Due ? left.Due.CompareTo(right.Due) : left.Order.CompareTo(right.Order);

        public bool Change(TimeSpan dueTime, TimeSpan period) => time.Change(this, dueTime, period);

        public void Fire()
        {
            if (!Disposed)
            {
                callback(state);
            }
        }

        public void Dispose() => time.Drop(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
