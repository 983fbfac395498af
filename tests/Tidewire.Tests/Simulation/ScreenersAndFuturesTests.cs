using System.Globalization;
using System.Text.Json;

namespace Tidewire.Tests.Simulation;

/// <summary>The feeds of which little is documented: that they follow from the market, and come as often as they say.</summary>
public sealed class ScreenersAndFuturesTests
{
    [Fact]
    public void The_screened_contracts_are_those_most_traded_and_their_figures_are_those_of_their_trades()
    {
        var market = new MarketRecorder(new(), "contract_screener", "option_trades").Advance(TimeSpan.FromSeconds(20));
        var rows = market.Of("contract_screener").ToList();
        var last = rows.GroupBy(frame => frame.At).Last().Select(frame => frame.Payload).ToList();
        var trades = market.Of("option_trades").TakeWhile(frame => frame.At <= rows[^1].At).Select(frame => frame.Payload)
            .GroupBy(trade => trade.GetProperty("option_symbol").GetString()!).ToDictionary(same => same.Key, same => same.Last());

        Assert.Equal([50, 50, 50, 50], rows.GroupBy(frame => frame.At).Select(same => same.Count()));
        Assert.Equal(last.Select(row => Whole(row, "volume")).OrderDescending(), last.Select(row => Whole(row, "volume")));
        Assert.Equal(50, last.Select(row => row.GetProperty("option_symbol").GetString()).Distinct().Count());
        var compared = 0;
        foreach (var row in last)
        {
            if (trades.TryGetValue(row.GetProperty("option_symbol").GetString()!, out var trade))
            {
                compared++;
                Assert.Equal(Whole(trade, "volume"), Whole(row, "volume"));
                Assert.Equal(Whole(trade, "ask_vol"), Whole(row, "ask_side_volume"));
                Assert.Equal(Whole(trade, "open_interest"), Whole(row, "open_interest"));
                Assert.True(Number(row, "premium") >= Number(trade, "premium"));
            }
        }

        var coldest = last.Min(row => Whole(row, "volume"));
        var shown = last.Select(row => row.GetProperty("option_symbol").GetString()!).ToHashSet();
        Assert.All(trades.Where(trade => !shown.Contains(trade.Key)), trade => Assert.True(Whole(trade.Value, "volume") <= coldest, trade.Value.GetRawText()));
        Assert.True(compared > 10, $"{compared} contracts of the last rows traded while someone looked");
    }

    [Fact]
    public async Task The_account_is_told_the_same_over_the_socket_and_over_rest()
    {
        await using var world = new RestWorld(new() { Rate = 12 }, null, true, "custom_alerts"); // the first halt comes after ten seconds
        world.Pass(TimeSpan.FromSeconds(40));
        var told = world.Of("custom_alerts").ToList();
        var rows = await world.RowsAsync("/api/alerts?limit=500&intraday_only=false");

        Assert.Contains(told, alert => alert.GetProperty("noti_type").GetString() == "option_contract_interval");
        Assert.Contains(told, alert => alert.GetProperty("noti_type").GetString() == "trading_state");
        var kept = told.TakeLast(20).Concat(told.Where(alert => alert.GetProperty("noti_type").GetString() == "trading_state")); // REST keeps the last hundreds
        Assert.All(kept, alert => Assert.True(rows.Exists(row => Same(row, alert)), alert.GetRawText()));
        Assert.Single(told.Select(alert => alert.GetProperty("user_id").GetString()).Distinct());

        static bool Same(JsonElement row, JsonElement alert) =>
            alert.EnumerateObject().Where(field => field.Name != "user_id").All(field => JsonElement.DeepEquals(field.Value, row.GetProperty(field.Name)));
    }

