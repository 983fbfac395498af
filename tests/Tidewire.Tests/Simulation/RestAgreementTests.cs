using System.Globalization;
using System.Text.Json;

namespace Tidewire.Tests.Simulation;

/// <summary>What the simulated REST side says against what the socket side sent.</summary>
public sealed class RestAgreementTests
{
    [Fact]
    public async Task An_alert_of_the_socket_is_found_over_rest_with_the_same_id_and_figures()
    {
        await using var world = new RestWorld(null, null, true, "flow-alerts");
        world.Pass(TimeSpan.FromSeconds(60));
        var rest = (await world.RowsAsync("/api/option-trades/flow-alerts?limit=200")).ToDictionary(row => row.GetProperty("id").GetString()!);
        var socket = world.Of("flow-alerts").ToList();

        Assert.InRange(socket.Count, 40, 200);
        Assert.All(socket, alert =>
        {
            var row = rest[alert.GetProperty("id").GetString()!];
            foreach (var (name, other) in new[] { ("rule_name", "alert_rule"), ("rule_id", "rule_id"), ("ticker", "ticker"), ("option_chain", "option_chain") })
            {
                Assert.Equal(alert.GetProperty(name).GetString(), row.GetProperty(other).GetString());
            }

            foreach (var name in new[] { "total_premium", "total_ask_side_prem", "total_bid_side_prem", "total_size", "trade_count", "price", "underlying_price", "volume", "open_interest", "start_time", "end_time", "bid", "ask" })
            {
                Assert.Equal(RestWorld.Number(alert, name), RestWorld.Number(row, name));
            }
        });
        Assert.Equal(rest.Values.Select(row => row.GetProperty("created_at").GetString()).OrderDescending(), rest.Values.Select(row => row.GetProperty("created_at").GetString()));
    }

    [Theory]
    [InlineData("off_lit_trades", "/api/darkpool/recent?limit=200", 1)]
    [InlineData("off_lit_trades", "/api/darkpool/SPY", 1)]
    [InlineData("lit_trades", "/api/lit-flow/recent?limit=200", 1)]
    [InlineData("off_lit_trades", "/api/darkpool/recent?limit=200", 5)]
    public async Task Prints_over_rest_are_those_of_the_socket(string form, string path, double rate)
    {
        await using var world = new RestWorld(new() { Rate = rate }, null, true, form);
        var from = world.Time.GetUtcNow().AddSeconds(6);
        world.Pass(TimeSpan.FromSeconds(40));
        var rows = await world.RowsAsync(path);
        var ticker = path.Contains("SPY", StringComparison.Ordinal) ? "SPY" : null;
        var socket = world.Of(form).Where(print => ticker is null || print.GetProperty("symbol").GetString() == ticker).ToList();
        static string Key(JsonElement print, string symbol) => string.Join(' ', new[] { symbol, "executed_at", "price", "size", "volume", "nbbo_bid", "nbbo_ask", "trade_code", "sale_cond_codes" }
            .Select(name => print.GetProperty(name).ToString()));

        rows = rows.FindAll(row => row.GetProperty("executed_at").GetDateTimeOffset() >= from);
        Assert.True(rows.Count >= 30, $"{rows.Count} rows");
        var oldest = rows.Min(row => row.GetProperty("executed_at").GetDateTimeOffset());
        var whole = socket.Where(print => print.GetProperty("executed_at").GetDateTimeOffset() > oldest).Select(print => Key(print, "symbol")).Order();
        Assert.Equal(whole, rows.Where(row => row.GetProperty("executed_at").GetDateTimeOffset() > oldest).Select(row => Key(row, "ticker")).Order());
        Assert.Equal(rows.Count, rows.Select(row => row.GetProperty("tracking_id").GetInt64()).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(RestWorld.Number(row, "price") * RestWorld.Number(row, "size"), RestWorld.Number(row, "premium")));
    }

