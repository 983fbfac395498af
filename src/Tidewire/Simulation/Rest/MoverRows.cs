namespace Tidewire.Simulation.Rest;

/// <summary>
/// Market movers. The provider's documents name the three lists and not what is in them: rows here have the ticker, its
/// prices as strings, the change in USD and in percent of the previous close, and the day's shares.
/// </summary>
internal static class MoverRows
{
    private const int Most = 100;
    private const int Standard = 10;

    /// <summary>The most active, the gainers and the losers of the universe. An index is not traded and not among them.</summary>
    public static RestRows Movers(RestQuery query, string path)
    {
        var limit = query.Limit(Most, Standard);
        return (market, to) =>
        {
            var all = market.Listed.Where(ticker => ticker.Listing.Kind != ListingKind.Index).Select(ticker => new Mover(ticker, ticker.Reference.PreviousClose)).ToList();
            to.Object(() =>
            {
                to.List("most_active", all.OrderByDescending(mover => mover.Ticker.SharesToday).Take(limit), Write);
                to.List("gainers", all.Where(mover => mover.Change > 0).OrderByDescending(mover => mover.Percent).Take(limit), Write);
                to.List("losers", all.Where(mover => mover.Change < 0).OrderBy(mover => mover.Percent).Take(limit), Write);
            });
        };
    }

    private static void Write(RestText to, Mover mover)
    {
        to.Text("ticker", mover.Ticker.SymbolText);
        to.Fixed("price", mover.Ticker.Underlying, 4, 2);
        to.Decimal("prev_close", mover.PreviousClose);
        to.Decimal("change", mover.Change);
        to.Decimal("change_percent", Math.Round(mover.Percent, 4));
        to.Count("volume", mover.Ticker.SharesToday);
    }

    private sealed record Mover(SimulatedTicker Ticker, decimal PreviousClose)
    {
        public decimal Change { get; } = (Ticker.Underlying / 10_000m) - PreviousClose;

        public decimal Percent => 100 * Change / PreviousClose;
    }
}
