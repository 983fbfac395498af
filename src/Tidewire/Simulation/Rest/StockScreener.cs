using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// The stock screener: what the options of each ticker of the universe did today. Volumes are the day's, premiums what was
/// traded since the market opened; averages, ranges and volatilities of the past are invented and the same all day.
/// </summary>
internal static class StockScreener
{
    private const int Most = 500;
    private const int Standard = 50;

    // Trading days in a year and in the week that an implied move is given for.
    private const double YearDays = 252;
    private const double WeekDays = 5;

    private static readonly (string, string)[] Bounds =
    [
        ("change", "perc_change"), ("underlying_price", "close"), ("marketcap", "marketcap"), ("volume", "volume"), ("call_volume", "call_volume"),
        ("put_volume", "put_volume"), ("premium", "premium"), ("call_premium", "call_premium"), ("put_premium", "put_premium"), ("net_premium", "net_premium"),
        ("net_call_premium", "net_call_premium"), ("net_put_premium", "net_put_premium"), ("oi", "total_open_interest"), ("put_call_ratio", "put_call_ratio"),
        ("implied_move", "implied_move"), ("implied_move_perc", "implied_move_perc"), ("volatility", "volatility"), ("iv_rank", "iv_rank"),
    ];

    private static readonly string[] Orders =
    [
        "premium", "net_premium", "net_call_premium", "net_put_premium", "call_premium", "put_premium", "bullish_premium", "bearish_premium", "volume", "call_volume",
        "put_volume", "call_volume_ask_side", "call_volume_bid_side", "put_volume_ask_side", "put_volume_bid_side", "call_open_interest", "put_open_interest",
        "total_open_interest", "put_call_ratio", "perc_change", "marketcap", "implied_move", "implied_move_perc", "iv30d", "iv30d_1d", "iv30d_1w", "iv30d_1m", "iv_rank",
        "volatility", "avg_3_day_call_volume", "avg_3_day_put_volume", "avg_7_day_call_volume", "avg_7_day_put_volume", "avg_30_day_call_volume",
        "avg_30_day_put_volume", "date", "next_earnings_date",
    ];

    /// <summary>The tickers that match.</summary>
    public static RestRows Stocks(RestQuery query, string path)
    {
        var screen = new Screen(query, Bounds, Orders, Most, Standard);
        var tickers = query.Tickers("ticker");
        var (issues, sectors) = (query.All("issue_types"), query.All("sectors"));
        return (market, to) => screen.Write(to, market.Listed
            .Where(ticker => tickers.Count == 0 || tickers.Contains(ticker.Listing.Symbol))
            .Where(ticker => (issues.Count == 0 || issues.Contains(ticker.Facts.IssueType)) && (sectors.Count == 0 || (ticker.Listing.Sector is { } sector && sectors.Contains(sector))))
            .Select(ticker => RowOf(ticker, market.Seed)));
    }

