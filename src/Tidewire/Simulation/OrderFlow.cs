namespace Tidewire.Simulation;

/// <summary>
/// Turns orders into trades. Most orders are small and one trade; some are split over exchanges, some have several legs.
/// Sizes have a log-normal body and a Pareto tail.
/// </summary>
internal sealed class OrderFlow(SeededRandom random)
{
    /// <summary>Mean number of trades that <see cref="Place"/> makes.</summary>
    public const double TradesPerOrder = SingleShare + (SplitShare * 3.5) + ((1 - SingleShare - SplitShare) * 2.5);

    private const double SingleShare = 0.72;
    private const double SplitShare = 0.20;
    private const double LargeShare = 0.012;
    private const int LargestSize = 15_000;
    private const int MostPremium = 25_000_000;

    /// <summary>Places an order in a ticker, and reports its trades.</summary>
    public void Place(SimulatedTicker ticker, long now, IMarketTape tape)
    {
        var contract = ticker.Chain.Draw(random, ticker.Spot, ticker.Listing.Volatility, now);
        var latency = Latency();
        var kind = random.NextUnit();
        if (kind < SingleShare)
        {
            Report(contract, Size(contract, now), Aggression(), SingleLegCode(), Exchange(contract), now, latency, tape);
        }
        else if (kind < SingleShare + SplitShare)
        {
            var aggression = Aggression();
            var size = Size(contract, now);
            for (var left = random.Whole(2, 5); left > 0; left--)
            {
                Report(contract, 1 + (int)(size * random.NextUnit()), aggression, TradeCode.Auto, Exchange(contract), now, latency, tape);
            }
        }
        else
        {
            PlaceLegs(ticker, contract, now, latency, tape);
        }
    }

    /// <summary>Makes one trade at a point of the quote, counts it in the contract's day and reports it.</summary>
    /// <param name="contract">What is traded.</param>
    /// <param name="size">Contracts.</param>
    /// <param name="aggression">Where in the quote: 0 at the bid, 1 at the ask.</param>
    /// <param name="code">How it came about.</param>
    /// <param name="exchange">Where.</param>
    /// <param name="now">When it is reported, in ticks.</param>
    /// <param name="latency">How long ago it was made, in milliseconds.</param>
    /// <param name="tape">Told of it.</param>
    public OptionTrade Report(
        OptionContract contract, int size, double aggression, TradeCode code, int exchange, long now, int latency, IMarketTape tape)
    {
        var quote = contract.QuoteAt(now);
        var price = Math.Max(1, quote.BidCents + (int)Math.Round(aggression * (quote.AskCents - quote.BidCents)));
        var side = random.Chance(0.0004) ? TradeSide.None : SideOf(price, quote);
        contract.Volume = contract.Volume.With(size, side, code);
        var created = SimulatedClock.ToUnixMilliseconds(now);
        var trade = new OptionTrade
        {
            Id = random.Id(),
            Contract = contract,
            Quote = quote,
            ExecutedAt = contract.ExecutedInOrder(created - latency),
            CreatedAt = created,
            Size = size,
            PriceCents = price,
            Side = side,
            Code = code,
            Exchange = exchange,
            Underlying = contract.Ticker.Underlying,
            Volume = contract.Volume,
        };
        contract.Ticker.Flow.Count(trade);
        contract.Keep(trade);
        tape.Trade(trade);
        return trade;
    }

    /// <summary>Milliseconds from a trade to its report.</summary>
    public int Latency() => random.Whole(36, 73);

    /// <summary>Draws the exchange of a trade; index options have one.</summary>
    public int Exchange(OptionContract contract) =>
        contract.Ticker.Listing.Kind == ListingKind.Index ? Exchanges.Cboe : random.Whole(0, Exchanges.Count - 1);

    private static TradeSide SideOf(int price, OptionQuote quote) => (2 * price).CompareTo(quote.BidCents + quote.AskCents) switch
    {
        > 0 => TradeSide.Ask,
        < 0 => TradeSide.Bid,
        _ => TradeSide.Mid,
    };

    private void PlaceLegs(SimulatedTicker ticker, OptionContract first, long now, int latency, IMarketTape tape)
    {
        var size = Size(first, now);
        var exchange = Exchange(first);
        var code = random.NextUnit() switch { < 0.55 => TradeCode.Mlat, < 0.93 => TradeCode.Mlet, < 0.97 => TradeCode.Mlft, _ => TradeCode.Tlet };
        var legs = random.NextUnit() switch { < 0.7 => 2, < 0.8 => 3, _ => 4 };
        for (var leg = 0; leg < legs; leg++)
        {
            Report(ticker.Chain.Neighbour(first, leg * 2), size, 0.5, code, exchange, now, latency, tape);
        }
    }

    private int Size(OptionContract contract, long now)
    {
        var size = random.Chance(LargeShare) ? random.Pareto(50, 1.15) : random.LogNormal(2.2, 1.15);
        return (int)Math.Clamp(Math.Min(size, MostPremium / (double)contract.QuoteAt(now).AskCents), 1, LargestSize);
    }

    private double Aggression() => random.NextUnit() switch
    {
        < 0.41 => 1,
        < 0.80 => 0,
        < 0.90 => 0.5,
        _ => random.NextUnit(),
    };

    private TradeCode SingleLegCode() => random.NextUnit() switch
    {
        < 0.80 => TradeCode.Auto,
        < 0.92 => TradeCode.Slan,
        < 0.985 => TradeCode.Isoi,
        < 0.998 => TradeCode.Slcn,
        _ => TradeCode.Slft,
    };
}
