using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Exposure of the dealers in the calls or the puts of a strike. By direction: owed what was bought at the ask, held what was sold at the bid.</summary>
internal readonly record struct SideExposure(ExposureSum OpenInterest, ExposureSum Volume, ExposureSum Ask, ExposureSum Bid)
{
    /// <summary>The exposure in one contract, with the signs of <see cref="GammaExposure"/>.</summary>
    public static SideExposure Of(OptionContract contract, double spot, long now)
    {
        var value = contract.ValueAt(now, out _);
        var sign = contract.Type == OptionType.Call ? 1 : -1;
        var volume = contract.Volume;
        ExposureSum Sum(int contracts) => default(ExposureSum).With(contracts, spot, value);
        return new(Sum(sign * contract.OpenInterest), Sum(sign * volume.Total), Sum(-volume.Ask), Sum(volume.Bid));
    }

    /// <summary>The sum with another.</summary>
    public SideExposure With(in SideExposure other) => new(
        Add(OpenInterest, other.OpenInterest), Add(Volume, other.Volume), Add(Ask, other.Ask), Add(Bid, other.Bid));

    private static ExposureSum Add(in ExposureSum one, in ExposureSum other) =>
        new(one.Gamma + other.Gamma, one.Charm + other.Charm, one.Vanna + other.Vanna);
}

/// <summary>Exposure of the dealers at one strike, of one expiry or of all.</summary>
/// <param name="Expiry">The expiry; of no meaning in a sum over all of them.</param>
/// <param name="StrikeThousandths">The strike in thousandths of a dollar.</param>
/// <param name="Call">In its calls.</param>
/// <param name="Put">In its puts.</param>
internal readonly record struct StrikeExposure(ChainExpiry Expiry, int StrikeThousandths, SideExposure Call, SideExposure Put)
{
    /// <summary>The sum with another of the same strike.</summary>
    public StrikeExposure With(in StrikeExposure other) => this with { Call = Call.With(other.Call), Put = Put.With(other.Put) };
}

/// <summary>The rows of one ticker's exposure, published within a fraction of a second.</summary>
/// <param name="symbol">The name under which it was asked for.</param>
/// <param name="byExpiry">Whether the rows are of single expiries.</param>
/// <param name="ticker">The ticker, as it is when the rows are computed.</param>
/// <param name="at">When that is, in milliseconds since the Unix epoch.</param>
/// <param name="rows">The rows, in arrays that are small enough not to outlive the burst.</param>
internal sealed class ExposureBurst(string symbol, bool byExpiry, SimulatedTicker ticker, long at, IReadOnlyList<StrikeExposure[]> rows)
{
    private const int Slices = 20;

    /// <summary>Seconds from one slice to the next.</summary>
    public const double SliceSeconds = 0.015;

    private readonly int _perSlice = (rows.Sum(part => part.Length) + Slices - 1) / Slices;
    private int _part;
    private int _row;

    public string Symbol => symbol;

    public bool ByExpiry => byExpiry;

    public ListingKind Kind => ticker.Listing.Kind;

    public long At => at;

    /// <summary>Price of the underlying in units of 0.0001 USD; of an index, the strike at the money in its place.</summary>
    public long Price { get; } = ExposureFrame.PriceOf(ticker);

    /// <summary>Publishes the next slice. False when that was the last.</summary>
    public bool Continue(IMarketTape tape)
    {
        for (var left = _perSlice; left > 0 && _part < rows.Count;)
        {
            var taken = Math.Min(left, rows[_part].Length - _row);
            tape.StrikeExposures(this, rows[_part].AsSpan(_row, taken));
            (_row, left) = (_row + taken, left - taken);
            if (_row == rows[_part].Length)
            {
                (_part, _row) = (_part + 1, 0);
            }
        }

        return _part < rows.Count;
    }
}