    [Fact]
    public void A_snapshot_of_the_index_comes_every_minute_in_several_frames_that_join_to_the_whole()
    {
        var market = new MarketRecorder(new(), "periscope", "periscope:SPX", "gex_strike_expiry:SPX").Advance(TimeSpan.FromSeconds(121));
        var whole = market.Of("periscope").Select(frame => frame.Payload).ToList();
        var snapshots = whole.GroupBy(frame => Whole(frame, "timestamp")).ToList();

        Assert.Equal(whole.Select(frame => frame.GetRawText()), market.Of("periscope:SPX").Select(frame => frame.Payload.GetRawText()));
        Assert.Equal(2, snapshots.Count);
        Assert.Equal(60_000, snapshots[1].Key - snapshots[0].Key);
        Assert.Equal(0, snapshots[0].Key % 60_000);
        var strikes = market.Of("gex_strike_expiry:SPX").Select(frame => frame.Payload)
            .Select(row => (row.GetProperty("expiry").GetString(), row.GetProperty("strike").GetString())).ToHashSet();
        Assert.All(snapshots, snapshot =>
        {
            var rows = snapshot.SelectMany(frame => frame.GetProperty("rows").EnumerateArray()).ToList();
            Assert.True(snapshot.Count() > 1);
            Assert.All(snapshot, frame => Assert.Equal(rows.Count, Whole(frame, "total_rows")));
            Assert.All(snapshot, frame => Assert.InRange(frame.GetProperty("rows").GetArrayLength(), 1, 1_024));
            Assert.Equal([.. Enumerable.Repeat(true, snapshot.Count() - 1), false], snapshot.Select(frame => frame.GetProperty("has_more").GetBoolean()));
            var keys = rows.Select(row => (row.GetProperty("expiry").GetString(), row.GetProperty("strike").GetString())).ToHashSet();
            Assert.Equal(rows.Count, keys.Count);
            Assert.Subset(strikes, keys);
            Assert.Contains(rows, row => row.GetProperty("gamma").GetDouble() != 0 && row.GetProperty("charm").GetDouble() != 0 && row.GetProperty("vanna").GetDouble() != 0);
        });
    }

    [Fact]
    public void Futures_trade_76_times_a_second_at_the_price_of_their_index()
    {
        var market = new MarketRecorder(new(), "futures_trades", "futures:ESZ6", "futures:NQH7", "price:SPX").Advance(TimeSpan.FromSeconds(60));
        var trades = market.Of("futures_trades").Select(frame => frame.Payload).ToList();
        var future = trades.Where(trade => trade.GetProperty("sym").GetString() == "ESZ6").ToList();

        Assert.InRange(trades.Count / 59.0, 72, 80);
        Assert.Equal(["ES", "NQ", "RTY", "YM"], trades.Select(trade => trade.GetProperty("product").GetString()!).Distinct().Order());
        Assert.Equal(future.Select(trade => trade.GetRawText()), market.Of("futures:ESZ6").Select(frame => frame.Payload.GetRawText()));
        Assert.Empty(market.Of("futures:NQH7")); // not the contract that expires next
        Assert.All(trades.Zip(trades.Skip(1)), pair => Assert.True(Whole(pair.First, "trade_id") < Whole(pair.Second, "trade_id")));
        var index = Number(market.Of("price:SPX").Last().Payload, "close");
        Assert.All(future, trade =>
        {
            Assert.InRange(Number(trade, "price") / index, 0.99m, 1.02m);
            Assert.Equal(0, Number(trade, "price") % 0.25m);
            Assert.Equal(0.25m, Number(trade, "nbbo_ask") - Number(trade, "nbbo_bid"));
            Assert.Equal(Number(trade, trade.GetProperty("side").GetString() == "buy" ? "nbbo_ask" : "nbbo_bid"), Number(trade, "price"));
        });
        Assert.InRange(new MarketRecorder(new() { Rate = 10 }, "futures_trades").Advance(TimeSpan.FromSeconds(20)).Frames.Count / 19.0, 700, 820);
    }

    [Theory]
    [InlineData("2026-11-18T15:30:00Z", "ESZ6")]
    [InlineData("2026-12-18T15:30:00Z", "ESZ6")]
    [InlineData("2026-12-19T15:30:00Z", "ESH7")]
    [InlineData("2027-06-01T15:30:00Z", "ESM7")]
    public void The_contract_is_the_one_that_expires_next(string at, string contract)
    {
        var market = Tidewire.Simulation.SimulatedMarket.Open(new(), DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));
        var form = Tidewire.Simulation.SimulatedForm.Parse("futures:" + contract);
        var count = 0;
        var frames = new Tidewire.Simulation.SimulatedFrames(_ => count++);
        frames.Join(form);
        market.Watch(form);
        market.Advance(market.Now.AddSeconds(3), frames);

