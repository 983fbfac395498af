using System.Text;
using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>Option trades under REST's spelling: <c>option_chain_id</c> for <c>option_symbol</c>, times as text.</summary>
internal static class TradeRows
{
    private static readonly string[] Sides = ["ALL", "ASK", "BID", "MID"];

    /// <summary>A ticker's last option trades that match, the newest first.</summary>
    public static RestRows Recent(RestQuery query, string path)
    {
        var symbol = query.TickerOf(path);
        var side = query.Choice("side", Sides) ?? Sides[0];
        var premium = query.Number("min_premium") ?? 0;
        return (market, to) => to.List(
            market.Find(symbol).Past.Trades.NewestFirst()
                .Where(trade => trade.Premium >= premium && (side == Sides[0] || side.Equals(trade.Side.ToString(), StringComparison.OrdinalIgnoreCase))),
            Write);
    }

    private static void Write(RestText to, OptionTrade trade)
    {
        var (contract, quote, value, volume) = (trade.Contract, trade.Quote, trade.Quote.Value, trade.Volume);
        to.Count("ask_vol", volume.Ask);
        to.Count("bid_vol", volume.Bid);
        to.Truth("canceled", value: false);
        to.Moment("created_at", SimulatedClock.FromUnixMilliseconds(trade.CreatedAt));
        to.Digits("delta", value.Delta);
        to.Fixed("ewma_nbbo_ask", quote.AskCents, 2, 2);
        to.Fixed("ewma_nbbo_bid", quote.BidCents, 2, 2);
        to.Text("exchange", Exchanges.Code(trade.Exchange));
        to.Moment("executed_at", SimulatedClock.FromUnixMilliseconds(trade.ExecutedAt));
        to.Date("expiry", contract.Expiry.Date);
        to.Digits("gamma", value.Gamma);
        to.Id("id", trade.Id);
        to.Digits("implied_volatility", quote.Volatility);
        to.Count("mid_vol", volume.Mid);
        to.Count("multi_vol", volume.MultiLeg);
        to.Fixed("nbbo_ask", quote.AskCents, 2, 2);
        to.Fixed("nbbo_bid", quote.BidCents, 2, 2);
        to.Count("no_side_vol", volume.NoSide);
        to.Count("open_interest", contract.OpenInterest);
        to.Text("option_chain_id", contract.Symbol);
        to.Text("option_type", contract.Type == OptionType.Call ? "call" : "put");
        to.Fixed("premium", trade.Premium * 100, 2, 2);
        to.Fixed("price", trade.PriceCents, 2, 2);
        to.Texts("report_flags", []);
        to.Digits("rho", value.Rho);
        to.Count("size", trade.Size);
        to.Count("stock_multi_vol", volume.StockMultiLeg);
        to.Fixed("strike", contract.StrikeThousandths, 3, 0);
        to.Texts("tags", TagsOf(trade));
        to.Digits("theo", value.Price);
        to.Digits("theta", value.Theta);
        to.Fixed("underlying_price", trade.Underlying, 4, 2);
        to.Text("underlying_symbol", contract.Ticker.RootText);
        to.Text("upstream_condition_detail", TradeCodes.Name(trade.Code));
        to.Digits("vega", value.Vega);
        to.Count("volume", volume.Total);
    }

    // The same words as on the socket, taken from there.
    private static string[] TagsOf(in OptionTrade trade) =>
        Encoding.ASCII.GetString(OptionTradeFrame.Tags(trade.Side, trade.Contract.Type, trade.Contract.Ticker.Listing.Kind)).Replace("\"", "", StringComparison.Ordinal).Split(',');
}
