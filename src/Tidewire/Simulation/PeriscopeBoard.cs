namespace Tidewire.Simulation;

/// <summary>
/// Periscope: every minute the greeks of an index by expiry and strike, in frames of up to 500 rows. The provider has it for
/// a few indices, of which the universe holds SPX. In which units it gives them is not known: here they are the dealers'
/// exposure by open interest, as in <c>gex_strike_expiry</c>.
/// </summary>
internal sealed class PeriscopeBoard(MarketSchedule schedule, SimulatedTicker[] tickers) : Board(schedule, SimulatedFeed.Periscope, Length)
{
    /// <summary>The index.</summary>
    public const string Index = "SPX";

    private const long Length = 60_000;
    private const int MostRows = 500;

    private readonly SimulatedTicker? _index = Array.Find(tickers, ticker => ticker.Listing.Symbol == Index);

    private protected override void Write(IMarketTape tape)
    {
        if (_index is null)
        {
            return;
        }

        var rows = _index.Chain.ExposureByExpiry(_index.Spot, Now).SelectMany(expiry => expiry).ToArray();
        for (var first = 0; first < rows.Length; first += MostRows)
        {
            var frame = rows.AsSpan(first, Math.Min(MostRows, rows.Length - first));
            tape.Periscope(new(_index, Ended, rows.Length, HasMore: first + frame.Length < rows.Length), frame);
        }
    }
}

/// <summary>What is said of one frame of a snapshot.</summary>
/// <param name="Ticker">The index.</param>
/// <param name="At">The snapshot's time in milliseconds since the Unix epoch, the same in each of its frames.</param>
/// <param name="TotalRows">Rows of the whole snapshot.</param>
/// <param name="HasMore">Whether another frame of it follows.</param>
internal readonly record struct PeriscopePart(SimulatedTicker Ticker, long At, int TotalRows, bool HasMore);
