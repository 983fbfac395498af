namespace Tidewire.Simulation;

/// <summary>A contract's volume of the day, in contracts. The four sides add up to the total; the last two are part of it.</summary>
internal readonly record struct DayVolume(int Total, int Ask, int Bid, int Mid, int NoSide, int MultiLeg, int StockMultiLeg)
{
    /// <summary>The volume with one more trade in it.</summary>
    public DayVolume With(int size, TradeSide side, TradeCode code) => new(
        Total + size,
        Ask + (side == TradeSide.Ask ? size : 0),
        Bid + (side == TradeSide.Bid ? size : 0),
        Mid + (side == TradeSide.Mid ? size : 0),
        NoSide + (side == TradeSide.None ? size : 0),
        MultiLeg + (TradeCodes.IsMultiLeg(code) ? size : 0),
        StockMultiLeg + (code == TradeCode.Tlet ? size : 0));
}

/// <summary>The best bid and offer of a contract and what it is worth. Stands until the underlying ticks.</summary>
/// <param name="BidCents">Best bid in cents, 0 when no one bids.</param>
/// <param name="AskCents">Best ask in cents, above the bid.</param>
/// <param name="Volatility">Implied volatility as a fraction.</param>
/// <param name="Value">Theoretical price and greeks.</param>
internal sealed record OptionQuote(int BidCents, int AskCents, double Volatility, Market.OptionValue Value);

/// <summary>One option trade as it was reported. Times in milliseconds since the Unix epoch.</summary>
internal readonly record struct OptionTrade
{
    public required Guid Id { get; init; }

    public required OptionContract Contract { get; init; }

    public required OptionQuote Quote { get; init; }

    public required long ExecutedAt { get; init; }

    public required long CreatedAt { get; init; }

    public required int Size { get; init; }

    public required int PriceCents { get; init; }

    public required TradeSide Side { get; init; }

    public required TradeCode Code { get; init; }

    /// <summary>Index into <see cref="Exchanges"/>.</summary>
    public required int Exchange { get; init; }

    /// <summary>Price of the underlying in units of 0.0001 USD.</summary>
    public required long Underlying { get; init; }

    /// <summary>The contract's day, this trade included.</summary>
    public required DayVolume Volume { get; init; }

    /// <summary>Whole USD: cents per share, times a hundred shares, is the price in cents as dollars.</summary>
    public long Premium => (long)PriceCents * Size;
}
