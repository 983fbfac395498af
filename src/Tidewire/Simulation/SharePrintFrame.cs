namespace Tidewire.Simulation;

/// <summary>Writes the payloads of <c>lit_trades</c> and <c>off_lit_trades</c>: prices as strings, quantities as numbers.</summary>
internal static class SharePrintFrame
{
    private const int MostBytes = 2_048;

    public static void Write(FrameBuffer to, in SharePrint print)
    {
        var ticker = print.Ticker;
        var detail = PrintDetail.Of(print);
        to.Clear(MostBytes);
        to.Raw("{\"symbol\":\""u8);
        to.Raw(ticker.SymbolText);
        to.Raw("\",\"price\":\""u8);
        to.Fixed(detail.Price, 4, 2);
        if (print.OffLit)
        {
            to.Raw("\",\"type\":\"off_lit"u8);
        }

        to.Raw("\",\"size\":"u8);
        to.Whole(print.Size);
        to.Raw(",\"volume\":"u8);
        to.Whole(print.Volume);
        if (print.OffLit)
        {
            to.Raw(",\"trade_settlement\":\"regular\""u8);
        }

        WriteCode(to, ",\"trade_code\":"u8, detail.TradeCode);
        if (print.OffLit)
        {
            WriteCode(to, ",\"ext_hour_sold_codes\":"u8, detail.ExtendedHours);
        }

        WriteCode(to, ",\"sale_cond_codes\":"u8, detail.SaleCondition);
        to.Raw(",\"executed_at\":\""u8);
        to.Instant(print.At);
        if (detail.ExecutedAt is { } executed)
        {
            to.Raw("\",\"trf_executed_at\":\""u8);
            to.Instant(executed);
        }

        to.Raw("\",\"nbbo_bid\":\""u8);
        to.Fixed(detail.Quote.BidCents, 2, 2);
        to.Raw("\",\"nbbo_ask\":\""u8);
        to.Fixed(detail.Quote.AskCents, 2, 2);
        to.Raw("\""u8);
        if (print.OffLit)
        {
            to.Raw(",\"nbbo_bid_quantity\":"u8);
            to.Whole(detail.BidQuantity);
            to.Raw(",\"nbbo_ask_quantity\":"u8);
            to.Whole(detail.AskQuantity);
            to.Raw(","u8);
            to.Raw(ticker.Facts.Json);
        }

        to.Raw("}"u8);
    }

    private static void WriteCode(FrameBuffer to, ReadOnlySpan<byte> name, string? code)
    {
        to.Raw(name);
        if (code is null)
        {
            to.Raw("null"u8);
            return;
        }

        to.Raw("\""u8);
        to.Ascii(code);
        to.Raw("\""u8);
    }
}

/// <summary>The best bid and offer of a share, in cents.</summary>
internal readonly record struct ShareQuote(long BidCents, long AskCents)
{
    // Three cents of a thousand dollars, and a cent at least.
    private const double SpreadShare = 0.00003;

    /// <summary>A quote around a price.</summary>
    /// <param name="price">Units of 0.0001 USD.</param>
    public static ShareQuote Of(long price)
    {
        var cents = price / 100;
        var width = 1 + (long)(cents * SpreadShare);
        var bid = Math.Max(1, cents - (width / 2));
        return new(bid, bid + width);
    }
}
