using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>Flow alerts under REST's spelling: <c>alert_rule</c> for <c>rule_name</c>, premiums and prices as strings.</summary>
internal static class AlertRows
{
    private const int Most = 200;
    private const int Standard = 100;

    /// <summary>The alerts that match, the newest first.</summary>
    public static RestRows Alerts(RestQuery query, string path)
    {
        var limit = query.Limit(Most, Standard);
        var tickers = query.Tickers("ticker_symbol");
        var rules = query.All("rule_name");
        var issues = query.All("issue_types");
        var (newer, older) = query.Between();
        var (calls, puts) = (query.Truth("is_call", standard: true), query.Truth("is_put", standard: true));
        Func<FlowAlert, bool>[] bounds =
        [
            Bound(query, "premium", alert => alert.TotalPremium),
            Bound(query, "size", alert => alert.TotalSize),
            Bound(query, "volume", alert => alert.Last.Volume.Total),
            Bound(query, "open_interest", alert => alert.Last.Contract.OpenInterest),
        ];

        bool Asked(PublishedAlert published)
        {
            var (alert, contract) = (published.Alert, published.Alert.Last.Contract);
            var listing = contract.Ticker.Listing;
            return published.At > newer && published.At < older
                && (tickers.Count == 0 || tickers.Contains(listing.Root) || tickers.Contains(listing.Symbol))
                && (rules.Count == 0 || rules.Contains(alert.Rule.ToString()))
                && (issues.Count == 0 || issues.Contains(contract.Ticker.Facts.IssueType))
                && (contract.Type == OptionType.Call ? calls : puts)
                && bounds.All(bound => bound(alert));
        }

        return (market, to) => to.List(market.Past.Alerts.NewestFirst().Where(Asked).Take(limit), Write);
    }

    private static Func<FlowAlert, bool> Bound(RestQuery query, string name, Func<FlowAlert, long> value)
    {
        var (least, most) = (query.Number("min_" + name) ?? long.MinValue, query.Number("max_" + name) ?? long.MaxValue);
        return alert => value(alert) >= least && value(alert) <= most;
    }

    private static void Write(RestText to, PublishedAlert published)
    {
        var alert = published.Alert;
        var (last, contract) = (alert.Last, alert.Last.Contract);
        var facts = contract.Ticker.Facts;
        to.Id("id", alert.Id);
        to.Id("rule_id", FlowAlertFrame.RuleId(alert.Rule));
        to.Text("alert_rule", alert.Rule.ToString());
        to.Moment("created_at", published.At);
        to.Count("start_time", alert.StartTime);
        to.Count("end_time", alert.EndTime);
        to.Text("ticker", contract.Ticker.RootText);
        to.Text("option_chain", contract.Symbol);
        to.Text("type", contract.Type == OptionType.Call ? "call" : "put");
        to.Fixed("strike", contract.StrikeThousandths, 3, 0);
        to.Date("expiry", contract.Expiry.Date);
        to.Count("expiry_count", 1);
        to.Fixed("underlying_price", last.Underlying, 4, 2);
        to.Fixed("price", alert.PriceCents, 2, 0);
        to.Fixed("bid", last.Quote.BidCents, 2, 1);
        to.Fixed("ask", last.Quote.AskCents, 2, 1);
        to.Count("volume", last.Volume.Total);
        to.Count("open_interest", contract.OpenInterest);
        to.Digits("volume_oi_ratio", contract.OpenInterest == 0 ? 0 : (double)last.Volume.Total / contract.OpenInterest);
        to.Count("total_size", alert.TotalSize);
        to.Whole("total_premium", alert.TotalPremium);
        to.Whole("total_ask_side_prem", alert.AskSidePremium);
        to.Whole("total_bid_side_prem", alert.BidSidePremium);
        to.Count("trade_count", alert.Trades.Count);
        to.Truth("has_sweep", alert.HasCode(code => code == TradeCode.Isoi));
        to.Truth("has_floor", alert.HasCode(TradeCodes.IsFloor));
        to.Truth("has_multileg", alert.HasCode(TradeCodes.IsMultiLeg));
        to.Truth("has_singleleg", alert.HasCode(code => !TradeCodes.IsMultiLeg(code)));
        to.Truth("all_opening_trades", alert.AllOpening);
        to.Digits("iv_start", alert.Trades[0].Quote.Volatility);
        to.Digits("iv_end", last.Quote.Volatility);
        to.Text("issue_type", facts.IssueType);
        to.Text("sector", contract.Ticker.Listing.Sector);
        to.Text("marketcap", facts.MarketCap?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        to.Text("er_time", "unknown");
        to.Date("next_earnings_date", facts.NextEarnings);
    }
}