    [Fact]
    public async Task Prints_that_no_one_watched_are_the_same_as_watched_ones()
    {
        await using var watched = new RestWorld(null, null, true, "off_lit_trades", "lit_trades");
        await using var alone = new RestWorld(null, null, true, "market_tide");
        watched.Pass(TimeSpan.FromSeconds(20));
        alone.Pass(TimeSpan.FromSeconds(20));

        Assert.Equal(await watched.AskAsync("/api/darkpool/recent?limit=200"), await alone.AskAsync("/api/darkpool/recent?limit=200"));
        Assert.Equal(await watched.AskAsync("/api/lit-flow/AAPL"), await alone.AskAsync("/api/lit-flow/AAPL"));
    }

    [Fact]
    public async Task Candles_and_the_stocks_state_follow_from_the_very_prices_of_the_socket()
    {
        await using var world = new RestWorld(null, null, true, "price:SPY");
        world.Pass(TimeSpan.FromMinutes(11));
        var ticks = world.Of("price:SPY").Select(tick => (At: tick.GetProperty("time").GetInt64(), Price: RestWorld.Number(tick, "close"), Volume: tick.GetProperty("vol").GetInt64())).ToList();
        foreach (var (size, minutes) in new[] { ("1m", 1), ("5m", 5) })
        {
            var length = minutes * 60_000L;
            var candles = (await world.RowsAsync($"/api/stock/SPY/ohlc/{size}")).ToDictionary(candle => candle.GetProperty("start_time").GetDateTimeOffset().ToUnixTimeMilliseconds());
            var whole = ticks.GroupBy(tick => tick.At / length * length).Where(group => group.Key > ticks[0].At && group.Key + length <= ticks[^1].At).ToList();
            foreach (var group in whole)
            {
                var candle = candles[group.Key];
                Assert.Equal(group.First().Price, RestWorld.Number(candle, "open"));
                Assert.Equal(group.Max(tick => tick.Price), RestWorld.Number(candle, "high"));
                Assert.Equal(group.Min(tick => tick.Price), RestWorld.Number(candle, "low"));
                Assert.Equal(group.Last().Price, RestWorld.Number(candle, "close"));
                Assert.Equal(group.Last().Volume, candle.GetProperty("total_volume").GetInt64());
            }

            Assert.True(whole.Count >= (minutes == 1 ? 4 : 1), $"{whole.Count} candles");
            Assert.Equal(candles.Keys.OrderDescending(), candles.Keys);
        }

        var state = await world.DataAsync("/api/stock/SPY/stock-state");
        var last = world.Of("price:SPY").Last();
        Assert.True(world.Upstream.TryGetReference("SPY", out var reference));
        Assert.Equal(RestWorld.Number(last, "close"), RestWorld.Number(state, "close"));
        Assert.Equal(last.GetProperty("vol").GetInt64(), state.GetProperty("total_volume").GetInt64());
        Assert.Equal((reference.PreviousClose, reference.Open, reference.High, reference.Low), (RestWorld.Number(state, "prev_close"), RestWorld.Number(state, "open"), RestWorld.Number(state, "high"), RestWorld.Number(state, "low")));
        var day = Assert.Single(await world.RowsAsync("/api/stock/SPY/ohlc/1d"));
        Assert.False(day.TryGetProperty("start_time", out _));
        Assert.Equal(RestWorld.Number(state, "high"), RestWorld.Number(day, "high"));
    }

