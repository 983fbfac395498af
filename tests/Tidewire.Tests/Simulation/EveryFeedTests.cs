using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

/// <summary>All feeds at once, and each alone.</summary>
public sealed class EveryFeedTests
{
    private static readonly string[] Forms =
    [
        "flow-alerts", "option_trades", "option_trades:TSLA", "price:SPY", "gex:SPY", "gex_strike:SPY", "gex_strike_expiry:SPY", "net_flow:SPY",
        "market_tide", "interval_flow", "lit_trades", "off_lit_trades", "news", "trading_halts",
        "contract_screener", "custom_alerts", "periscope", "periscope:SPX", "futures_trades", "futures:ESZ6", "quotes:SPY", "stock_screener",
    ];

    public static TheoryData<string> AllForms => [.. Forms];

    [Fact]
    public void All_feeds_together_are_the_same_bytes_again_in_whatever_steps()
    {
        var first = Run(TimeSpan.FromMilliseconds(20));
        var second = Run(TimeSpan.FromMilliseconds(1_370));

        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(Forms.Except(["trading_halts"]).Order(), first.Forms.Except(["trading_halts"]).Order());
    }

    [Theory]
    [MemberData(nameof(AllForms))]
    public void A_form_alone_gets_its_own_frames_and_no_other_is_written(string form)
    {
        var market = SimulatedMarket.Open(new() { Rate = 0.1 }, MarketRecorder.Start);
        var count = 0;
        var head = Encoding.UTF8.GetBytes($"[\"{form}\",{{");
        var frames = new SimulatedFrames(frame =>
        {
            Assert.True(frame.AsSpan().StartsWith(head));
            using var json = JsonDocument.Parse(frame);
            Assert.Equal(2, json.RootElement.GetArrayLength());
            count++;
        });
        frames.Join(SimulatedForm.Parse(form));
        market.Watch(SimulatedForm.Parse(form));
        market.Advance(MarketRecorder.Start.AddMinutes(form == "trading_halts" ? 300 : 12), frames);

        Assert.True(count > 0);
        Assert.Equal(count, frames.Written);
    }

    [Fact]
    public void Where_nothing_is_joined_nothing_is_written()
    {
        var market = SimulatedMarket.Open(new(), MarketRecorder.Start);
        var frames = new SimulatedFrames(_ => Assert.Fail("nothing was joined"));
        frames.Join(SimulatedForm.Parse("dark_pool"));
        var clock = Stopwatch.StartNew();
        market.Advance(MarketRecorder.Start.AddMinutes(6), frames);
        var cost = clock.Elapsed.TotalMilliseconds / 360;

        Assert.Equal(0, frames.Written);
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: nothing joined, {cost:F3} ms for a second of the market");
        Assert.True(cost < 100, $"{cost} ms");
    }

    [Fact]
    public void It_writes_many_times_more_frames_than_the_provider_sends()
    {
        var market = SimulatedMarket.Open(new() { Rate = 40 }, MarketRecorder.Start);
        var (count, bytes) = (0L, 0L);
        var frames = new SimulatedFrames(frame => (count, bytes) = (count + 1, bytes + frame.Length));
        foreach (var form in Forms.Select(SimulatedForm.Parse))
        {
            frames.Join(form);
            market.Watch(form);
        }

        market.Advance(MarketRecorder.Start.AddSeconds(1), frames);
        (count, bytes) = (0, 0);
        var clock = Stopwatch.StartNew();
        market.Advance(MarketRecorder.Start.AddSeconds(12), frames);
        var rate = count / clock.Elapsed.TotalSeconds;

        TestContext.Current.TestOutputHelper?.WriteLine($"figure: all feeds at rate 40, {count} frames, {rate:F0} frames/s, {bytes / 1e6 / clock.Elapsed.TotalSeconds:F0} MB/s");
        Assert.True(rate > 10_000, $"{rate:F0} frames/s");
    }

    // Keeps nothing but a hash: it is a great many frames.
    private static (string Hash, IReadOnlySet<string> Forms) Run(TimeSpan step)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var seen = new HashSet<string>();
        var market = SimulatedMarket.Open(new() { Rate = 0.3, Seed = 5 }, MarketRecorder.Start);
        var frames = new SimulatedFrames(frame =>
        {
            hash.AppendData(frame);
            seen.Add(Encoding.UTF8.GetString(frame, 2, Array.IndexOf(frame, (byte)'"', 2) - 2));
        });
        foreach (var form in Forms.Select(SimulatedForm.Parse))
        {
            frames.Join(form);
            market.Watch(form);
        }

        while (market.Now < MarketRecorder.Start.AddMinutes(6))
        {
            market.Advance(market.Now + step < MarketRecorder.Start.AddMinutes(6) ? market.Now + step : MarketRecorder.Start.AddMinutes(6), frames);
        }

        return (Convert.ToHexString(hash.GetHashAndReset()), seen);
    }
}
