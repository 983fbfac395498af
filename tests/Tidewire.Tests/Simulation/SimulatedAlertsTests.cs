using System.Globalization;
using System.Text.Json;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class SimulatedAlertsTests
{
    // Alerts that appear in the first seconds are about trades from before the market was opened.
    private static readonly DateTimeOffset Known = MarketRecorder.Start.AddSeconds(17);

    [Theory]
    [InlineData(1, 70)]
    [InlineData(8, 25)]
    public void An_alert_sums_up_exactly_the_trades_it_names_and_all_of_them_were_published_before(double rate, double seconds)
    {
        var market = new MarketRecorder(new() { Rate = rate }, "option_trades", "flow-alerts").Advance(TimeSpan.FromSeconds(seconds));
        var published = new Dictionary<string, JsonElement>();
        var alerts = 0;
        foreach (var frame in market.Frames)
        {
            if (frame.Form == "option_trades")
            {
                published.Add(frame.Payload.GetProperty("id").GetString()!, frame.Payload);
            }
            else if (frame.At > Known)
            {
                alerts++;
                var ids = frame.Payload.GetProperty("trade_ids").EnumerateArray().Select(id => id.GetString()!).ToList();
                AssertSums(frame.Payload, [.. ids.Select(id => published[id])]);
            }
        }

        Assert.True(alerts > 40, $"{alerts} alerts");
    }

    [Fact]
    public void The_trades_of_an_alert_appear_on_the_channel_of_its_ticker()
    {
        var market = new MarketRecorder(new(), "option_trades:SPY", "option_trades:SPX", "flow-alerts").Advance(TimeSpan.FromMinutes(2));
        var ids = market.Frames.Where(frame => frame.Form != "flow-alerts").Select(frame => frame.Payload.GetProperty("id").GetString()).ToHashSet();
        var alerts = market.Of("flow-alerts")
            .Where(frame => frame.At > Known && frame.Payload.GetProperty("ticker").GetString() is "SPY" or "SPXW").ToList();

        Assert.NotEmpty(alerts);
        Assert.All(alerts.Where(frame => frame.At > Known), alert =>
            Assert.All(alert.Payload.GetProperty("trade_ids").EnumerateArray(), id => Assert.Contains(id.GetString(), ids)));
    }

    [Fact]
    public void An_alert_trails_its_last_trade_by_5_to_16_seconds_and_some_overtake_others()
    {
        var alerts = new MarketRecorder(new(), "flow-alerts").Advance(TimeSpan.FromMinutes(3)).Of("flow-alerts").ToList();
        var ends = alerts.Select(frame => frame.Payload.GetProperty("end_time").GetInt64()).ToList();

        Assert.All(alerts, frame => Assert.InRange(frame.At.ToUnixTimeMilliseconds() - frame.Payload.GetProperty("end_time").GetInt64(), 5_000, 16_000));
        Assert.Contains(ends.Zip(ends.Skip(1)), pair => pair.First > pair.Second);
    }

    [Fact]
    public void Every_rule_appears_and_keeps_its_id()
    {
        var alerts = new MarketRecorder(new() { Rate = 20 }, "flow-alerts").Advance(TimeSpan.FromSeconds(30)).Of("flow-alerts");
        var rules = alerts.Select(frame => (frame.Payload.GetProperty("rule_name").GetString(), frame.Payload.GetProperty("rule_id").GetString())).Distinct().ToList();

        Assert.Equal(Enum.GetNames<AlertRuleName>().Order(), rules.Select(rule => rule.Item1).Order());
        Assert.Equal(3, rules.Select(rule => rule.Item2).Distinct().Count());
    }

    [Fact]
    public void Joining_again_does_not_repeat_an_alert()
    {
        var market = new MarketRecorder(new(), "flow-alerts").Advance(TimeSpan.FromSeconds(20));
        market.Leave("flow-alerts");
        var before = market.Frames.Count;
        market.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(before, market.Frames.Count);

        market.Join("flow-alerts");
        market.Advance(TimeSpan.FromSeconds(20));
        var ids = market.Frames.Select(frame => frame.Payload.GetProperty("id").GetString()).ToList();
        Assert.True(ids.Count > before);
        Assert.Equal(ids.Distinct(), ids);
    }

    private static void AssertSums(JsonElement alert, List<JsonElement> trades)
    {
        decimal Premium(JsonElement trade) => decimal.Parse(trade.GetProperty("premium").GetString()!, CultureInfo.InvariantCulture);
        bool Tagged(JsonElement trade, string tag) => trade.GetProperty("tags").EnumerateArray().Any(element => element.GetString() == tag);
        IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(element => element.GetString());
        var last = trades[^1];
        var size = trades.Sum(trade => trade.GetProperty("size").GetInt64());
        var codes = trades.Select(trade => trade.GetProperty("trade_code").GetString()).Distinct().ToList();

        Assert.InRange(trades.Count, 5, 61);
        Assert.Equal(trades.Count, alert.GetProperty("trade_count").GetInt32());
        Assert.All(trades, trade => Assert.Equal(alert.GetProperty("option_chain").GetString(), trade.GetProperty("option_symbol").GetString()));
        Assert.Equal(size, alert.GetProperty("total_size").GetInt64());
        Assert.Equal(trades.Sum(Premium), alert.GetProperty("total_premium").GetDecimal());
        Assert.Equal(trades.Where(trade => Tagged(trade, "ask_side")).Sum(Premium), alert.GetProperty("total_ask_side_prem").GetDecimal());
        Assert.Equal(trades.Where(trade => Tagged(trade, "bid_side")).Sum(Premium), alert.GetProperty("total_bid_side_prem").GetDecimal());
        Assert.Equal(trades.Min(trade => trade.GetProperty("executed_at").GetInt64()), alert.GetProperty("start_time").GetInt64());
        Assert.Equal(trades.Max(trade => trade.GetProperty("executed_at").GetInt64()), alert.GetProperty("end_time").GetInt64());
        Assert.Equal(alert.GetProperty("end_time").GetInt64(), alert.GetProperty("executed_at").GetInt64());
        Assert.Equal((double)(trades.Sum(Premium) / size / 100), alert.GetProperty("price").GetDouble(), 0.006);
        Assert.Equal(codes.Contains("isoi"), alert.GetProperty("has_sweep").GetBoolean());
        Assert.Equal(codes.Exists(code => code!.StartsWith("ml", StringComparison.Ordinal)), alert.GetProperty("has_multileg").GetBoolean());
        Assert.Equal(codes.Order(), Texts(alert.GetProperty("upstream_condition_details")).Order());
        Assert.Equal(trades.Select(trade => trade.GetProperty("exchange").GetString()).Distinct().Order(), Texts(alert.GetProperty("exchanges")).Order());
        foreach (var name in new[] { "volume", "open_interest", "ask_vol", "bid_vol", "mid_vol", "no_side_vol", "multi_vol", "stock_multi_vol" })
        {
            Assert.Equal(last.GetProperty(name).GetInt64(), alert.GetProperty(name).GetInt64());
        }

        foreach (var (ofAlert, ofTrade) in new[] { ("bid", "nbbo_bid"), ("ask", "nbbo_ask") })
        {
            Assert.Equal(
                decimal.Parse(last.GetProperty(ofTrade).GetString()!, CultureInfo.InvariantCulture),
                decimal.Parse(alert.GetProperty(ofAlert).GetString()!, CultureInfo.InvariantCulture));
        }
    }
}
