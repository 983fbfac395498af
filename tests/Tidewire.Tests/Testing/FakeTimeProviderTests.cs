using Tidewire.Testing;

namespace Tidewire.Tests.Testing;

public sealed class FakeTimeProviderTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public void A_delay_ends_when_the_clock_reaches_it_and_not_before()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(5), _time);

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(delay.IsCompleted);

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(delay.IsCompletedSuccessfully);
    }

    [Fact]
    public void Timers_fire_in_due_order_each_at_its_own_time()
    {
        var fired = new List<(string Name, DateTimeOffset At)>();
        using var late = Timer("late", 3, 0);
        using var often = Timer("often", 1, 2);
        using var early = Timer("early", 2, 0);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(
            [("often", At(1)), ("early", At(2)), ("late", At(3)), ("often", At(3)), ("often", At(5))],
            fired);
        Assert.Equal(At(5), _time.GetUtcNow());
        Assert.Equal(At(7), _time.NextTimer);

        ITimer Timer(string name, int due, int period) => _time.CreateTimer(
            _ => fired.Add((name, _time.GetUtcNow())),
            null,
            TimeSpan.FromSeconds(due),
            period == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(period));
    }

    [Fact]
    public void A_timer_that_was_changed_or_disposed_does_not_fire_at_its_old_time()
    {
        var fired = 0;
        var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        Assert.True(timer.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, fired);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, fired);

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, fired);
        Assert.False(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
        Assert.Null(_time.NextTimer);
    }

    [Fact]
    public async Task A_periodic_timer_ticks_once_per_period()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2), _time);

        for (var tick = 0; tick < 3; tick++)
        {
            var next = timer.WaitForNextTickAsync().AsTask();
            Assert.False(next.IsCompleted);
            Assert.Equal(TimeSpan.FromSeconds(2), await _time.AdvanceToNextTimerAsync());
            Assert.True(await next.WithinBound("a tick"));
        }

        Assert.Equal(At(6), _time.GetUtcNow());
    }

    [Fact]
    public void A_cancellation_source_is_cancelled_by_the_clock()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(source.IsCancellationRequested);

        source.CancelAfter(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(source.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public async Task Advancing_to_the_next_timer_waits_until_the_code_is_parked_on_one()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var code = Task.Run(async () =>
        {
            await gate.Task;
            await Task.Delay(TimeSpan.FromMinutes(5), _time);
            return _time.GetUtcNow();
        });

        var advance = _time.AdvanceToNextTimerAsync();
        Assert.False(advance.IsCompleted);
        gate.SetResult();

        Assert.Equal(TimeSpan.FromMinutes(5), await advance);
        Assert.Equal(At(300), await code.WithinBound("the delay"));
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_fires_without_an_advance()
    {
        var fired = new TaskCompletionSource();
        await using var timer = _time.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.WithinBound("the timer");
    }

    [Fact]
    public void Elapsed_time_ignores_a_step_of_the_wall_clock()
    {
        var began = _time.GetTimestamp();
        var delay = Task.Delay(TimeSpan.FromSeconds(10), _time);

        _time.StepWallClock(TimeSpan.FromHours(-1));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(10), _time.GetElapsedTime(began));
        Assert.True(delay.IsCompleted);
        Assert.Equal(At(10 - 3600), _time.GetUtcNow());
    }

    [Fact]
    public async Task A_wait_for_timers_that_never_come_says_what_was_waited_for()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => _time.WaitForTimersAsync(2, TimeSpan.FromMilliseconds(20)));
        Assert.Contains("2 pending timers", failure.Message, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(int seconds) => Start + TimeSpan.FromSeconds(seconds);
}
