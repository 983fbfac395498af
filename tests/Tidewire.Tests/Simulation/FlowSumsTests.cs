using System.Globalization;
using System.Text.Json;
using Tidewire.Market;

namespace Tidewire.Tests.Simulation;

/// <summary>The feeds that sum up option trades, against the trades themselves.</summary>
public sealed class FlowSumsTests
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(31);

    [Fact]
    public void Market_tide_is_what_the_trades_of_its_two_seconds_add_up_to()
    {
        var market = new MarketRecorder(new(), "option_trades", "market_tide").Advance(Span);
        var tides = market.Of("market_tide").ToList();

        Assert.Equal(Enumerable.Range(1, 15).Select(number => MarketRecorder.Start.AddSeconds(2 * number)), tides.Select(tide => tide.At));
        foreach (var tide in tides)
        {
            var ended = tide.Payload.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds();
            var trades = Reported(market.Of("option_trades"), ended - 2_000, ended);
            Assert.True(trades.Count > 100);
            Assert.Equal(tide.At.ToUnixTimeMilliseconds(), ended);
            Assert.Equal(Net(trades, "call", Premium), Premium(tide.Payload, "net_call_premium"));
            Assert.Equal(Net(trades, "put", Premium), Premium(tide.Payload, "net_put_premium"));
            Assert.Equal(Net(trades, "call", Size) - Net(trades, "put", Size), tide.Payload.GetProperty("net_volume").GetInt64());
        }
    }

    [Theory]
    [InlineData("SPY", 1)]
    [InlineData("SPX", 1)]
    [InlineData("DIA", 0.3)]
    [InlineData("T0001", 20)]
    public void Net_flow_of_a_ticker_is_what_its_trades_of_two_seconds_add_up_to(string ticker, double rate)
    {
        var market = new MarketRecorder(new() { Rate = rate }, "option_trades:" + ticker, "net_flow:" + ticker).Advance(Span);
        var flows = market.Of("net_flow:" + ticker).ToList();

        Assert.Equal(15, flows.Count);
        Assert.Contains(flows, flow => flow.Payload.GetProperty("net_call_vol").GetInt64() != 0);
        foreach (var flow in flows)
        {
            var ended = flow.Payload.GetProperty("time").GetInt64();
            var trades = Reported(market.Of("option_trades:" + ticker), ended - 2_000, ended);
            Assert.Equal(ticker, flow.Payload.GetProperty("ticker").GetString());
            Assert.Equal(flow.At.ToUnixTimeMilliseconds(), ended);
            Assert.Equal(Net(trades, "call", Premium), Premium(flow.Payload, "net_call_prem"));
            Assert.Equal(Net(trades, "put", Premium), Premium(flow.Payload, "net_put_prem"));
            Assert.Equal(Net(trades, "call", Size), flow.Payload.GetProperty("net_call_vol").GetInt64());
            Assert.Equal(Net(trades, "put", Size), flow.Payload.GetProperty("net_put_vol").GetInt64());
        }
    }

    [Fact]
    public void A_channel_joined_in_the_middle_of_a_span_gets_the_whole_span()
    {
        var early = new MarketRecorder(new(), "net_flow:SPY").Advance(TimeSpan.FromSeconds(2));
        var late = new MarketRecorder().Advance(TimeSpan.FromSeconds(1.5));
        late.Join("net_flow:SPY");
        late.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(early.AllText(), late.AllText());
        Assert.Single(late.Frames);
    }

    [Fact]
    public void Interval_flow_is_what_the_trades_of_five_minutes_add_up_to_all_and_out_of_the_money()
    {
        var market = new MarketRecorder(new() { Rate = 0.25 }, "option_trades", "interval_flow").Advance(TimeSpan.FromSeconds(302));
        var ended = MarketRecorder.Start.AddMinutes(5);
        var rows = market.Of("interval_flow").Where(row => row.Payload.GetProperty("tape_time").GetDateTimeOffset() == ended).ToList();
        var trades = Reported(market.Of("option_trades"), MarketRecorder.Start.ToUnixTimeMilliseconds(), ended.ToUnixTimeMilliseconds())
            .ToLookup(trade => trade.GetProperty("underlying_symbol").GetString() switch { "SPXW" => "SPX", "NDXP" => "NDX", var root => root });

        Assert.Equal(120, rows.Count);
        Assert.Equal(120, rows.Select(row => row.Payload.GetProperty("ticker").GetString() + row.Payload.GetProperty("interval_type").GetString()).Distinct().Count());
        Assert.All(rows, row => Assert.InRange(row.At - ended, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        foreach (var row in rows.Select(row => row.Payload))
        {
            var only = row.GetProperty("interval_type").GetString() == "OtmOnly";
            AssertInterval(row, [.. trades[row.GetProperty("ticker").GetString()].Where(trade => !only || OutOfTheMoney(trade))]);
        }
    }

    private static void AssertInterval(JsonElement row, List<JsonElement> trades)
    {
        long Volume(string type, string? tag) => trades.Where(trade => Is(trade, type) && (tag is null || Tag(trade) == tag)).Sum(trade => trade.GetProperty("size").GetInt64());
        double Directed(string greek) => trades.Sum(trade => Direction(trade) * trade.GetProperty("size").GetInt64() * GammaExposure.SharesPerContract * (double)Premium(trade, greek));

        Assert.Equal(trades.Count, row.GetProperty("transactions").GetInt64());
        Assert.Equal(Volume("call", null), row.GetProperty("call_vol").GetInt64());
        Assert.Equal(Volume("put", null), row.GetProperty("put_vol").GetInt64());
        Assert.Equal(Volume("call", "ask_side"), row.GetProperty("call_vol_ask_side").GetInt64());
        Assert.Equal(Volume("call", "bid_side"), row.GetProperty("call_vol_bid_side").GetInt64());
        Assert.Equal(Volume("put", "ask_side"), row.GetProperty("put_vol_ask_side").GetInt64());
        Assert.Equal(Volume("put", "bid_side"), row.GetProperty("put_vol_bid_side").GetInt64());
        Assert.Equal(Directed("delta"), row.GetProperty("dir_delta_flow").GetDouble(), 1.0);
        Assert.Equal(Directed("vega"), row.GetProperty("dir_vega_flow").GetDouble(), 1.0);
    }

    private static bool OutOfTheMoney(JsonElement trade)
    {
        var (strike, price) = (Premium(trade, "strike"), Premium(trade, "underlying_price"));
        return Is(trade, "call") ? strike > price : strike < price;
    }

    private static List<JsonElement> Reported(IEnumerable<RecordedFrame> trades, long from, long to) =>
        [.. trades.Select(frame => frame.Payload).Where(trade => trade.GetProperty("created_at").GetInt64() is var at && at >= from && at < to)];

    private static T Net<T>(List<JsonElement> trades, string type, Func<JsonElement, string, T> value)
        where T : System.Numerics.INumber<T> =>
        trades.Where(trade => Is(trade, type)).Aggregate(T.Zero, (sum, trade) =>
            sum + (T.CreateChecked(Direction(trade)) * value(trade, typeof(T) == typeof(decimal) ? "premium" : "size")));

    private static int Direction(JsonElement trade) => Tag(trade) switch { "ask_side" => 1, "bid_side" => -1, _ => 0 };

    private static string? Tag(JsonElement trade) => trade.GetProperty("tags")[0].GetString();

    private static bool Is(JsonElement trade, string type) => trade.GetProperty("option_type").GetString() == type;

    private static long Size(JsonElement payload, string name) => payload.GetProperty(name).GetInt64();

    private static decimal Premium(JsonElement payload, string name) => decimal.Parse(payload.GetProperty(name).GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);
}