    private static ScreenField[] RowOf(SimulatedTicker ticker, long seed)
    {
        var (listing, facts, reference) = (ticker.Listing, ticker.Facts, ticker.Reference);
        var (calls, puts) = (new SideSum(), new SideSum());
        foreach (var contract in ticker.Chain.Contracts)
        {
            (contract.Type == OptionType.Call ? calls : puts).Add(contract);
        }

        var past = SeededRandom.For(seed, $"past {listing.Symbol} {ticker.Date.DayNumber}");
        double About(double value) => value * past.Between(0.85, 1.15);
        var (volatility, close) = (listing.Volatility, ticker.Underlying / 10_000m);
        var move = Math.Sqrt(WeekDays / YearDays) * volatility;
        return
        [
            ScreenField.Text("ticker", listing.Symbol),
            ScreenField.Date("date", ticker.Date),
            ScreenField.Fixed("close", ticker.Underlying, 4, 2),
            Price("prev_close", reference.PreviousClose),
            Price("open", reference.Open),
            Price("high", reference.High),
            Price("low", reference.Low),
            ScreenField.Digits("perc_change", (double)Math.Round((close / reference.PreviousClose) - 1, 8)),
            ScreenField.Count("stock_volume", ticker.SharesToday),
            ScreenField.Digits("relative_volume", (double)ticker.SharesToday / Math.Max(1, facts.AverageVolume)),
            ScreenField.Count("call_volume", calls.Volume),
            ScreenField.Count("call_volume_ask_side", calls.AskVolume),
            ScreenField.Count("call_volume_bid_side", calls.BidVolume),
            ScreenField.Count("put_volume", puts.Volume),
            ScreenField.Count("put_volume_ask_side", puts.AskVolume),
            ScreenField.Count("put_volume_bid_side", puts.BidVolume),
            ScreenField.Count("volume", calls.Volume + puts.Volume),
            ScreenField.Digits("put_call_ratio", calls.Volume == 0 ? 0 : (double)puts.Volume / calls.Volume),
            ScreenField.Fixed("call_premium", calls.Premium, 0, 0),
            ScreenField.Fixed("put_premium", puts.Premium, 0, 0),
            ScreenField.Fixed("premium", calls.Premium + puts.Premium, 0, 0),
            ScreenField.Fixed("bullish_premium", calls.AskPremium + puts.BidPremium, 0, 0),
            ScreenField.Fixed("bearish_premium", calls.BidPremium + puts.AskPremium, 0, 0),
            ScreenField.Fixed("net_call_premium", calls.AskPremium - calls.BidPremium, 0, 0),
            ScreenField.Fixed("net_put_premium", puts.AskPremium - puts.BidPremium, 0, 0),
            ScreenField.Fixed("net_premium", calls.AskPremium - calls.BidPremium - puts.AskPremium + puts.BidPremium, 0, 0),
            ScreenField.Count("call_open_interest", calls.OpenInterest),
            ScreenField.Count("put_open_interest", puts.OpenInterest),
            ScreenField.Count("total_open_interest", calls.OpenInterest + puts.OpenInterest),
            ScreenField.Count("prev_call_oi", (long)About(calls.OpenInterest)),
            ScreenField.Count("prev_put_oi", (long)About(puts.OpenInterest)),
            ScreenField.Digits("avg_3_day_call_volume", About(calls.OpenInterest / 4.0)),
            ScreenField.Digits("avg_3_day_put_volume", About(puts.OpenInterest / 4.0)),
            ScreenField.Digits("avg_7_day_call_volume", About(calls.OpenInterest / 4.0)),
            ScreenField.Digits("avg_7_day_put_volume", About(puts.OpenInterest / 4.0)),
            ScreenField.Digits("avg_30_day_call_volume", About(calls.OpenInterest / 4.0)),
            ScreenField.Digits("avg_30_day_put_volume", About(puts.OpenInterest / 4.0)),
            ScreenField.Digits("implied_move", move * ticker.Spot),
            ScreenField.Digits("implied_move_perc", move),
            ScreenField.Digits("iv30d", volatility),
            ScreenField.Digits("iv30d_1d", About(volatility)),
            ScreenField.Digits("iv30d_1w", About(volatility)),
            ScreenField.Digits("iv30d_1m", About(volatility)),
            ScreenField.Digits("iv_rank", past.Between(0, 100)),
            ScreenField.Digits("volatility", About(volatility)),
            ScreenField.Digits("week_52_high", Math.Round(Math.Max((double)reference.High, listing.Spot * (1 + (volatility * past.Between(0.2, 0.9)))), 2)),
            ScreenField.Digits("week_52_low", Math.Round(Math.Min((double)reference.Low, listing.Spot * (1 - (volatility * past.Between(0.2, 0.8)))), 2)),
            ScreenField.Text("er_time", "unknown"),
            ScreenField.Date("next_earnings_date", facts.NextEarnings),
            ScreenField.Date("next_dividend_date", null),
            ScreenField.Truth("is_index", listing.Kind == ListingKind.Index),
            ScreenField.Text("issue_type", facts.IssueType),
            facts.MarketCap is { } cap ? ScreenField.Fixed("marketcap", cap, 0, 0) : ScreenField.Text("marketcap", null),
            ScreenField.Text("sector", listing.Sector),
        ];
    }

    private static ScreenField Price(string name, decimal value) => new(name, (double)value, to => to.Decimal(name, value));

    /// <summary>What was traded of the calls or the puts of a chain.</summary>
    private sealed class SideSum
    {
        public long Volume { get; private set; }

        public long AskVolume { get; private set; }

        public long BidVolume { get; private set; }

        public long OpenInterest { get; private set; }

        public long Premium { get; private set; }

        public long AskPremium { get; private set; }

        public long BidPremium { get; private set; }

        public void Add(OptionContract contract)
        {
            Volume += contract.Volume.Total;
            AskVolume += contract.Volume.Ask;
            BidVolume += contract.Volume.Bid;
            OpenInterest += contract.OpenInterest;
            if (contract.Day is { } day)
            {
                Premium += day.Premium;
                AskPremium += day.AskPremium;
                BidPremium += day.BidPremium;
            }
        }
    }
}
