namespace Tidewire.Market;

/// <summary>Greek exposure of the dealers in one underlying, in USD.</summary>
/// <param name="Gamma">USD of stock to trade per 1 % move of the underlying.</param>
/// <param name="Charm">USD of delta gained per year that passes.</param>
/// <param name="Vanna">USD of delta gained per point (0.01) of volatility.</param>
internal readonly record struct ExposureSum(double Gamma, double Charm, double Vanna)
{
    /// <summary>The sum with one position of <paramref name="contracts"/> held by the dealers (below 0: owed by them).</summary>
    public ExposureSum With(double contracts, double spot, in OptionValue value)
    {
        var notional = contracts * GammaExposure.SharesPerContract * spot;
        return new(
            Gamma + (value.Gamma * notional * spot * 0.01),
            Charm + (value.Charm * notional),
            Vanna + (value.Vanna * notional * 0.01));
    }
}

/// <summary>
/// Sums the greek exposure of a chain. By open interest and by volume, dealers are taken to hold the calls and to owe
/// the puts: <c>gamma * contracts * 100 * spot^2 * 0.01</c>, puts negative. By direction, they hold what was sold at the
/// bid and owe what was bought at the ask, calls and puts alike.
/// </summary>
/// <remarks>The provider publishes the units, not its formula; this is the usual one.</remarks>
internal sealed class GammaExposure
{
    /// <summary>Shares that one option contract stands for.</summary>
    public const int SharesPerContract = 100;

    /// <summary>By open interest.</summary>
    public ExposureSum OpenInterest { get; private set; }

    /// <summary>By the day's volume.</summary>
    public ExposureSum Volume { get; private set; }

    /// <summary>By the day's volume and its direction.</summary>
    public ExposureSum Directional { get; private set; }

    /// <summary>Adds one contract of the chain.</summary>
    /// <param name="type">Call or put.</param>
    /// <param name="spot">Price of the underlying in USD.</param>
    /// <param name="value">The contract's greeks.</param>
    /// <param name="openInterest">Contracts open.</param>
    /// <param name="volume">Contracts traded today.</param>
    /// <param name="soldMinusBought">Contracts traded today at the bid less those at the ask.</param>
    public void Add(OptionType type, double spot, in OptionValue value, long openInterest, long volume, long soldMinusBought)
    {
        var sign = type == OptionType.Call ? 1 : -1;
        OpenInterest = OpenInterest.With(sign * openInterest, spot, value);
        Volume = Volume.With(sign * volume, spot, value);
        Directional = Directional.With(soldMinusBought, spot, value);
    }
}
