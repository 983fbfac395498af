namespace Tidewire.Simulation.Rest;

/// <summary>
/// Prints of shares, on exchanges and off them. None is kept: those between two prices of a ticker follow from what was to be
/// traded in between, and are made again for whoever asks, the same as the socket had them.
/// </summary>
internal static class PrintRows
{
    private const int MostRecent = 200;
    private const int StandardRecent = 100;
    private const int MostOfTicker = 500;
    private const long PerDay = TimeSpan.TicksPerDay / TimeSpan.TicksPerMillisecond;

    private static readonly TimeSpan FirstReach = TimeSpan.FromSeconds(2);

    /// <summary>Prints of the whole market, the newest first.</summary>
    public static RestRows Recent(RestQuery query, bool offLit)
    {
        var filter = PrintFilter.Read(query, offLit);
        var limit = query.Limit(MostRecent, StandardRecent);
        return (market, to) => to.List(Newest(market, market.Listed, filter, limit), Write);
    }

    /// <summary>Prints of one ticker, the newest first. One outside the universe has none.</summary>
    public static RestRows OfTicker(RestQuery query, string path, bool offLit)
    {
        var symbol = query.TickerOf(path);
        var filter = PrintFilter.Read(query, offLit);
        var limit = query.Limit(MostOfTicker, MostOfTicker);
        return (market, to) => to.List(Newest(market, [market.Find(symbol)], filter, limit), Write);
    }

    // Most of those who ask want the last few: looks back further only as long as there are too few.
    private static IEnumerable<SharePrint> Newest(SimulatedMarket market, IReadOnlyList<SimulatedTicker> tickers, PrintFilter filter, int limit)
    {
        var oldest = tickers.Min(ticker => ticker.Past.Shares.Count > 0 ? ticker.Past.Shares[ticker.Past.Shares.Count - 1].From : long.MaxValue);
        for (var reach = FirstReach; ; reach *= 4)
        {
            var since = market.Now.UtcTicks - reach.Ticks;
            var prints = tickers.SelectMany(ticker => Since(ticker, since, market.Now.UtcTicks)).Where(filter.Matches).ToList();
            if (prints.Count >= limit || since <= oldest)
            {
                return prints.OrderByDescending(print => print.At).ThenBy(print => print.Ticker.Listing.Symbol, StringComparer.Ordinal)
                    .ThenByDescending(print => print.Volume).Take(limit);
            }
        }
    }

    private static IEnumerable<SharePrint> Since(SimulatedTicker ticker, long since, long now) =>
        ticker.Past.Shares.NewestFirst().TakeWhile(span => span.To > since)
            .SelectMany(span => PrintRun.Of(ticker, span, now))
            .Where(print => SimulatedClock.FromUnixMilliseconds(print.At) > since);

    private static void Write(RestText to, SharePrint print)
    {
        var detail = PrintDetail.Of(print);
        to.Truth("canceled", value: false);
        to.Second("executed_at", print.At);
        to.Text("ext_hour_sold_codes", detail.ExtendedHours);
        to.Text("market_center", print.OffLit ? "L" : "NQPZ".Substring((int)(detail.Rest & 3), 1));
        to.Fixed("nbbo_ask", detail.Quote.AskCents, 2, 2);
        to.Count("nbbo_ask_quantity", detail.AskQuantity);
        to.Fixed("nbbo_bid", detail.Quote.BidCents, 2, 2);
        to.Count("nbbo_bid_quantity", detail.BidQuantity);
        to.Fixed("premium", detail.Price * print.Size, 4, 2);
        to.Fixed("price", detail.Price, 4, 2);
        to.Text("sale_cond_codes", detail.SaleCondition);
        to.Count("size", print.Size);
        to.Text("ticker", print.Ticker.SymbolText);

        // Nanoseconds of the day, as the provider's seem to be; the last six digits tell prints of one millisecond apart.
        to.Count("tracking_id", (print.At % PerDay * 1_000_000) + (long)(print.Detail % 1_000_000));
        to.Text("trade_code", detail.TradeCode);
        to.Text("trade_settlement", "regular");
        if (detail.ExecutedAt is { } executed)
        {
            to.Second("trf_executed_at", executed);
        }

        to.Count("volume", print.Volume);
    }

    /// <summary>Which prints are asked for.</summary>
    private sealed record PrintFilter(bool OffLit, DateOnly? Date, long Newer, long Older, long LeastPremium, long MostPremium, long LeastSize, long MostSize, long LeastVolume, long MostVolume)
    {
        public static PrintFilter Read(RestQuery query, bool offLit)
        {
            var (newer, older) = query.Between();
            return new(
                offLit, query.Date("date"), newer, older,
                query.Number("min_premium") ?? 0, query.Number("max_premium") ?? long.MaxValue,
                query.Number("min_size") ?? 0, query.Number("max_size") ?? long.MaxValue,
                query.Number("min_volume") ?? 0, query.Number("max_volume") ?? long.MaxValue);
        }

        public bool Matches(SharePrint print)
        {
            var at = SimulatedClock.FromUnixMilliseconds(print.At);
            if (print.OffLit != OffLit || at <= Newer || at >= Older || print.Size < LeastSize || print.Size > MostSize
                || print.Volume < LeastVolume || print.Volume > MostVolume || (Date is { } date && SimulatedClock.DateAt(at) != date))
            {
                return false;
            }

            var premium = PrintDetail.Of(print).Price * print.Size / 10_000;
            return premium >= LeastPremium && premium <= MostPremium;
        }
    }
}