    [Fact]
    public async Task Market_tide_over_rest_is_the_running_total_of_the_increments()
    {
        await using var world = new RestWorld(null, null, true, "market_tide");
        world.Pass(TimeSpan.FromMinutes(4.2));
        var rows = await world.RowsAsync("/api/market/market-tide?interval_5m=false");
        var tides = world.Of("market_tide").ToList();
        var ends = rows.ConvertAll(row => row.GetProperty("timestamp").GetDateTimeOffset().AddMinutes(1));

        Assert.Equal(ends.Order(), ends);
        for (var index = 1; index < rows.Count; index++)
        {
            // Before the first row that is compared no one had joined yet.
            if (ends[index - 1] <= MarketRecorder.Start)
            {
                continue;
            }

            var spans = tides.Where(tide => tide.GetProperty("timestamp").GetDateTimeOffset() is var at && at > ends[index - 1] && at <= ends[index]).ToList();
            Assert.NotEmpty(spans);
            foreach (var name in new[] { "net_call_premium", "net_put_premium", "net_volume" })
            {
                Assert.Equal(spans.Sum(tide => RestWorld.Number(tide, name)), RestWorld.Number(rows[index], name) - RestWorld.Number(rows[index - 1], name));
            }
        }

        Assert.True(rows.Count >= 5, $"{rows.Count} rows");
        Assert.True((await world.RowsAsync("/api/market/market-tide")).Count < rows.Count, "five minutes are fewer rows");
        Assert.NotEqual((await world.AskAsync("/api/market/market-tide?otm_only=true")).Body, (await world.AskAsync("/api/market/market-tide")).Body);
    }

    [Theory]
    [InlineData("SPY")]
    [InlineData("T0001")]
    public async Task Net_premium_per_minute_is_the_sum_of_the_tickers_increments_and_trades(string ticker)
    {
        await using var world = new RestWorld(new() { Rate = ticker == "SPY" ? 1 : 20, Tickers = 5 }, null, true, "net_flow:" + ticker, "option_trades:" + ticker);
        world.Pass(TimeSpan.FromMinutes(3));
        var rows = await world.RowsAsync($"/api/stock/{ticker}/net-prem-ticks");
        var whole = rows.Where(row => row.GetProperty("tape_time").GetDateTimeOffset() >= MarketRecorder.Start.AddMinutes(1)).SkipLast(1).ToList();

        Assert.NotEmpty(whole);
        foreach (var row in whole)
        {
            var from = row.GetProperty("tape_time").GetDateTimeOffset().ToUnixTimeMilliseconds();
            var flows = world.Of("net_flow:" + ticker).Where(flow => flow.GetProperty("time").GetInt64() is var at && at > from && at <= from + 60_000).ToList();
            var trades = world.Of("option_trades:" + ticker).Where(trade => trade.GetProperty("created_at").GetInt64() is var at && at >= from && at < from + 60_000).ToList();
            foreach (var (name, other) in new[] { ("net_call_prem", "net_call_premium"), ("net_put_prem", "net_put_premium"), ("net_call_vol", "net_call_volume"), ("net_put_vol", "net_put_volume") })
            {
                Assert.Equal(flows.Sum(flow => RestWorld.Number(flow, name)), RestWorld.Number(row, other));
            }

            long Volume(string type, string? side) => trades
                .Where(trade => trade.GetProperty("option_type").GetString() == type && (side is null || trade.GetProperty("tags")[0].GetString() == side)).Sum(trade => trade.GetProperty("size").GetInt64());
            Assert.Equal(Volume("call", null), row.GetProperty("call_volume").GetInt64());
            Assert.Equal(Volume("call", "ask_side"), row.GetProperty("call_volume_ask_side").GetInt64());
            Assert.Equal(Volume("put", "bid_side"), row.GetProperty("put_volume_bid_side").GetInt64());
            Assert.Equal(Volume("put", null), row.GetProperty("put_volume").GetInt64());
        }
    }

