using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Tests.NothingLost;

namespace Tidewire.Server.Tests.Recording;

/// <summary>The engine over a disk that refuses, or stands still, at the worst moment.</summary>
public sealed class LogFaultTests : LogFaultTest
{
    [Fact]
    public async Task After_a_kill_on_a_full_disk_every_channel_goes_on()
    {
        Start();
        await PublishAsync(First, 3);
        await PublishAsync(Second, 3);
        Kill();
        Start();
        Store.Refuses = true;
        await PublishAsync(First, 1);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        await PublishAsync(Second, 5);
        Assert.Equal(5, Log(Second).Recent(100).Count(static entry => entry.Gap is null));

        Store.Refuses = false;
        await HealAsync();
        await PublishAsync(Second, 2);
        Assert.Equal(0, Hub.Recording.Pending);
        var after = Log(Second).Recent(100);
        Assert.NotNull(after[0].Gap);
        Assert.Equal(GapReason.StoreLost, after[0].Gap!.Reason);
        Assert.Equal(2, after.Count(static entry => entry.Gap is null));
    }

    [Fact]
    public async Task A_reservation_that_comes_late_writes_over_nothing()
    {
        Start();
        await PublishAsync(First, 5);
        Kill();
        Start();
        Store.Blocks();
        Publish(First, 3);
        await Store.BlockedAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        Store.Goes();
        await HealAsync();
        await PublishAsync(First, 1);

        var kept = Store.Read(First, 1, long.MaxValue, 100, 1 << 20);
        Assert.Equal(Range(1, 5), kept.Take(5).Select(static entry => entry.Offset));
        Assert.Equal(Enumerable.Range(1, 5).Select(static n => $"{{\"n\":{n}}}"), kept.Take(5).Select(static entry => Encoding.UTF8.GetString(entry.Payload)));
        Assert.All(kept.Skip(5), entry => Assert.True(entry.Offset > 64, $"offset {entry.Offset}"));
    }

    [Fact]
    public async Task What_was_shown_under_another_epoch_has_a_gap_under_the_old_one()
    {
        Start();
        var reader = await ReadAsync(First);
        var since = reader.Connection.PositionOf(reader.Subscription);
        reader.Connection.Dispose();
        Store.Refuses = true;
        await PublishAsync(Second, 1);
        await PublishAsync(First, 4);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        Store.Refuses = false;
        await HealAsync();
        await PublishAsync(First, 1);
        var past = await Hub.PastAsync(Log(First), 100);
        Assert.Equal(Hub.Epoch, since.Epoch);
        Assert.True(past is [{ Gap: { Reason: GapReason.StoreLost, Count: null } }, ..], string.Join(", ", past.Select(static entry => $"{entry.Offset} {entry.Gap}")));
        var again = await ReadAsync(First, since);
        Assert.True(again.Subscription.Start.Recovered);
    }

    [Fact]
    public async Task A_log_that_was_replaced_holds_no_memory()
    {
        Start();
        await PublishAsync(Second, 1);
        var before = Hub.MemoryUsed;
        Store.Refuses = true;
        for (var i = 0; i < 6; i++)
        {
            await PublishAsync(First, 100, length: 10_000);
            Store.Refuses = false;
            await HealAsync();
            Store.Refuses = true;
            await PublishAsync(Second, 1);
        }

        Store.Refuses = false;
        await HealAsync();
        Assert.True(Hub.MemoryUsed - before < 100_000 + Hub.Logs.Sum(static log => log.Recent(1000).Sum(static entry => entry.Received.Length + 1000L)), $"{Hub.MemoryUsed} bytes");
    }

    [Fact]
    public async Task A_subscription_that_begins_after_its_log_was_replaced_is_closed()
    {
        Start();
        await PublishAsync(Second, 1);
        var (feed, name) = Engine.Resolve(First);
        var transport = new Transport();
        Assert.True(Hub.TryConnect(transport, LineWire.Instance, out var connection));
        Assert.Null(connection.Subscribe(feed, name, since: null, history: 0, out var subscription));
        Store.Refuses = true;
        await PublishAsync(Second, 1);
        await PublishAsync(First, 1);
        Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
        connection.Begin(subscription!);
        await transport.Closed.WaitAsync(Bound);
    }

    [Fact]
    public async Task The_first_reader_back_after_a_kill_waits_for_the_gap()
    {
        Start();
        await PublishAsync(First, 5);
        var since = new StreamPosition(Hub.Epoch, 5);
        Kill();
        Start();
        Store.Blocks();
        var reader = await ReadAsync(First, since);
        Assert.True(reader.Subscription.Start.Recovered, reader.Subscription.Start.Reason);
        Assert.False(reader.Transport.Closed.IsCompleted);
        Store.Goes();
        await Hub.SettledAsync().WaitAsync(Bound);
        await reader.Transport.UntilAsync("gap\t").WaitAsync(Bound);
        Assert.False(reader.Transport.Closed.IsCompleted);
    }

