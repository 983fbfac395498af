using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Writes the payload of <c>option_trades</c>: prices and greeks as strings, sizes as numbers.</summary>
internal static class OptionTradeFrame
{
    private const int MostBytes = 2_048;

    public static void Write(FrameBuffer to, in OptionTrade trade)
    {
        var contract = trade.Contract;
        var listing = contract.Ticker.Listing;
        var quote = trade.Quote;
        var volume = trade.Volume;
        to.Clear(MostBytes);
        to.Raw("{\"id\":\""u8);
        to.Id(trade.Id);
        to.Raw("\",\"underlying_symbol\":\""u8);
        to.Raw(contract.Ticker.RootText);
        to.Raw("\",\"executed_at\":"u8);
        to.Whole(trade.ExecutedAt);
        to.Raw(",\"nbbo_bid\":\""u8);
        to.Fixed(quote.BidCents, 2, 2);
        to.Raw("\",\"nbbo_ask\":\""u8);
        to.Fixed(quote.AskCents, 2, 2);
        to.Raw("\",\"size\":"u8);
        to.Whole(trade.Size);
        to.Raw(",\"price\":\""u8);
        to.Fixed(trade.PriceCents, 2, 2);
        to.Raw("\",\"option_symbol\":\""u8);
        to.Raw(contract.Symbol);
        to.Raw("\",\"created_at\":"u8);
        to.Whole(trade.CreatedAt);
        to.Raw(",\"report_flags\":[],\"tags\":["u8);
        to.Raw(Tags(trade.Side, contract.Type, listing.Kind));
        to.Raw("],\"expiry\":\""u8);
        to.Raw(contract.Expiry.Text);
        to.Raw(contract.Type == OptionType.Call ? "\",\"option_type\":\"call\",\"open_interest\":"u8 : "\",\"option_type\":\"put\",\"open_interest\":"u8);
        to.Whole(contract.OpenInterest);
        to.Raw(",\"strike\":\""u8);
        to.Fixed(contract.StrikeThousandths, 3, 0);
        to.Raw("\",\"premium\":\""u8);
        to.Whole(trade.Premium);
        to.Raw(".00\",\"volume\":"u8);
        to.Whole(volume.Total);
        to.Raw(",\"underlying_price\":\""u8);
        to.Fixed(trade.Underlying, 4, 2);
        to.Raw("\",\"ewma_nbbo_ask\":\""u8);
        to.Fixed(quote.AskCents, 2, 2);
        to.Raw("\",\"ewma_nbbo_bid\":\""u8);
        to.Fixed(quote.BidCents, 2, 2);
        WriteGreeks(to, quote);
        to.Raw("\",\"trade_code\":\""u8);
        to.Raw(TradeCodes.Name(trade.Code));
        to.Raw("\",\"exchange\":\""u8);
        to.Raw(Exchanges.Code(trade.Exchange));
        to.Raw("\""u8);
        WriteSides(to, volume);
        to.Raw("}"u8);
    }

    /// <summary>Writes the day's volume by side, which alerts have too, in the same order.</summary>
    public static void WriteSides(FrameBuffer to, in DayVolume volume)
    {
        to.Raw(",\"ask_vol\":"u8);
        to.Whole(volume.Ask);
        to.Raw(",\"bid_vol\":"u8);
        to.Whole(volume.Bid);
        to.Raw(",\"no_side_vol\":"u8);
        to.Whole(volume.NoSide);
        to.Raw(",\"mid_vol\":"u8);
        to.Whole(volume.Mid);
        to.Raw(",\"multi_vol\":"u8);
        to.Whole(volume.MultiLeg);
        to.Raw(",\"stock_multi_vol\":"u8);
        to.Whole(volume.StockMultiLeg);
    }

    /// <summary>What the provider says of a trade in words: quoted, with commas between.</summary>
    public static ReadOnlySpan<byte> Tags(TradeSide side, OptionType type, ListingKind kind) => (side, type, kind == ListingKind.Fund) switch
    {
        (TradeSide.Ask, OptionType.Call, false) => "\"ask_side\",\"bullish\""u8,
        (TradeSide.Ask, OptionType.Call, true) => "\"ask_side\",\"bullish\",\"etf\""u8,
        (TradeSide.Ask, _, false) => "\"ask_side\",\"bearish\""u8,
        (TradeSide.Ask, _, true) => "\"ask_side\",\"bearish\",\"etf\""u8,
        (TradeSide.Bid, OptionType.Call, false) => "\"bid_side\",\"bearish\""u8,
        (TradeSide.Bid, OptionType.Call, true) => "\"bid_side\",\"bearish\",\"etf\""u8,
        (TradeSide.Bid, _, false) => "\"bid_side\",\"bullish\""u8,
        (TradeSide.Bid, _, true) => "\"bid_side\",\"bullish\",\"etf\""u8,
        (TradeSide.Mid, _, false) => "\"mid_side\",\"neutral\""u8,
        (TradeSide.Mid, _, true) => "\"mid_side\",\"neutral\",\"etf\""u8,
        (_, _, false) => "\"no_side\",\"neutral\""u8,
        (_, _, true) => "\"no_side\",\"neutral\",\"etf\""u8,
    };

    private static void WriteGreeks(FrameBuffer to, OptionQuote quote)
    {
        var value = quote.Value;
        to.Raw("\",\"implied_volatility\":\""u8);
        to.Digits(quote.Volatility);
        to.Raw("\",\"delta\":\""u8);
        to.Digits(value.Delta);
        to.Raw("\",\"theta\":\""u8);
        to.Digits(value.Theta);
        to.Raw("\",\"gamma\":\""u8);
        to.Digits(value.Gamma);
        to.Raw("\",\"vega\":\""u8);
        to.Digits(value.Vega);
        to.Raw("\",\"rho\":\""u8);
        to.Digits(value.Rho);
        to.Raw("\",\"theo\":\""u8);
        to.Digits(value.Price);
    }
}
