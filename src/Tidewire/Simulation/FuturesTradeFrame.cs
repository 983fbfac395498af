namespace Tidewire.Simulation;

/// <summary>
/// Writes the payload of <c>futures_trades</c> and <c>futures</c>: prices as strings, sizes and ids as numbers. The encoding
/// of <c>executed_at</c> is not known; it is presumed to be that of option trades.
/// </summary>
internal static class FuturesTradeFrame
{
    private const int MostBytes = 512;

    public static void Write(FrameBuffer to, in FuturesTrade trade)
    {
        to.Clear(MostBytes);
        to.Raw("{\"sym\":\""u8);
        to.Raw(trade.Contract.Text);
        to.Raw("\",\"product\":\""u8);
        to.Ascii(trade.Product.Name);
        to.Raw("\",\"exchange\":\""u8);
        to.Ascii(trade.Product.Exchange);
        to.Raw("\",\"executed_at\":"u8);
        to.Whole(trade.At);
        to.Raw(",\"price\":\""u8);
        to.Fixed(trade.Bought ? trade.Quote.Ask : trade.Quote.Bid, 4, 2);
        to.Raw("\",\"size\":"u8);
        to.Whole(trade.Size);
        to.Raw(trade.Bought ? ",\"side\":\"buy\",\"nbbo_bid\":\""u8 : ",\"side\":\"sell\",\"nbbo_bid\":\""u8);
        to.Fixed(trade.Quote.Bid, 4, 2);
        to.Raw("\",\"nbbo_ask\":\""u8);
        to.Fixed(trade.Quote.Ask, 4, 2);
        to.Raw("\",\"trade_id\":"u8);
        to.Whole(trade.Id);
        to.Raw(",\"is_block\":"u8);
        to.Truth(trade.IsBlock);
        to.Raw("}"u8);
    }
}