    [Fact]
    public async Task What_is_published_after_the_end_neither_waits_nor_piles_up()
    {
        Start(static options => options.MaxPendingCommitBytes = 1 << 16);
        await PublishAsync(First, 1);
        Hub.CloseStore();
        await Task.Run(() => Publish(First, 200, length: 1_000), TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.InRange(Hub.Recording.Pending, 0, 1);
    }

    [Fact]
    public async Task Pages_that_were_let_go_of_cost_nothing()
    {
        Start(static options =>
        {
            options.MemoryBytes = 1 << 20;
            options.MaxLogLength = 64;
            options.History = 0;
        });
        await PublishAsync(First, 400, length: 1_000);
        await PublishAsync(Second, 400, length: 1_000);
        for (var i = 0; i < 8; i++)
        {
            Store.BlocksReadsOf = First;
            var asked = Hub.PastAsync(Log(First), 300).AsTask();
            await Store.BlockedAsync();
            var askedAfter = Hub.PastAsync(Log(Second), 300).AsTask();
            Assert.False(askedAfter.IsCompleted);
            Store.Goes();
            Assert.NotEmpty(await askedAfter.WaitAsync(Bound, TestContext.Current.CancellationToken));
            Assert.NotEmpty(await asked.WaitAsync(Bound, TestContext.Current.CancellationToken));
        }

        var logs = Hub.Logs.Sum(static log => log.Recent(1000).Sum(static entry => entry.Received.Length + 200L));
        Assert.InRange(Hub.MemoryUsed, 0, logs + (2 * 256 * 1_300));
    }

    [Fact]
    public async Task Whoever_asks_how_it_stands_holds_up_no_publisher()
    {
        Start();
        await PublishAsync(State, 1);
        Store.BlocksBytes = true;
        var view = Task.Run(() => Hub.Recording, TestContext.Current.CancellationToken);
        await Store.BlockedAsync();
        await Task.Run(() => Publish(State, 1), TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Store.Goes();
        await view;
    }

    [Fact]
    public async Task Channels_on_which_nothing_was_ever_published_are_not_kept_for_ever()
    {
        Start();
        var since = default(StreamPosition);
        for (var i = 0; i < 10_000; i++)
        {
            var reader = await ReadAsync($"option_trades:A{(char)('A' + (i / 676 % 26))}{(char)('A' + (i / 26 % 26))}{(char)('A' + (i % 26))}");
            since = i == 0 ? reader.Connection.PositionOf(reader.Subscription) : since;
            reader.Connection.Dispose();
            if (i % 512 == 0)
            {
                Time.Advance(TimeSpan.FromSeconds(31));
            }
        }

        Time.Advance(TimeSpan.FromMinutes(1));
        var back = await ReadAsync("option_trades:AAAA", since);
        await PublishAsync("option_trades:AAAA", 1);
        var isMissed = !back.Subscription.Start.Recovered || Log("option_trades:AAAA").Recent(10) is [{ Gap: not null }, ..];
        Hub.CloseStore();
        Assert.InRange(Store.Closed!.Count, 0, 5_000);
        Assert.True(isMissed);
    }

    [Fact]
    public async Task A_gap_whose_count_is_unknown_stays_so()
    {
        Start();
        await PublishAsync(First, 5);
        Kill();
        Start(static options => options.ReservedOffsets = 1024);
        Store.BlocksCommits = true;
        Publish(First, 2);
        await Store.BlockedAsync();
        Store.Refuses = true;
        Store.Goes();
        await Hub.SettledAsync().WaitAsync(Bound);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        Store.Refuses = false;
        await HealAsync();
        var gaps = (await Hub.PastAsync(Log(First), 100)).Where(static entry => entry.Gap is { Reason: GapReason.StoreLost }).Select(static entry => entry.Gap!.Count).ToArray();
        Assert.All(gaps, static count => Assert.Null(count));
        Assert.NotEmpty(gaps);
    }

    [Fact]
    public async Task A_commit_that_succeeds_late_is_not_called_lost()
    {
        Start();
        await PublishAsync(First, 5);
        Store.BlocksCommits = true;
        Publish(First, 1);
        await Store.BlockedAsync();
        Time.Advance(TimeSpan.FromSeconds(3));
        await Hub.SettledAsync().WaitAsync(Bound);
        Assert.Equal(RecordingState.Degraded, Hub.Recording.State);
        Store.Goes();
        await HealAsync();
        await PublishAsync(First, 1);
        var past = await Hub.PastAsync(Log(First), 100);
        Assert.Equal(Range(1, past.Count), past.Select(static entry => entry.Offset));
        Assert.Equal(past.Select(static entry => entry.Offset), Offsets(Store, First));
        Assert.DoesNotContain(past, static entry => entry.Gap is not null);
    }
}
