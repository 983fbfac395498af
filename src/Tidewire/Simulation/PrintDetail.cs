namespace Tidewire.Simulation;

/// <summary>What the tape says of a print besides its size. Null where it says nothing.</summary>
/// <param name="Price">Units of 0.0001 USD.</param>
/// <param name="Quote">The best bid and offer.</param>
/// <param name="BidQuantity">Shares bid; of a print on an exchange, told over REST only.</param>
/// <param name="AskQuantity">Shares offered; likewise.</param>
/// <param name="TradeCode">How it came about.</param>
/// <param name="ExtendedHours">Why it does not count as a last price.</param>
/// <param name="SaleCondition">How it is to be read.</param>
/// <param name="ExecutedAt">When it was made, in milliseconds since the Unix epoch, if it was reported late.</param>
/// <param name="Rest">Random bits of which nothing else was made.</param>
internal readonly record struct PrintDetail(
    long Price, ShareQuote Quote, int BidQuantity, int AskQuantity, string? TradeCode, string? ExtendedHours, string? SaleCondition, long? ExecutedAt, ulong Rest)
{
    /// <summary>Reads the details of a print out of its random bits.</summary>
    public static PrintDetail Of(in SharePrint print)
    {
        var quote = ShareQuote.Of(print.Underlying);
        var bits = new Bits(print.Detail);
        var price = PriceOf(print.OffLit, quote, ref bits);
        string? code, hours = null, sale;
        if (print.OffLit)
        {
            code = bits.OneIn(64) ? "derivative_priced" : bits.OneIn(64) ? "qualified_contingent_trade" : null;
            hours = bits.OneIn(64) ? "sold_out_of_sequence" : null;
        }
        else
        {
            code = bits.OneIn(4) ? "intermarket_sweep" : null;
        }

        sale = print.Size < 100 ? "odd_lot_trade" : print.OffLit && bits.OneIn(32) ? "average_price_trade" : null;

        // Reported late: it was made some seconds before it reached the tape.
        long? executed = print.OffLit && bits.OneIn(16) ? print.At - 2_000 - (bits.Below(16) * 1_000L) : null;
        var (bid, ask) = (100 * (1 + bits.Below(16)), 100 * (1 + bits.Below(16)));
        return new(price, quote, bid, ask, code, hours, sale, executed, bits.Left);
    }

    // In units of 0.0001 USD: mostly at the quote; off the exchanges often at its middle or a fraction of a cent inside.
    private static long PriceOf(bool offLit, in ShareQuote quote, ref Bits bits)
    {
        var (bid, ask) = (quote.BidCents * 100, quote.AskCents * 100);
        var kind = bits.Below(8);
        if (!offLit)
        {
            return kind == 0 ? (bid + ask) / 2 : kind < 4 ? bid : ask;
        }

        return kind switch
        {
            < 2 => (bid + ask) / 2,
            2 => bid + 1 + bits.Below(32),
            3 => ask - 1 - bits.Below(32),
            4 or 5 => bid,
            _ => ask,
        };
    }

    /// <summary>Takes choices out of random bits, a few at a time.</summary>
    private struct Bits(ulong left)
    {
        public ulong Left { get; private set; } = left;

        /// <summary>A number below a power of two.</summary>
        public int Below(int power)
        {
            var taken = (int)(Left & (ulong)(power - 1));
            Left >>= System.Numerics.BitOperations.TrailingZeroCount(power);
            return taken;
        }

        public bool OneIn(int power) => Below(power) == 0;
    }
}