        Assert.True(count > 20, $"{count} trades of {contract}");
    }

    [Fact]
    public void A_quote_comes_with_each_price_and_is_around_it()
    {
        var market = new MarketRecorder(new(), "quotes:SPY", "price:SPY", "quotes:T0001", "price:T0001", "quotes:SPX").Advance(TimeSpan.FromSeconds(60));

        Assert.Empty(market.Of("quotes:SPX")); // an index is not traded itself
        foreach (var ticker in (string[])["SPY", "T0001"])
        {
            var pairs = market.Of("quotes:" + ticker).Zip(market.Of("price:" + ticker), (quote, price) => (quote, price)).ToList();
            Assert.Equal(market.Of("price:" + ticker).Count(), market.Of("quotes:" + ticker).Count());
            Assert.InRange(pairs.Count, 11, 40);
            Assert.All(pairs, pair =>
            {
                var (quote, price) = (pair.quote.Payload, Number(pair.price.Payload, "close"));
                Assert.Equal(pair.price.At, pair.quote.At);
                Assert.Equal(ticker, quote.GetProperty("ticker").GetString());
                Assert.True(Number(quote, "bid") <= price && price <= Number(quote, "ask") && Number(quote, "bid") < Number(quote, "ask"), quote.GetRawText());
                Assert.True(Whole(quote, "bid_size") > 0 && Whole(quote, "ask_size") > 0);
            });
        }
    }

    [Fact]
    public void Stocks_are_screened_every_half_minute_and_agree_with_their_prices()
    {
        var market = new MarketRecorder(new(), "stock_screener", "price:SPY").Advance(TimeSpan.FromSeconds(61));
        var lists = market.Of("stock_screener").GroupBy(frame => frame.At).ToList();

        Assert.Equal([60, 60], lists.Select(list => list.Select(frame => frame.Payload.GetProperty("ticker").GetString()).Distinct().Count()));
        Assert.All(lists.Zip(lists.Skip(1)), pair => Assert.InRange((pair.Second.Key - pair.First.Key).TotalSeconds, 29.9, 30.1));
        var spy = lists[^1].Single(frame => frame.Payload.GetProperty("ticker").GetString() == "SPY");
        Assert.Equal(market.Of("price:SPY").Last(frame => frame.At <= spy.At).Payload.GetProperty("close").GetString(), spy.Payload.GetProperty("close").GetString());
        Assert.True(Whole(spy.Payload, "call_volume") > 0 && Number(spy.Payload, "put_premium") > 0);
    }

    [Fact]
    public void Whoever_asks_for_them_changes_nothing_of_what_others_see()
    {
        var alone = new MarketRecorder(new(), "option_trades", "lit_trades", "price:SPY").Advance(TimeSpan.FromSeconds(35)).Frames.Select(frame => frame.Bytes);
        var market = new MarketRecorder(
            new(), "option_trades", "lit_trades", "price:SPY", "contract_screener", "custom_alerts", "periscope", "futures_trades", "quotes:SPY", "stock_screener");
        market.Advance(TimeSpan.FromSeconds(20));
        market.Leave("futures_trades");
        market.Leave("contract_screener");
        var left = market.Frames.Count(frame => frame.Form is "futures_trades" or "contract_screener");
        market.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(left, market.Frames.Count(frame => frame.Form is "futures_trades" or "contract_screener"));
        Assert.Equal(alone, market.Frames.Where(frame => frame.Form is "option_trades" or "lit_trades" or "price:SPY").Select(frame => frame.Bytes));
    }

    private static long Whole(JsonElement payload, string name) => payload.GetProperty(name).GetInt64();

    private static decimal Number(JsonElement payload, string name) => decimal.Parse(payload.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
