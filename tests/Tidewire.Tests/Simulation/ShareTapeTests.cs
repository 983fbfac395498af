using System.Globalization;
using System.Text.Json;

namespace Tidewire.Tests.Simulation;

public sealed class ShareTapeTests
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(2);
    private static readonly MarketRecorder Market = new MarketRecorder(new(), "lit_trades", "off_lit_trades", "price:SPY", "price:SOXL").Advance(Span);

    [Fact]
    public void Prints_come_at_the_documented_rates_the_popular_tickers_first()
    {
        double Count(string ticker) => Market.Of("lit_trades").Count(frame => frame.Payload.GetProperty("symbol").GetString() == ticker);

        Assert.InRange(Market.Of("lit_trades").Count() / Span.TotalSeconds, 140, 160);
        Assert.InRange(Market.Of("off_lit_trades").Count() / Span.TotalSeconds, 17, 23);
        Assert.True(Count("SPY") > Count("QQQ") && Count("QQQ") > Count("AAPL") && Count("AAPL") > Count("DIA") && Count("DIA") > 10);
        Assert.DoesNotContain(Market.Frames, frame => frame.Form.EndsWith("lit_trades", StringComparison.Ordinal) && frame.Payload.GetProperty("symbol").GetString() is "SPX" or "NDX");
    }

    [Fact]
    public void The_rate_multiplies_prints()
    {
        var market = new MarketRecorder(new() { Rate = 10 }, "off_lit_trades").Advance(TimeSpan.FromSeconds(10));

        Assert.InRange(market.Frames.Count / 10.0, 170, 230);
    }

    [Fact]
    public void Sizes_are_mostly_small_and_off_the_exchanges_sometimes_huge()
    {
        List<int> Sizes(string form) => [.. Market.Of(form).Select(frame => frame.Payload.GetProperty("size").GetInt32()).Order()];
        var (lit, offLit) = (Sizes("lit_trades"), Sizes("off_lit_trades"));

        Assert.InRange(lit[lit.Count / 2], 40, 110);
        Assert.InRange(offLit[offLit.Count / 2], 80, 250);
        Assert.InRange(lit[^1], 2_000, 40_000);
        Assert.InRange(offLit[^1], 40_000, 2_000_000);
        Assert.True(offLit[offLit.Count * 98 / 100] > 5 * lit[lit.Count * 98 / 100]);
    }

    [Fact]
    public void A_print_is_made_within_its_quote_and_the_quote_encloses_the_tickers_price()
    {
        foreach (var ticker in new[] { "SPY", "SOXL" })
        {
            decimal? last = null;
            foreach (var frame in Of(ticker))
            {
                if (frame.Form == "price:" + ticker)
                {
                    last = Number(frame.Payload, "close");
                    continue;
                }

                var (bid, ask) = (Number(frame.Payload, "nbbo_bid"), Number(frame.Payload, "nbbo_ask"));
                Assert.InRange(Number(frame.Payload, "price"), bid, ask);
                Assert.True(bid < ask);
                if (last is { } close)
                {
                    Assert.InRange(close, bid, ask);
                }
            }

            Assert.NotNull(last);
        }
    }

    [Fact]
    public void The_days_volume_rises_with_every_print_and_price()
    {
        foreach (var ticker in new[] { "SPY", "SOXL" })
        {
            long volume = 0;
            foreach (var frame in Of(ticker))
            {
                var print = frame.Form != "price:" + ticker;
                var now = frame.Payload.GetProperty(print ? "volume" : "vol").GetInt64();
                Assert.True(now >= volume + (print ? frame.Payload.GetProperty("size").GetInt64() : 0), frame.Payload.GetRawText());
                volume = now;
            }
        }
    }

    [Fact]
    public void An_off_exchange_print_says_what_is_known_of_the_issuer()
    {
        var prints = Market.Of("off_lit_trades").Select(frame => frame.Payload).ToLookup(print => print.GetProperty("symbol").GetString());

        Assert.All(prints["SPY"], print =>
        {
            Assert.Equal("ETF", print.GetProperty("issue_type").GetString());
            Assert.All(["sector", "next_earnings_date", "marketcap"], name => Assert.Equal(JsonValueKind.Null, print.GetProperty(name).ValueKind));
        });
        Assert.All(prints["NVDA"], print =>
        {
            Assert.Equal("Common Stock", print.GetProperty("issue_type").GetString());
            Assert.Equal("Technology", print.GetProperty("sector").GetString());
            Assert.InRange(Number(print, "marketcap"), 1_000_000_000, 100_000_000_000_000);
            Assert.InRange(Number(print, "avg30_volume"), 150_000_000, 260_000_000);
            Assert.InRange(DateOnly.Parse(print.GetProperty("next_earnings_date").GetString()!, CultureInfo.InvariantCulture), new(2026, 11, 18), new(2027, 2, 18));
        });
        Assert.Equal("ADR", prints["BABA"].First().GetProperty("issue_type").GetString());
        Assert.All(prints, ticker => Assert.Single(ticker.Select(print => print.GetProperty("marketcap").GetRawText()).Distinct()));
    }

    [Fact]
    public void Some_off_exchange_prints_were_made_seconds_before_they_reached_the_tape()
    {
        var late = Market.Of("off_lit_trades").Where(frame => frame.Payload.TryGetProperty("trf_executed_at", out _)).ToList();

        Assert.InRange(late.Count / (double)Market.Of("off_lit_trades").Count(), 0.03, 0.1);
        Assert.All(late, frame => Assert.True(
            frame.Payload.GetProperty("trf_executed_at").GetDateTimeOffset() < frame.Payload.GetProperty("executed_at").GetDateTimeOffset()));
        Assert.All(Market.Of("off_lit_trades"), frame => Assert.InRange(frame.At - frame.Payload.GetProperty("executed_at").GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Someone_who_joins_later_or_again_sees_the_same_prints()
    {
        var early = new MarketRecorder(new(), "off_lit_trades", "lit_trades").Advance(TimeSpan.FromSeconds(20));
        var late = new MarketRecorder(new(), "off_lit_trades").Advance(TimeSpan.FromSeconds(7.3));
        late.Leave("off_lit_trades");
        late.Advance(TimeSpan.FromSeconds(0.2));
        late.Join("off_lit_trades");
        late.Advance(TimeSpan.FromSeconds(3));
        late.Leave("off_lit_trades");
        late.Advance(TimeSpan.FromSeconds(2.5));
        late.Frames.Clear();
        late.Join("lit_trades");
        late.Advance(TimeSpan.FromSeconds(7));

        Assert.InRange(late.Frames.Count, 800, 1_300);
        Assert.Equal(
            early.Of("lit_trades").Where(frame => frame.At > MarketRecorder.Start.AddSeconds(13)).Select(frame => frame.Bytes),
            late.Frames.Select(frame => frame.Bytes));
    }

    [Fact]
    public void After_time_was_left_out_prints_go_on_and_none_comes_late()
    {
        var market = new MarketRecorder(new(), "lit_trades", "option_trades:SPY").Advance(TimeSpan.FromSeconds(3));
        market.Market.SkipTo(market.Market.Now.AddMinutes(10));
        var resumed = market.Market.Now;
        market.Frames.Clear();
        market.Advance(TimeSpan.FromSeconds(20));

        Assert.InRange(market.Of("lit_trades").Count(), 2_000, 3_400);
        Assert.All(market.Frames, frame => Assert.True(frame.At >= resumed));
        Assert.Equal(market.Frames.Select(frame => frame.At).Order(), market.Frames.Select(frame => frame.At));
    }

    private static IEnumerable<RecordedFrame> Of(string ticker) => Market.Frames.Where(frame =>
        frame.Form == "price:" + ticker || (frame.Payload.TryGetProperty("symbol", out var symbol) && symbol.GetString() == ticker));

    private static decimal Number(JsonElement payload, string name) => decimal.Parse(payload.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
