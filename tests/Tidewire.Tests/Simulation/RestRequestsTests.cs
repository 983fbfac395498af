using System.Diagnostics;
using System.Text.Json;
using Tidewire.Simulation;
using Tidewire.Simulation.Rest;

namespace Tidewire.Tests.Simulation;

/// <summary>Bad requests, none of a market, the same requests again, and many at a time.</summary>
public sealed class RestRequestsTests
{
    private static readonly string[] Paths =
    [
        "/api/option-trades/flow-alerts?limit=200", "/api/alerts?limit=100", "/api/darkpool/recent?limit=200", "/api/darkpool/SPY", "/api/lit-flow/recent", "/api/lit-flow/AAPL",
        "/api/congress/recent-trades?limit=200", "/api/congress/late-reports", "/api/news/headlines?limit=100", "/api/market/movers", "/api/market/market-tide?interval_5m=false",
        "/api/stock/SPY/net-prem-ticks", "/api/stock/SPX/flow-recent", "/api/stock/SPY/stock-state", "/api/stock/T0003/stock-state", "/api/stock/SPY/ohlc/1m?timeframe=1D&limit=390",
        "/api/stock/SPY/ohlc/4h", "/api/stock/SPY/ohlc/1w", "/api/stock/SPY/spot-exposures", "/api/stock/T0003/spot-exposures", "/api/stock/SPX/spot-exposures/strike?limit=500",
        "/api/screener/stocks", "/api/screener/option-contracts?limit=50",
    ];

    public static TheoryData<string> AllPaths => [.. Paths];

