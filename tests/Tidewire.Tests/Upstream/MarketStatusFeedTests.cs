using System.Text;
using Tidewire.Market;
using Tidewire.Tests.Fanout;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary><c>market_status</c> over days, on a clock of the test's.</summary>
public sealed class MarketStatusFeedTests
{
    [Fact]
    public async Task Each_change_is_published_once_over_an_early_close_a_holiday_and_a_weekend()
    {
        using var world = new FanoutWorld();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 20, 59, 0, TimeSpan.Zero)); // the Wednesday before Thanksgiving
        using var stop = new CancellationTokenSource();
        var running = new MarketStatusFeed(world.Hub, FanoutWorld.Catalogue, MarketCalendar.Load(), time).RunAsync(stop.Token);
        var end = new DateTimeOffset(2026, 11, 30, 14, 30, 0, TimeSpan.Zero);
        while (time.GetUtcNow() < end)
        {
            time.Advance(TimeSpan.FromSeconds(10));
        }

        await stop.CancelAsync();
        await running.WithinBound("the feed to stop");
        Assert.Equal(
            [
                "25 20:59 open", "25 21:00 after_hours", "26 01:00 closed",
                "27 09:00 pre_market", "27 14:30 open", "27 18:00 after_hours", "27 22:00 closed",
                "30 09:00 pre_market", "30 14:30 open",
            ],
            world.Log("market_status").Recent(100).Select(static told => $"{told.ReceivedAt:dd HH:mm} {Status(told.Payload)}"));
    }

    [Fact]
    public async Task A_clock_that_was_set_is_noticed()
    {
        using var world = new FanoutWorld();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 18, 0, 0, TimeSpan.Zero));
        using var stop = new CancellationTokenSource();
        var running = new MarketStatusFeed(world.Hub, FanoutWorld.Catalogue, MarketCalendar.Load(), time).RunAsync(stop.Token);
        time.StepWallClock(TimeSpan.FromHours(12));
        time.Advance(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await running.WithinBound("the feed to stop");
        Assert.Equal(["open", "closed"], world.Log("market_status").Recent(100).Select(static told => Status(told.Payload)));
    }

    private static string Status(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(payload).Split('"')[3];
}
