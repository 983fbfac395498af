using System.Text.Json;

namespace Tidewire.Tests.Simulation;

public sealed class SimulatedRatesTests
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(4);

    [Fact]
    public void The_market_is_as_busy_as_the_real_one_and_has_bursts()
    {
        var market = new MarketRecorder(new(), "option_trades").Advance(Span);
        var trades = market.Of("option_trades").ToList();
        var perSecond = trades.GroupBy(frame => frame.At.ToUnixTimeSeconds()).Select(second => second.Count()).Order().ToList();
        double Rate(string ticker) => trades.Count(frame => frame.Payload.GetProperty("underlying_symbol").GetString() == ticker) / Span.TotalSeconds;

        Assert.InRange(trades.Count / Span.TotalSeconds, 250, 360);
        Assert.InRange(Rate("SPY"), 60, 90);
        Assert.InRange(Rate("TSLA"), 9, 17);
        Assert.True(Rate("SPY") > Rate("QQQ") && Rate("QQQ") > Rate("NVDA") && Rate("NVDA") > Rate("DIA"), "popularity follows rank");
        Assert.True(perSecond[^1] > 2 * perSecond[perSecond.Count / 2], "a burst is more than twice the median second");
    }

    [Fact]
    public void Premiums_are_mostly_small_and_sometimes_huge()
    {
        var market = new MarketRecorder(new(), "option_trades").Advance(TimeSpan.FromMinutes(1));
        var busy = new MarketRecorder(new() { Rate = 20 }, "flow-alerts").Advance(TimeSpan.FromMinutes(1));
        var alerts = busy.Of("flow-alerts").Select(frame => frame.Payload.GetProperty("total_premium").GetDouble()).Order().ToList();
        var trades = market.Of("option_trades").Select(frame => Number(frame.Payload, "premium")).Order().ToList();

        Assert.InRange(trades[trades.Count / 2], 50, 2_000);
        Assert.InRange(trades[trades.Count * 999 / 1_000], 50_000, 2_000_000);
        Assert.InRange(alerts[alerts.Count / 2], 20_000, 100_000);
        Assert.InRange(alerts.Count(premium => premium > 1e6) / (double)alerts.Count, 0.005, 0.06);
        Assert.True(alerts[^1] > 5e6, $"the largest of {alerts.Count} alerts is {alerts[^1]}");
        Assert.True(alerts[^1] < 70e6);
    }

    [Fact]
    public void Alerts_come_about_once_a_second_without_long_silences()
    {
        var market = new MarketRecorder(new(), "flow-alerts").Advance(Span);
        var times = market.Of("flow-alerts").Select(frame => frame.At).Prepend(MarketRecorder.Start).ToList();

        Assert.InRange(times.Count / Span.TotalSeconds, 0.8, 1.2);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First < TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public void A_newcomer_sees_an_alert_within_three_seconds_whatever_the_seed()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var market = new MarketRecorder(new() { Seed = seed, Tickers = 10 }, "flow-alerts").Advance(TimeSpan.FromSeconds(3));

            Assert.NotEmpty(market.Frames);
        }
    }

    [Fact]
    public void The_rate_multiplies_trades_alerts_and_prices()
    {
        var market = new MarketRecorder(new() { Rate = 10 }, "option_trades:TSLA", "flow-alerts", "price:SPY").Advance(TimeSpan.FromSeconds(60));

        Assert.InRange(market.Of("option_trades:TSLA").Count() / 60.0, 100, 160);
        Assert.InRange(market.Of("price:SPY").Count() / 60.0, 5, 6.4);
        Assert.InRange(market.Of("flow-alerts").Count(frame => frame.At > MarketRecorder.Start.AddSeconds(30)) / 30.0, 8, 12);
    }

    [Theory]
    [InlineData("price:SPY", 28, 40)]
    [InlineData("price:NDX", 12, 18)]
    [InlineData("price:T0001", 11, 20)]
    public void Every_joined_ticker_has_a_price_every_few_seconds(string form, double least, double most)
    {
        var market = new MarketRecorder(new(), form).Advance(Span);
        var times = market.Of(form).Select(frame => frame.At).Prepend(MarketRecorder.Start).ToList();

        Assert.InRange(market.Of(form).Count() / Span.TotalMinutes, least, most);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First < TimeSpan.FromSeconds(6)));
    }

    [Theory]
    [InlineData("gex:SPY")]
    [InlineData("gex:SPX")]
    [InlineData("gex:T0001")]
    public void Gamma_exposure_comes_every_ten_seconds(string form)
    {
        var market = new MarketRecorder(new(), form).Advance(Span);
        var times = market.Of(form).Select(frame => frame.Payload.GetProperty("timestamp").GetInt64()).ToList();

        Assert.InRange(times.Count, 24, 25);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(10_000, pair.Second - pair.First));
        Assert.All(market.Of(form), frame => Assert.Equal(form["gex:".Length..], frame.Payload.GetProperty("ticker").GetString()));
    }

    [Fact]
    public void A_contracts_volume_only_grows_and_is_the_sum_of_its_sides()
    {
        var market = new MarketRecorder(new(), "option_trades").Advance(TimeSpan.FromSeconds(30));
        foreach (var contract in market.Of("option_trades").GroupBy(frame => frame.Payload.GetProperty("option_symbol").GetString()))
        {
            long? before = null;
            long executed = 0;
            foreach (var trade in contract.Select(frame => frame.Payload))
            {
                var volume = trade.GetProperty("volume").GetInt64();
                Assert.True(before is null || volume == before + trade.GetProperty("size").GetInt64());
                Assert.Equal(volume, Sum(trade, "ask_vol", "bid_vol", "mid_vol", "no_side_vol"));
                Assert.True(trade.GetProperty("executed_at").GetInt64() >= executed, "a contract's trades are in order");
                before = volume;
                executed = trade.GetProperty("executed_at").GetInt64();
            }

            Assert.Single(contract.Select(frame => frame.Payload.GetProperty("open_interest").GetInt64()).Distinct());
        }
    }

    [Fact]
    public void A_trade_agrees_with_its_quote_its_tags_and_its_symbol()
    {
        var market = new MarketRecorder(new(), "option_trades").Advance(TimeSpan.FromSeconds(30));
        foreach (var frame in market.Frames)
        {
            var trade = frame.Payload;
            var (bid, ask, price) = (Number(trade, "nbbo_bid"), Number(trade, "nbbo_ask"), Number(trade, "price"));
            Assert.True(bid >= 0 && ask > bid && price >= Math.Min(bid, 0.01) && price <= ask, trade.GetRawText());
            Assert.Equal(price * 100 * trade.GetProperty("size").GetInt64(), Number(trade, "premium"), 0.001);
            Assert.InRange(trade.GetProperty("created_at").GetInt64() - trade.GetProperty("executed_at").GetInt64(), 36, 73);
            Assert.InRange(frame.At.ToUnixTimeMilliseconds() - trade.GetProperty("created_at").GetInt64(), 0, 1);
            Assert.InRange(Number(trade, "implied_volatility"), 0.05, 5);
            Assert.InRange(Number(trade, "delta"), -1, 1);

            Assert.True(Tidewire.Market.OptionSymbol.TryParse(trade.GetProperty("option_symbol").GetString(), out var symbol));
            Assert.Equal(trade.GetProperty("underlying_symbol").GetString(), symbol.Root);
            Assert.Equal(trade.GetProperty("expiry").GetString(), symbol.Expiry.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(Number(trade, "strike"), symbol.StrikeThousandths / 1000.0, 0.0001);
            Assert.True(symbol.Expiry >= new DateOnly(2026, 11, 18));
            AssertTags(trade, bid, ask, price);
        }
    }

    private static void AssertTags(JsonElement trade, double bid, double ask, double price)
    {
        var tags = trade.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ToList();
        if (tags[0] == "no_side")
        {
            return;
        }

        var middle = (bid + ask) / 2;
        var side = Math.Abs(price - middle) < 0.001 ? "mid_side" : price > middle ? "ask_side" : "bid_side";
        var bought = side == "ask_side";
        var call = trade.GetProperty("option_type").GetString() == "call";
        Assert.Equal(side, tags[0]);
        Assert.Equal(side == "mid_side" ? "neutral" : bought == call ? "bullish" : "bearish", tags[1]);
    }

    private static long Sum(JsonElement payload, params string[] names) => names.Sum(name => payload.GetProperty(name).GetInt64());

    private static double Number(JsonElement payload, string name) =>
        double.Parse(payload.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
