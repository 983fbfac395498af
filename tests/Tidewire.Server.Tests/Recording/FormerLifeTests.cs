using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.Recording;

/// <summary>What a gap says of the time before, and what a position of a former life is worth, where the store holds no entry of the channel.</summary>
public sealed class FormerLifeTests : LogFaultTest
{
    [Fact]
    public async Task A_channel_with_reserved_offsets_and_no_kept_entry_has_lost_what_came_since_they_were_reserved()
    {
        Start();
        Time.Advance(TimeSpan.FromMinutes(1));
        var reserved = Time.GetUtcNow();
        Store.BlocksCommits = true;
        Publish(First, 1);
        await Store.BlockedAsync();
        Store.Refuses = true;
        Store.Goes();
        await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
        Time.Advance(TimeSpan.FromMinutes(1));
        Kill();

        Start();
        var started = Time.GetUtcNow();
        await PublishAsync(First, 1);
        Assert.Equal((GapReason.StoreLost, reserved, started), FirstGap(First));
    }

    [Fact]
    public async Task A_channel_whose_days_were_all_removed_has_lost_what_came_since_its_newest_entry()
    {
        Start();
        await PublishAsync(First, 1);
        Time.Advance(TimeSpan.FromMinutes(5));
        await PublishAsync(First, 3);
        var newest = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromDays(10));
        await PublishAsync(Second, 1);
        Assert.Equal(1, Recorded.Prune(Time.GetUtcNow()));
        Time.Advance(TimeSpan.FromMinutes(1));
        Kill();

        Start();
        await PublishAsync(First, 1);
        Assert.Equal((GapReason.StoreLost, newest, Time.GetUtcNow()), FirstGap(First));
    }

    [Fact]
    public async Task A_channel_that_showed_nothing_has_missed_what_came_since_the_store_was_closed()
    {
        Start();
        var reader = await ReadAsync(First);
        var since = reader.Connection.PositionOf(reader.Subscription);
        Time.Advance(TimeSpan.FromMinutes(1));
        var closed = Time.GetUtcNow();
        Hub.CloseStore();
        Kill();

        Time.Advance(TimeSpan.FromMinutes(1));
        Start();
        Assert.True((await ReadAsync(First, since)).Subscription.Start.Recovered);
        await PublishAsync(First, 1);
        Assert.Equal((GapReason.UpstreamDown, closed, Time.GetUtcNow()), FirstGap(First));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_position_of_a_channel_that_showed_nothing_before_a_kill_is_not_taken_for_one_of_now(bool publishes)
    {
        var positions = new List<StreamPosition>();
        for (var life = 0; life < 3; life++)
        {
            Start();
            if (publishes && life > 0)
            {
                await PublishAsync(First, 2);
            }

            foreach (var former in positions)
            {
                var back = await ReadAsync(First, former);
                Assert.False(back.Subscription.Start.Recovered && Log(First).Recent(10) is not [{ Gap: not null }, ..], $"{former} in life {life}");
                back.Connection.Dispose();
            }

            var reader = await ReadAsync(First);
            var position = reader.Connection.PositionOf(reader.Subscription);
            reader.Connection.Dispose();
            Assert.True((await ReadAsync(First, position)).Subscription.Start.Recovered); // of this life it is worth what it says
            positions.Add(position);
            Kill();
        }

        Assert.Equal(positions.Count, positions.Distinct().Count());
    }

    [Fact]
    public async Task The_position_of_a_channel_that_was_forgotten_among_many_is_not_taken_for_one_of_the_next_life()
    {
        Start();
        var since = default(StreamPosition);
        for (var i = 0; i < 6_000; i++)
        {
            var reader = await ReadAsync($"option_trades:A{(char)('A' + (i / 676 % 26))}{(char)('A' + (i / 26 % 26))}{(char)('A' + (i % 26))}");
            since = i == 0 ? reader.Connection.PositionOf(reader.Subscription) : since;
            reader.Connection.Dispose();
            if (i % 512 == 0)
            {
                Time.Advance(TimeSpan.FromSeconds(31));
            }
        }

        Hub.CloseStore();
        Kill();
        Start();
        Assert.False((await ReadAsync("option_trades:AAAA", since)).Subscription.Start.Recovered);
    }

    private (GapReason Reason, DateTimeOffset From, DateTimeOffset To) FirstGap(string channel)
        => Log(channel).Recent(10)[0].Gap is { } gap ? (gap.Reason, gap.From, gap.To) : default;
}
