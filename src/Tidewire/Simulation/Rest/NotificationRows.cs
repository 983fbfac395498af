namespace Tidewire.Simulation.Rest;

/// <summary>
/// The account's own alerts. The simulated account has asked to be told of halts, and of repeated hits of 250,000 USD or more.
/// </summary>
internal static class NotificationRows
{
    private const int Most = 500;
    private const long LeastPremium = 250_000;
    private const int Interval = 5;

    /// <summary>The account's alerts that match, the newest first.</summary>
    public static RestRows Own(RestQuery query, string path)
    {
        var limit = query.Limit(Most, standard: 1);
        var tickers = query.Tickers("ticker_symbols");
        var kinds = query.All("noti_types");
        var configurations = query.All("config_ids");
        var intraday = query.Truth("intraday_only", standard: true);
        var (newer, older) = query.Between();
        return (market, to) =>
        {
            var today = SimulatedClock.DateAt(market.Now.UtcTicks);
            to.List(
                Hits(market).Concat(Halts(market))
                    .Where(own => own.At > newer && own.At < older && (!intraday || SimulatedClock.DateAt(own.At) == today))
                    .Where(own => (tickers.Count == 0 || tickers.Contains(own.Underlying)) && (kinds.Count == 0 || kinds.Contains(own.Kind)))
                    .Where(own => configurations.Count == 0 || configurations.Contains(own.Configuration.ToString()))
                    .OrderByDescending(own => own.At).ThenBy(own => own.Id).Take(limit),
                Write);
        };
    }

    private static IEnumerable<Notification> Hits(SimulatedMarket market) =>
        from published in market.Past.Alerts.NewestFirst()
        let alert = published.Alert
        where alert.TotalPremium >= LeastPremium
        select new Notification(
            SeededRandom.For(market.Seed, $"own {alert.Id}").Id(), SeededRandom.For(market.Seed, "own hits").Id(), "Large repeated hits", "option_contract_interval",
            System.Text.Encoding.ASCII.GetString(alert.Last.Contract.Symbol), "option_chain", alert.Last.Contract.Ticker.Listing.Root,
            published.At, alert.EndTime, to => WriteHits(to, alert));

    private static IEnumerable<Notification> Halts(SimulatedMarket market) =>
        from notice in market.Past.Halts.NewestFirst()
        let symbol = notice.Ticker.Listing.Symbol
        select new Notification(
            SeededRandom.For(market.Seed, $"own {symbol} {notice.At}").Id(), SeededRandom.For(market.Seed, "own halts").Id(), "Trading halts", "trading_state",
            symbol, "stock", symbol, SimulatedClock.FromUnixMilliseconds(notice.At), notice.At, to => WriteHalt(to, notice));

    private static void Write(RestText to, Notification own)
    {
        to.Id("id", own.Id);
        to.Object("meta", () => own.WriteMeta(to));
        to.Text("name", own.Name);
        to.Text("symbol", own.Symbol);
        to.Moment("created_at", own.At);
        to.Second("tape_time", own.TapeTime);
        to.Id("user_noti_config_id", own.Configuration);
        to.Text("noti_type", own.Kind);
        to.Text("symbol_type", own.SymbolKind);
    }

    private static void WriteHits(RestText to, FlowAlert alert)
    {
        var (last, contract) = (alert.Last, alert.Last.Contract);
        var (strike, spot) = (contract.StrikeThousandths * 10L, last.Underlying);
        var away = contract.Type == Tidewire.Market.OptionType.Call ? strike - spot : spot - strike;
        to.Count("ask_volume", alert.Trades.Where(trade => trade.Side == TradeSide.Ask).Sum(trade => (long)trade.Size));
        to.Fixed("avg_fill", alert.PriceCents, 2, 2);
        to.Count("bid_volume", alert.Trades.Where(trade => trade.Side == TradeSide.Bid).Sum(trade => (long)trade.Size));
        to.Fixed("close", last.PriceCents, 2, 2);
        to.Digits("diff", Math.Round((double)away / spot, 4));
        to.Digits("iv_change", Math.Round(last.Quote.Volatility - alert.Trades[0].Quote.Volatility, 4));
        to.Count("minute", Interval);
        to.Digits("multi_leg_vol_ratio", last.Volume.Total == 0 ? 0 : Math.Round((double)last.Volume.MultiLeg / last.Volume.Total, 4));
        to.Count("open_interest", contract.OpenInterest);
        to.Count("rounded_tape_time", alert.EndTime / (Interval * 60_000) * (Interval * 60_000));
        to.Whole("total_premium", alert.TotalPremium);
        to.Text("underlying_symbol", contract.Ticker.RootText);
        to.Digits("vol_oi_ratio", contract.OpenInterest == 0 ? 0 : Math.Round((double)alert.TotalSize / contract.OpenInterest, 4));
        to.Count("volume", alert.TotalSize);
    }

    private static void WriteHalt(RestText to, HaltNotice notice)
    {
        var ticker = notice.Ticker;
        to.Whole("avg_vol_30", ticker.Facts.AverageVolume);
        to.Fixed("curr", notice.Price, 4, 2);
        to.Count("curr_vol", notice.Shares);
        to.Decimal("prev", notice.PreviousClose);
        to.Text("reason", notice.Reason);
        to.Text("sector", ticker.Listing.Sector);
        to.Text("state", notice.Resumed ? "trading" : "halted");
    }

    private sealed record Notification(
        Guid Id, Guid Configuration, string Name, string Kind, string Symbol, string SymbolKind, string Underlying, long At, long TapeTime, Action<RestText> WriteMeta);
}
