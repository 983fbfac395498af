using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

/// <summary>What becomes of those who wait for a disk whose reads do not return.</summary>
public sealed class StandingPastTests : LogFaultTest
{
    private const string Reason = "the offset is older than what is in memory, and the disk does not answer";

    [Fact]
    public async Task Who_waits_is_told_after_the_limit_and_who_comes_after_at_once()
    {
        await StartAndBlockAsync();
        var waiting = Enumerable.Range(0, 100).Select(_ => Subscribe()).ToArray();
        await Store.BlockedAsync();
        Assert.DoesNotContain(waiting, static subscriber => subscriber.Started.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.DoesNotContain(waiting, static subscriber => subscriber.Started.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(2));
        foreach (var (_, subscription, started) in waiting)
        {
            Assert.True(await started.WaitAsync(Bound, TestContext.Current.CancellationToken));
            Assert.Equal((false, Reason), (subscription.Start.Recovered, subscription.Start.Reason));
        }

        var (_, later, laterStarted) = Subscribe();
        Assert.True(await laterStarted.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.Equal((false, Reason), (later.Start.Recovered, later.Start.Reason));
        Assert.Equal(64, (await Hub.PastAsync(Log(First), 500).AsTask().WaitAsync(Bound, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task A_disk_that_answers_in_time_costs_no_one_what_is_on_it()
    {
        await StartAndBlockAsync();
        var waiting = Enumerable.Range(0, 100).Select(_ => Subscribe()).ToArray();
        await Store.BlockedAsync();
        Store.Reads();
        foreach (var (_, subscription, started) in waiting)
        {
            Assert.True(await started.WaitAsync(Bound, TestContext.Current.CancellationToken));
            Assert.True(subscription.Start.Recovered, subscription.Start.Reason);
        }

        Assert.Equal(1, Store.PagesRead); // one for all of them
    }

    [Fact]
    public async Task One_that_leaves_while_it_waits_has_ended()
    {
        await StartAndBlockAsync();
        var (connection, _, started) = Subscribe();
        var (other, _, otherStarted) = Subscribe();
        await Store.BlockedAsync();
        Assert.True(connection.Unsubscribe(Log(First).Name));
        other.Dispose();
        Store.Reads();
        Assert.False(await started.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.False(await otherStarted.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.Equal(0, Log(First).Subscribers);
    }

    [Fact]
    public async Task One_that_waits_for_a_page_in_the_midst_of_its_recovery_is_closed_and_comes_back()
    {
        Start(static options => options.MaxLogLength = 64);
        await PublishAsync(First, 600);
        (Store.BlocksReadsOf, Store.BlocksReadsFrom) = (First, 256);
        var reader = await ReadAsync(First, new(Hub.Epoch, 5));
        await Store.BlockedAsync();
        Assert.False(reader.Transport.Closed.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(6));
        await reader.Transport.Closed.WaitAsync(Bound, TestContext.Current.CancellationToken);
        Store.Goes();
        while ((await Hub.PastAsync(Log(First), 500)).Count == 64)
        {
            await Task.Yield(); // until the reader has seen that it answers
        }

        var back = await ReadAsync(First, reader.Connection.PositionOf(reader.Subscription));
        Assert.True(back.Subscription.Start.Recovered, back.Subscription.Start.Reason);
        await back.Transport.UntilAsync("{\"n\":600}");
    }

    [Fact]
    public async Task The_end_of_the_hub_ends_every_wait()
    {
        await StartAndBlockAsync();
        var (_, _, started) = Subscribe();
        var past = Hub.PastAsync(Log(First), 500).AsTask();
        await Store.BlockedAsync();
        var end = Task.Run(Kill, TestContext.Current.CancellationToken);
        Assert.False(await started.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.Equal(64, (await past.WaitAsync(Bound, TestContext.Current.CancellationToken)).Count);
        Store.Reads();
        await end.WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    public override void Dispose()
    {
        Store.Reads();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task StartAndBlockAsync()
    {
        Start(static options => options.MaxLogLength = 64);
        await PublishAsync(First, 600);
        Store.BlocksReads();
    }

    private (Connection Connection, Subscription Subscription, Task<bool> Started) Subscribe()
    {
        var (feed, name) = NothingLost.Engine.Resolve(First);
        Assert.True(Hub.TryConnect(new Transport(), NothingLost.LineWire.Instance, out var connection));
        Assert.Null(connection.Subscribe(feed, name, new(Hub.Epoch, 5), history: 0, out var subscription));
        return (connection, subscription!, connection.StartedAsync(subscription!).AsTask());
    }
}
