namespace Tidewire.Simulation;

/// <summary>Writes the payloads of <c>lit_trades</c> and <c>off_lit_trades</c>: prices as strings, quantities as numbers.</summary>
internal static class SharePrintFrame
{
    private const int MostBytes = 2_048;

    public static void Write(FrameBuffer to, in SharePrint print)
    {
        var ticker = print.Ticker;
        var quote = ShareQuote.Of(ticker.Underlying);
        var detail = new Bits(print.Detail);
        to.Clear(MostBytes);
        to.Raw("{\"symbol\":\""u8);
        to.Raw(ticker.SymbolText);
        to.Raw("\",\"price\":\""u8);
        to.Fixed(Price(print.OffLit, quote, ref detail), 4, 2);
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

        WriteCodes(to, print, ref detail);
        to.Raw(",\"executed_at\":\""u8);
        to.Instant(print.At);
        if (print.OffLit && detail.OneIn(16))
        {
            // Reported late: it was made some seconds before it reached the tape.
            to.Raw("\",\"trf_executed_at\":\""u8);
            to.Instant(print.At - 2_000 - (detail.Below(16) * 1_000L));
        }

        to.Raw("\",\"nbbo_bid\":\""u8);
        to.Fixed(quote.BidCents, 2, 2);
        to.Raw("\",\"nbbo_ask\":\""u8);
        to.Fixed(quote.AskCents, 2, 2);
        to.Raw("\""u8);
        if (print.OffLit)
        {
            to.Raw(",\"nbbo_bid_quantity\":"u8);
            to.Whole(100 * (1 + detail.Below(16)));
            to.Raw(",\"nbbo_ask_quantity\":"u8);
            to.Whole(100 * (1 + detail.Below(16)));
            to.Raw(","u8);
            to.Raw(ticker.Facts.Json);
        }

        to.Raw("}"u8);
    }

    // In units of 0.0001 USD: mostly at the quote; off the exchanges often at its middle or a fraction of a cent inside.
    private static long Price(bool offLit, in ShareQuote quote, ref Bits detail)
    {
        var (bid, ask) = (quote.BidCents * 100, quote.AskCents * 100);
        var kind = detail.Below(8);
        if (!offLit)
        {
            return kind == 0 ? (bid + ask) / 2 : kind < 4 ? bid : ask;
        }

        return kind switch
        {
            < 2 => (bid + ask) / 2,
            2 => bid + 1 + detail.Below(32),
            3 => ask - 1 - detail.Below(32),
            4 or 5 => bid,
            _ => ask,
        };
    }

    private static void WriteCodes(FrameBuffer to, in SharePrint print, ref Bits detail)
    {
        to.Raw(",\"trade_code\":"u8);
        if (print.OffLit)
        {
            to.Raw(detail.OneIn(64) ? "\"derivative_priced\""u8 : detail.OneIn(64) ? "\"qualified_contingent_trade\""u8 : "null"u8);
            to.Raw(",\"ext_hour_sold_codes\":"u8);
            to.Raw(detail.OneIn(64) ? "\"sold_out_of_sequence\""u8 : "null"u8);
        }
        else
        {
            to.Raw(detail.OneIn(4) ? "\"intermarket_sweep\""u8 : "null"u8);
        }

        to.Raw(",\"sale_cond_codes\":"u8);
        to.Raw(print.Size < 100 ? "\"odd_lot_trade\""u8 : print.OffLit && detail.OneIn(32) ? "\"average_price_trade\""u8 : "null"u8);
    }

    /// <summary>Takes choices out of random bits, a few at a time.</summary>
    private struct Bits(ulong left)
    {
        private ulong _left = left;

        /// <summary>A number below a power of two.</summary>
        public int Below(int power)
        {
            var taken = (int)(_left & (ulong)(power - 1));
            _left >>= System.Numerics.BitOperations.TrailingZeroCount(power);
            return taken;
        }

        public bool OneIn(int power) => Below(power) == 0;
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
