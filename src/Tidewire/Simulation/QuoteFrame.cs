namespace Tidewire.Simulation;

/// <summary>
/// Writes the payload of <c>quotes</c>: the best bid and offer around the last price, prices as strings, quantities as
/// numbers. Nothing of this feed is documented; its shape is presumed.
/// </summary>
internal static class QuoteFrame
{
    private const int MostBytes = 256;
    private const int Lot = 100;
    private const int MostLots = 16;

    /// <param name="to">Where to.</param>
    /// <param name="ticker">The ticker, as it now is.</param>
    /// <param name="at">Milliseconds since the Unix epoch.</param>
    public static void Write(FrameBuffer to, SimulatedTicker ticker, long at)
    {
        var quote = ShareQuote.Of(ticker.Underlying);

        // Quantities that look random and follow from what is there: no sequence may depend on who looks.
        var bits = (ulong)(ticker.Underlying + at) * 0x9E3779B97F4A7C15UL;
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Raw(ticker.SymbolText);
        to.Raw("\",\"bid\":\""u8);
        to.Fixed(quote.BidCents, 2, 2);
        to.Raw("\",\"ask\":\""u8);
        to.Fixed(quote.AskCents, 2, 2);
        to.Raw("\",\"bid_size\":"u8);
        to.Whole(Lot * (1 + (long)((bits >> 40) % MostLots)));
        to.Raw(",\"ask_size\":"u8);
        to.Whole(Lot * (1 + (long)((bits >> 52) % MostLots)));
        to.Raw(",\"time\":"u8);
        to.Whole(at);
        to.Raw("}"u8);
    }
}