    [Fact]
    public async Task Recent_flow_is_the_last_option_trades_of_the_socket()
    {
        await using var world = new RestWorld(null, null, true, "option_trades:SPY");
        world.Pass(TimeSpan.FromSeconds(10));
        var rows = await world.RowsAsync("/api/stock/SPY/flow-recent");
        var trades = world.Of("option_trades:SPY").TakeLast(50).Reverse().ToList();

        Assert.Equal(50, rows.Count);
        Assert.Equal(trades.Select(trade => trade.GetProperty("id").GetString()), rows.Select(row => row.GetProperty("id").GetString()));
        Assert.All(rows.Zip(trades), pair =>
        {
            foreach (var name in new[] { "price", "premium", "strike", "nbbo_bid", "delta", "theo", "underlying_price", "expiry", "exchange" })
            {
                Assert.Equal(pair.Second.GetProperty(name).GetString(), pair.First.GetProperty(name).GetString());
            }

            Assert.Equal(pair.Second.GetProperty("tags").GetRawText(), pair.First.GetProperty("tags").GetRawText());
            Assert.Equal(pair.Second.GetProperty("option_symbol").GetString(), pair.First.GetProperty("option_chain_id").GetString());
            Assert.Equal(pair.Second.GetProperty("executed_at").GetInt64(), pair.First.GetProperty("executed_at").GetDateTimeOffset().ToUnixTimeMilliseconds());
        });
        Assert.All(await world.RowsAsync("/api/stock/SPY/flow-recent?side=ASK&min_premium=1000"), row =>
        {
            Assert.Equal("ask_side", row.GetProperty("tags")[0].GetString());
            Assert.True(RestWorld.Number(row, "premium") >= 1_000);
        });
    }