    [Theory]
    [InlineData("/api/darkpool/MSFT$", "Invalid path input: MSFT$ (valid example: AAPL)")]
    [InlineData("/api/darkpool/MUCHTOOLONGTICKER?date=2023-02-140", "Invalid path input: MUCHTOOLONGTICKER (valid example: AAPL) - Invalid query input(s): date=2023-02-140 (valid example: date=2024-01-18)")]
    [InlineData("/api/darkpool/recent?limit=201", "Invalid query input(s): limit=201")]
    [InlineData("/api/darkpool/recent?limit=0", "limit=0")]
    [InlineData("/api/darkpool/recent?limit=many", "limit=many")]
    [InlineData("/api/darkpool/recent?min_premium=-1", "min_premium=-1")]
    [InlineData("/api/darkpool/SPY?limit=501", "limit=501")]
    [InlineData("/api/option-trades/flow-alerts?newer_than=yesterday", "newer_than=yesterday")]
    [InlineData("/api/option-trades/flow-alerts?older_than=99999999999999999999", "older_than=")]
    [InlineData("/api/option-trades/flow-alerts?ticker_symbol=A%22B", "ticker_symbol=A\"B")]
    [InlineData("/api/news/headlines?limit=101", "limit=101")]
    [InlineData("/api/news/headlines?page=-1", "page=-1")]
    [InlineData("/api/news/headlines?major_only=perhaps", "major_only=perhaps")]
    [InlineData("/api/market/market-tide?interval_5m=1", "interval_5m=1")]
    [InlineData("/api/stock/SPY/ohlc/2m", "Invalid path input: 2m")]
    [InlineData("/api/stock/SPY/ohlc/1m?limit=2501", "limit=2501")]
    [InlineData("/api/stock/SPY/ohlc/1m?timeframe=soon", "timeframe=soon")]
    [InlineData("/api/screener/stocks?order=beauty", "order=beauty")]
    [InlineData("/api/screener/stocks?order_direction=up", "order_direction=up")]
    [InlineData("/api/screener/option-contracts?limit=251", "limit=251")]
    [InlineData("/api/stock/SPY/flow-recent?side=LEFT", "side=LEFT")]
    [InlineData("/api/alerts?limit=501", "limit=501")]
    public async Task Bad_input_is_refused_with_what_was_wrong(string path, string message)
    {
        await using var world = new RestWorld(new() { Tickers = 3 });
        var (status, body) = await world.AskAsync(path);
        using var json = JsonDocument.Parse(body);

        Assert.Equal(422, status);
        Assert.Contains(message, json.RootElement.GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Equal(path.Split('?')[0], json.RootElement.GetProperty("path").GetString());
        Assert.Equal(path.Split('?').ElementAtOrDefault(1) ?? "", json.RootElement.GetProperty("query").GetString());
        Assert.Equal("simulated.invalid" + path, json.RootElement.GetProperty("url").GetString());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/flow")]
    [InlineData("/api/market/tide")]
    [InlineData("/api/stock/SPY/quote")]
    [InlineData("/api/stock//stock-state")]
    [InlineData("/api/v2/darkpool/recent")]
    [InlineData("/api/darkpool/recent/")]
    public async Task An_unknown_path_is_not_found(string path)
    {
        await using var world = new RestWorld(new() { Tickers = 3 });

        Assert.Equal(404, (await world.AskAsync(path)).Status);
    }

    [Fact]
    public async Task Nothing_but_get_is_served()
    {
        await using var world = new RestWorld(new() { Tickers = 3 });
        var answer = world.SendAsync("/api/news/headlines", HttpMethod.Post);
        world.Pass(TimeSpan.FromMilliseconds(100));
        using var response = await answer;

        Assert.Equal(405, (int)response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(AllPaths))]
    public async Task Before_the_market_opens_there_is_no_data_and_afterwards_there_is(string path)
    {
        await using var world = new RestWorld(opens: false);
        var before = await world.DataAsync(path);
        Assert.Empty(before.ValueKind == JsonValueKind.Array ? before.EnumerateArray() : before.EnumerateObject().SelectMany(list => list.Value.EnumerateArray()));
        Assert.Equal(422, (await world.AskAsync("/api/darkpool/recent?limit=0")).Status);
        Assert.False(world.Upstream.TryGetReference("SPY", out _));

        world.Open();
        world.Pass(TimeSpan.FromSeconds(3));
        var after = await world.DataAsync(path);
        Assert.NotEqual(before.GetRawText(), after.GetRawText());
    }

    [Fact]
    public async Task The_same_requests_at_the_same_times_get_the_same_bytes_and_leave_the_socket_as_it_is()
    {
        async Task<(List<string> Answers, List<string> Frames)> RunAsync(bool asks)
        {
            await using var world = new RestWorld(new() { Seed = 7 }, null, true, "option_trades:SPY", "off_lit_trades", "gex:SPY", "news");
            var answers = new List<string>();
            for (var round = 0; round < 3; round++)
            {
                foreach (var path in Paths)
                {
                    if (asks)
                    {
                        answers.Add((await world.AskAsync(path)).Body);
                    }
                }

                // To the same time, however long the answers took.
                var until = MarketRecorder.Start.AddSeconds((round + 1) * 8);
                while (world.Time.GetUtcNow() is var now && now < until)
                {
                    world.Time.Advance(until - now < TimeSpan.FromMilliseconds(20) ? until - now : TimeSpan.FromMilliseconds(20));
                }
            }

            return (answers, world.Frames.ConvertAll(frame => frame.Payload.GetRawText()));
        }

        var (first, frames) = await RunAsync(asks: true);
        var (second, _) = await RunAsync(asks: true);
        var (_, unasked) = await RunAsync(asks: false);

        Assert.Equal(first, second);
        Assert.Equal(unasked, frames);
        Assert.Equal(Paths.Length * 3, first.Count);
    }

    [Fact]
    public async Task Many_ask_at_the_same_time_while_the_market_goes_on()
    {
        await using var world = new RestWorld(new() { Rate = 20 }, new() { InFlightLimit = 1_000, MinuteLimit = 1_000_000, DailyLimit = 1_000_000 }, true, "off_lit_trades", "gex_strike:SPY");
        world.Pass(TimeSpan.FromSeconds(2));
        var market = world.Upstream.Market!;
        using var done = new CancellationTokenSource();
        var asked = 0;
        var askers = Enumerable.Range(0, 6).Select(asker => Task.Run(() =>
        {
            for (var number = asker; !done.IsCancellationRequested || number < Paths.Length + asker; number++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "https://simulated.invalid" + Paths[number % Paths.Length].Replace("T0003", $"U{number % 300}", StringComparison.Ordinal));
                var answer = RestDirectory.Answer(request, market);
                using var json = JsonDocument.Parse(answer.Body);
                Assert.Equal(200, (int)answer.Status);
                Interlocked.Increment(ref asked);
            }
        })).ToList();
        for (var second = 0; second < 5; second++)
        {
            await Task.Run(() => world.Pass(TimeSpan.FromSeconds(1)));
        }

        await done.CancelAsync();
        await Task.WhenAll(askers);
        Assert.True(asked >= 6 * Paths.Length, $"{asked} answers");
    }

    [Fact]
    public void What_is_kept_is_bounded_however_long_and_fast_the_market_runs()
    {
        var market = SimulatedMarket.Open(new() { Rate = 400, Tickers = 5 }, MarketRecorder.Start);
        var frames = new SimulatedFrames(_ => { });
        market.Advance(MarketRecorder.Start.AddSeconds(45), frames);
        var kept = Kept();
        market.Advance(MarketRecorder.Start.AddSeconds(60), frames);

        Assert.Equal(500, market.Past.Alerts.Count);
        Assert.All(market.Listed, ticker => Assert.Equal((50, ticker.Listing.Kind == ListingKind.Index ? 0 : 128), (ticker.Past.Trades.Count, ticker.Past.Shares.Count)));
        Assert.Equal(kept, Kept());

        int Kept() => market.Past.Alerts.Count + market.Listed.Sum(ticker => ticker.Past.Trades.Count + ticker.Past.Shares.Count);
    }

    [Fact]
    public void Filings_are_bounded_too()
    {
        var now = MarketRecorder.Start.UtcTicks;
        var past = new MarketPast();
        var desk = new CongressDesk(new(1, now), [new(Universe.Listings[0], 1, 1, now)], 1, past);
        desk.Begin();
        Assert.Equal(240, past.Filings.Count);
        for (var filing = 0; filing < 600; filing++)
        {
            desk.Publish();
        }

        Assert.Equal(500, past.Filings.Count);
    }

    [Fact]
    public void A_ring_keeps_the_newest_in_order()
    {
        var ring = new Ring<int>(20);
        for (var number = 1; number <= 47; number++)
        {
            ring.Add(number);
            Assert.Equal(Enumerable.Range(Math.Max(1, number - 19), Math.Min(20, number)).Reverse(), ring.NewestFirst());
        }

        ring[19] = -1;
        Assert.Equal(-1, ring.NewestFirst().Last());
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[20]);
    }

    [Theory]
    [MemberData(nameof(AllPaths))]
    public async Task An_answer_holds_the_market_up_for_a_moment_only(string path)
    {
        await using var world = new RestWorld();
        world.Pass(TimeSpan.FromSeconds(30));
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://simulated.invalid" + path);
        RestDirectory.Answer(request, world.Upstream.Market);
        var clock = Stopwatch.StartNew();
        var length = RestDirectory.Answer(request, world.Upstream.Market).Body.Length;

        TestContext.Current.TestOutputHelper?.WriteLine($"figure: {path} {clock.Elapsed.TotalMilliseconds:F2} ms, {length} bytes");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }
}
