using FsCheck;
using FsCheck.Fluent;
using Tidewire.Market;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

/// <summary>Invariant 10: the same seed in, the same publications out.</summary>
public sealed class SimulatedMarketTests
{
    private static readonly string[] Everything =
    [
        "flow-alerts", "option_trades", "gex:SPY", "gex:SPX", "price:SPY", "price:T0001", "option_trades:ZZZ", "lit_trades", "off_lit_trades", "news",
        "trading_halts", "market_tide", "net_flow:SPY", "net_flow:T0001", "gex_strike:TSLA", "gex_strike_expiry:AMD", "gex_strike_expiry:SPY", "interval_flow",
    ];

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        var first = new MarketRecorder(new() { Seed = 7 }, Everything).Advance(TimeSpan.FromSeconds(15));
        var second = new MarketRecorder(new() { Seed = 7 }, Everything).Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(first.AllText(), second.AllText());
        Assert.Contains(first.Frames, frame => frame.Form == "flow-alerts");
    }

    [Fact]
    public void Another_seed_gives_other_bytes()
    {
        var first = new MarketRecorder(new() { Seed = 7 }, Everything).Advance(TimeSpan.FromSeconds(1));
        var second = new MarketRecorder(new() { Seed = 8 }, Everything).Advance(TimeSpan.FromSeconds(1));

        Assert.NotEqual(first.AllText(), second.AllText());
    }

    [Fact]
    public void In_how_many_steps_it_is_advanced_makes_no_difference()
    {
        var expected = new MarketRecorder(new(), Everything).Advance(TimeSpan.FromSeconds(3)).AllText();

        Prop.ForAll<PositiveInt>(step =>
        {
            var span = TimeSpan.FromMilliseconds(Math.Min(step.Get * 17, 3_000));
            return new MarketRecorder(new(), Everything).Advance(TimeSpan.FromSeconds(3), span).AllText() == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(8));
    }

    [Fact]
    public void What_others_watch_does_not_change_what_happens()
    {
        string[] forms = ["flow-alerts", "price:SPY", "option_trades:TSLA", "lit_trades", "off_lit_trades", "market_tide", "net_flow:SPY", "gex_strike:TSLA", "news"];
        var alone = new MarketRecorder(new(), forms).Advance(TimeSpan.FromSeconds(20));
        var crowded = new MarketRecorder(new(), [.. Everything, "price:T0002", "gex:ABC", "option_trades:TSLA"]).Advance(TimeSpan.FromSeconds(20));

        foreach (var form in forms)
        {
            Assert.Equal(alone.Of(form).Select(frame => frame.Bytes), crowded.Of(form).Select(frame => frame.Bytes));
        }
    }

    [Fact]
    public void Frames_come_in_order_of_market_time()
    {
        var market = new MarketRecorder(new(), Everything).Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(market.Frames.Select(frame => frame.At).Order(), market.Frames.Select(frame => frame.At));
    }

    [Fact]
    public void A_time_that_was_passed_does_nothing()
    {
        var market = new MarketRecorder(new(), Everything);
        market.Market.Advance(MarketRecorder.Start.AddMinutes(-5), new SilentTape());
        market.Market.SkipTo(MarketRecorder.Start.AddMinutes(-5));

        Assert.Equal(MarketRecorder.Start, market.Market.Now);
    }

    [Fact]
    public void After_a_long_pause_the_tape_goes_on_and_nothing_stale_is_published()
    {
        var market = new MarketRecorder(new(), Everything).Advance(TimeSpan.FromSeconds(5));
        market.Frames.Clear();
        market.Market.SkipTo(market.Market.Now.AddHours(9));
        var resumed = market.Market.Now;
        market.Advance(TimeSpan.FromSeconds(30));

        Assert.All(market.Of("flow-alerts"), frame => Assert.True(frame.Payload.GetProperty("end_time").GetInt64() >= resumed.ToUnixTimeMilliseconds() - 100));
        Assert.InRange(market.Of("flow-alerts").Count(), 8, 40);
        Assert.InRange(market.Of("option_trades").Count(), 4_000, 16_000);
        Assert.InRange(market.Of("gex:SPY").Count(), 3, 4);
    }

    [Fact]
    public void A_short_pause_delays_no_alert_beyond_its_end()
    {
        var market = new MarketRecorder(new(), "flow-alerts");
        market.Market.SkipTo(market.Market.Now.AddSeconds(2));
        market.Advance(TimeSpan.FromSeconds(12));

        Assert.All(market.Of("flow-alerts"), frame => Assert.InRange((frame.At.ToUnixTimeMilliseconds() - frame.Payload.GetProperty("end_time").GetInt64()) / 1000.0, 5, 18));
    }

    [Fact]
    public void A_new_day_has_a_new_previous_close_new_expiries_and_no_volume()
    {
        var market = new MarketRecorder(new(), "price:SPY", "option_trades:SPY");
        market.Advance(TimeSpan.FromSeconds(10));
        var lastExpiry = NearestExpiry(market);
        var volumeBefore = market.Of("price:SPY").Last().Payload.GetProperty("vol").GetInt64();

        market.Market.SkipTo(new(2026, 11, 19, 4, 59, 58, TimeSpan.Zero));
        market.Frames.Clear();
        market.Advance(TimeSpan.FromSeconds(2));
        var lastClose = decimal.Parse(market.Of("price:SPY").Last().Payload.GetProperty("close").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        market.Frames.Clear();
        market.Advance(TimeSpan.FromSeconds(10));

        Assert.True(market.Market.TryGetReference("SPY", out var reference));
        Assert.Equal(lastClose, reference.PreviousClose, 2);
        Assert.Equal("2026-11-18", lastExpiry);
        Assert.Equal("2026-11-19", NearestExpiry(market));
        Assert.True(market.Of("price:SPY").First().Payload.GetProperty("vol").GetInt64() < volumeBefore / 100);
    }

    [Fact]
    public void The_reference_encloses_every_price_of_the_day()
    {
        var market = new MarketRecorder(new(), "price:TSLA", "price:T0001").Advance(TimeSpan.FromMinutes(2));

        foreach (var ticker in new[] { "TSLA", "T0001" })
        {
            Assert.True(market.Market.TryGetReference(ticker, out var reference));
            Assert.InRange(reference.Open, reference.Low, reference.High);
            Assert.InRange((double)(reference.Open / reference.PreviousClose), 0.8, 1.25);
            Assert.All(market.Of("price:" + ticker), frame =>
                Assert.InRange(decimal.Parse(frame.Payload.GetProperty("close").GetString()!, System.Globalization.CultureInfo.InvariantCulture), reference.Low, reference.High));
            Assert.All([reference.PreviousClose, reference.Open, reference.High, reference.Low], price => Assert.InRange(price.Scale, 2, 4));
        }
    }

    [Fact]
    public void A_ticker_that_no_one_asked_for_has_no_reference()
    {
        var market = new MarketRecorder();

        Assert.False(market.Market.TryGetReference("T0001", out _));
        Assert.True(market.Market.TryGetReference("NVDA", out _));
        Assert.True(market.Market.TryGetReference("SPXW", out _));
    }

    [Fact]
    public void Asking_for_ever_new_tickers_does_not_keep_them_all()
    {
        var market = new MarketRecorder();
        for (var number = 0; number < 5_000; number++)
        {
            market.Join($"price:X{number}");
            market.Leave($"price:X{number}");
        }

        var known = Enumerable.Range(0, 5_000).Count(number => market.Market.TryGetReference($"X{number}", out ReferencePrice _));
        Assert.InRange(known, 1, 2_000);
    }

    private static string? NearestExpiry(MarketRecorder market) =>
        market.Of("option_trades:SPY").Select(frame => frame.Payload.GetProperty("expiry").GetString()).Min(StringComparer.Ordinal);
}