    [Theory]
    [InlineData("SPY")]
    [InlineData("SPX")]
    [InlineData("T0001")]
    public async Task Exposure_over_rest_is_what_the_socket_published_last(string ticker)
    {
        await using var world = new RestWorld(new() { Tickers = 5 }, null, true, "gex:" + ticker, "gex_strike:" + ticker);
        world.Pass(TimeSpan.FromSeconds(75));
        var rows = await world.RowsAsync($"/api/stock/{ticker}/spot-exposures");
        var last = world.Of("gex:" + ticker).Last();

        Assert.InRange(rows.Count, 2, 3);
        Assert.Equal(last.GetProperty("timestamp").GetInt64(), rows[^1].GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        foreach (var field in rows[^1].EnumerateObject().Where(field => field.Name != "time"))
        {
            Assert.Equal(last.GetProperty(field.Name).GetString(), field.Value.GetString());
        }

        // A burst takes a third of a second on the socket.
        world.Pass(TimeSpan.FromMilliseconds(500));
        var strikes = await world.RowsAsync($"/api/stock/{ticker}/spot-exposures/strike");
        var burst = world.Of("gex_strike:" + ticker).GroupBy(row => row.GetProperty("timestamp").GetInt64()).Last().ToDictionary(row => row.GetProperty("strike").GetString()!);
        Assert.Equal(Math.Min(500, burst.Count), strikes.Count);
        Assert.All(strikes, row =>
        {
            var frame = burst[row.GetProperty("strike").GetString()!];
            foreach (var (name, other) in new[] { ("call_gamma_oi", "call_gamma_oi"), ("put_vanna_vol", "put_vanna_vol"), ("call_charm_ask_vol", "call_charm_ask"), ("put_gamma_bid_vol", "put_gamma_bid"), ("price", "price") })
            {
                Assert.Equal(frame.GetProperty(name).GetString(), row.GetProperty(other).GetString());
            }
        });
    }

    [Fact]
    public async Task Exposure_of_a_ticker_that_no_one_follows_is_computed_when_asked_for()
    {
        await using var world = new RestWorld(new() { Tickers = 5 });
        world.Pass(TimeSpan.FromSeconds(1));
        var first = await world.RowsAsync("/api/stock/T0002/spot-exposures");
        world.Pass(TimeSpan.FromMinutes(2));

        Assert.Single(first);
        Assert.Equal(2, (await world.RowsAsync("/api/stock/T0002/spot-exposures")).Count);
        Assert.NotEmpty(await world.RowsAsync("/api/stock/T0002/spot-exposures/strike"));
        Assert.True(world.Upstream.TryGetReference("T0002", out _));
    }

    [Fact]
    public async Task Headlines_are_those_of_the_socket_by_pages()
    {
        await using var world = new RestWorld(new() { Tickers = 5 }, null, true, "news");
        world.Pass(TimeSpan.FromMinutes(8));
        var socket = world.Of("news").Select(item => item.GetProperty("timestamp").GetString() + item.GetProperty("headline").GetString()).Reverse().ToList();
        static string Key(JsonElement row) => row.GetProperty("created_at").GetString() + row.GetProperty("headline").GetString();
        var all = (await world.RowsAsync("/api/news/headlines")).ConvertAll(Key);

        Assert.True(socket.Count >= 4);
        Assert.Equal(socket, all.Take(socket.Count));
        Assert.Equal(all.Skip(2).Take(2), (await world.RowsAsync("/api/news/headlines?limit=2&page=1")).ConvertAll(Key));
    }

    [Fact]
    public async Task Movers_are_in_order_and_agree_with_the_stocks_states()
    {
        await using var world = new RestWorld();
        world.Pass(TimeSpan.FromSeconds(5));
        var movers = await world.DataAsync("/api/market/movers?limit=5");
        foreach (var (list, field, sign) in new[] { ("most_active", "volume", -1), ("gainers", "change_percent", -1), ("losers", "change_percent", 1) })
        {
            var rows = movers.GetProperty(list).EnumerateArray().ToList();
            Assert.Equal(5, rows.Count);
            Assert.Equal(rows.Select(row => sign * RestWorld.Number(row, field)).Order(), rows.Select(row => sign * RestWorld.Number(row, field)));
            Assert.All(rows, row => Assert.True(list == "most_active" || Math.Sign(RestWorld.Number(row, "change")) == -sign));
            Assert.DoesNotContain(rows, row => row.GetProperty("ticker").GetString() is "SPX" or "NDX");
            Assert.All(rows, row => Assert.InRange(RestWorld.Number(row, "change_percent") - (100 * ((RestWorld.Number(row, "price") / RestWorld.Number(row, "prev_close")) - 1)), -0.0001m, 0.0001m));
        }

        var first = movers.GetProperty("gainers")[0];
        Assert.True(world.Upstream.TryGetReference(first.GetProperty("ticker").GetString()!, out var reference));
        Assert.Equal(reference.PreviousClose, RestWorld.Number(first, "prev_close"));
    }

    [Fact]
    public async Task Screeners_add_up_what_the_options_traded()
    {
        await using var world = new RestWorld(null, null, true, "option_trades");
        async Task<Dictionary<string, JsonElement>> StocksAsync() => (await world.RowsAsync("/api/screener/stocks?limit=60")).ToDictionary(row => row.GetProperty("ticker").GetString()!);
        var before = await StocksAsync();
        var asked = world.Frames.Count;
        world.Pass(TimeSpan.FromSeconds(20));
        var after = await StocksAsync();
        var trades = world.Frames.Skip(asked).Select(frame => frame.Payload).Where(trade => trade.GetProperty("underlying_symbol").GetString() == "QQQ").ToList();
        decimal Grown(string name) => RestWorld.Number(after["QQQ"], name) - RestWorld.Number(before["QQQ"], name);
        decimal Premium(string type) => trades.Where(trade => trade.GetProperty("option_type").GetString() == type).Sum(trade => RestWorld.Number(trade, "premium"));

        Assert.Equal(60, after.Count);
        Assert.True(trades.Count > 100);
        Assert.Equal(Premium("call"), Grown("call_premium"));
        Assert.Equal(Premium("put"), Grown("put_premium"));
        Assert.Equal(trades.Sum(trade => trade.GetProperty("size").GetInt64()), (long)Grown("volume"));
        var ascending = (await world.RowsAsync("/api/screener/stocks?limit=60&order=net_premium&order_direction=asc")).ConvertAll(row => RestWorld.Number(row, "net_premium"));
        Assert.Equal(ascending.Order(), ascending);
        Assert.All(await world.RowsAsync("/api/screener/stocks?min_volume=100000&sectors[]=Technology"), row =>
        {
            Assert.Equal("Technology", row.GetProperty("sector").GetString());
            Assert.True(row.GetProperty("volume").GetInt64() >= 100_000);
        });

        var contracts = await world.RowsAsync("/api/screener/option-contracts?limit=250&ticker_symbol=QQQ");
        var last = world.Of("option_trades").Where(trade => trade.GetProperty("underlying_symbol").GetString() == "QQQ").ToLookup(trade => trade.GetProperty("option_symbol").GetString());
        Assert.True(contracts.Count > 20);
        Assert.Equal(contracts.Select(row => row.GetProperty("volume").GetInt64()).OrderDescending(), contracts.Select(row => row.GetProperty("volume").GetInt64()));
        Assert.All(contracts.Where(row => last.Contains(row.GetProperty("option_symbol").GetString())), row =>
        {
            var trade = last[row.GetProperty("option_symbol").GetString()].Last();
            Assert.Equal(trade.GetProperty("volume").GetInt64(), row.GetProperty("volume").GetInt64());
            Assert.Equal(trade.GetProperty("price").GetString(), row.GetProperty("close").GetString());
        });
    }

    [Fact]
    public async Task Filings_reach_back_for_weeks_and_a_new_one_comes_within_minutes()
    {
        await using var world = new RestWorld(new() { Tickers = 5 });
        world.Pass(TimeSpan.FromSeconds(1));
        static string Text(JsonElement row) => row.GetRawText();
        var before = await world.RowsAsync("/api/congress/recent-trades?limit=200");
        world.Pass(TimeSpan.FromMinutes(11));
        var after = await world.RowsAsync("/api/congress/recent-trades?limit=200");
        var late = await world.RowsAsync("/api/congress/late-reports?limit=200");
        var added = after.FindIndex(row => Text(row) == Text(before[0]));

        static int Delay(JsonElement row) => DateOnly.ParseExact(row.GetProperty("filed_at_date").GetString()!, "O", CultureInfo.InvariantCulture).DayNumber
            - DateOnly.ParseExact(row.GetProperty("transaction_date").GetString()!, "O", CultureInfo.InvariantCulture).DayNumber;
        Assert.Equal(200, before.Count);
        Assert.InRange(added, 2, 5);
        Assert.Equal(after.Skip(added).Select(Text), before.SkipLast(added).Select(Text));
        Assert.Equal("2026-11-18", after[0].GetProperty("filed_at_date").GetString());
        Assert.InRange(late.Count, 20, 100);
        Assert.All(late, row => Assert.True(Delay(row) > 45));
        Assert.Subset(late.Select(Text).ToHashSet(), after.Where(row => Delay(row) > 45).Select(Text).ToHashSet());
        var identities = after.ConvertAll(row => string.Join('|', new[] { "politician_id", "ticker", "transaction_date", "txn_type", "amounts" }.Select(name => row.GetProperty(name).GetString())));
        Assert.Equal(identities.Count, identities.Distinct().Count());
        Assert.All(await world.RowsAsync("/api/congress/recent-trades?ticker=QQQ&date=2026-10-01"), row =>
        {
            Assert.Equal("QQQ", row.GetProperty("ticker").GetString());
            Assert.True(string.CompareOrdinal(row.GetProperty("transaction_date").GetString(), "2026-10-01") <= 0);
        });
    }

    [Fact]
    public async Task The_accounts_alerts_tell_of_large_hits_and_of_halts()
    {
        await using var world = new RestWorld(new() { Rate = 10, Tickers = 20 }, null, true, "trading_halts", "flow-alerts");
        world.Pass(TimeSpan.FromMinutes(2.5));
        var own = await world.RowsAsync("/api/alerts?limit=500");
        var halts = world.Of("trading_halts").ToList();
        var large = world.Of("flow-alerts").Where(alert => RestWorld.Number(alert, "total_premium") >= 250_000).ToList();

        Assert.NotEmpty(halts);
        Assert.NotEmpty(large);
        Assert.All(halts, halt => Assert.Contains(own, row => row.GetProperty("noti_type").GetString() == "trading_state" && row.GetProperty("symbol").GetString() == halt.GetProperty("ticker").GetString()));
        Assert.Contains(own, row => row.GetProperty("symbol").GetString() == large[^1].GetProperty("option_chain").GetString());
        Assert.Single(await world.RowsAsync("/api/alerts"));
        Assert.All(await world.RowsAsync("/api/alerts?limit=500&noti_types[]=trading_state"), row => Assert.Equal("trading_state", row.GetProperty("noti_type").GetString()));
        Assert.Equal(own.Count, own.Select(row => row.GetProperty("id").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData("s")]
    [InlineData("ms")]
    [InlineData("iso")]
    public async Task Rows_between_two_times_are_had_in_each_spelling_of_time(string spelling)
    {
        await using var world = new RestWorld();
        world.Pass(TimeSpan.FromSeconds(40));
        var all = await world.RowsAsync("/api/option-trades/flow-alerts?limit=200");
        var (newer, older) = (MarketRecorder.Start.AddSeconds(10), MarketRecorder.Start.AddSeconds(30));
        string Spell(DateTimeOffset at) => spelling switch
        {
            "s" => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            "ms" => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            _ => Uri.EscapeDataString(at.ToOffset(TimeSpan.FromHours(-5)).ToString("O", CultureInfo.InvariantCulture)),
        };
        var between = await world.RowsAsync($"/api/option-trades/flow-alerts?limit=200&newer_than={Spell(newer)}&older_than={Spell(older)}");

        Assert.InRange(between.Count, 10, 30);
        Assert.Equal(
            all.Where(row => row.GetProperty("created_at").GetDateTimeOffset() is var at && at > newer && at < older).Select(row => row.GetProperty("id").GetString()),
            between.Select(row => row.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_pause_leaves_no_prints_behind_that_the_socket_did_not_have()
    {
        await using var world = new RestWorld(null, null, true, "off_lit_trades");
        world.Pass(TimeSpan.FromSeconds(10));
        world.Time.StepWallClock(TimeSpan.FromSeconds(6));
        world.Pass(TimeSpan.FromSeconds(10));
        var rows = (await world.RowsAsync("/api/darkpool/recent?limit=200")).FindAll(row => row.GetProperty("executed_at").GetDateTimeOffset() > MarketRecorder.Start.AddSeconds(6));
        var socket = world.Of("off_lit_trades").Select(print => $"{print.GetProperty("symbol")} {print.GetProperty("executed_at")} {print.GetProperty("price")} {print.GetProperty("volume")}").ToHashSet();

        Assert.True(rows.Count > 100, $"{rows.Count} rows");
        Assert.All(rows, row => Assert.Contains($"{row.GetProperty("ticker")} {row.GetProperty("executed_at")} {row.GetProperty("price")} {row.GetProperty("volume")}", socket));
    }

    [Fact]
    public async Task A_new_day_begins_new_totals_and_keeps_the_day_that_ended()
    {
        await using var world = new RestWorld(new() { Rate = 0.2, Tickers = 3 });
        world.Pass(TimeSpan.FromSeconds(30));
        world.Time.StepWallClock(new DateTimeOffset(2026, 11, 19, 4, 58, 30, TimeSpan.Zero) - world.Time.GetUtcNow());
        world.Pass(TimeSpan.FromMinutes(3));

        Assert.Equal(["2026-11-19", "2026-11-18"], (await world.RowsAsync("/api/stock/SPY/ohlc/1d")).Select(day => day.GetProperty("date").GetString()));
        Assert.Single(await world.RowsAsync("/api/stock/SPY/ohlc/1w"));
        var state = await world.DataAsync("/api/stock/SPY/stock-state");
        var yesterday = (await world.RowsAsync("/api/stock/SPY/ohlc/1d"))[1];
        Assert.Equal(Math.Round(RestWorld.Number(yesterday, "close"), 2), RestWorld.Number(state, "prev_close"));
        var tide = await world.RowsAsync("/api/market/market-tide?interval_5m=false");
        Assert.InRange(tide.Count, 1, 3);
        Assert.NotEmpty(await world.RowsAsync("/api/market/market-tide?interval_5m=false&date=2026-11-18"));
    }
}
