namespace Tidewire.Market;

/// <summary>What a European option is worth and how that changes, per share, in the units the provider uses.</summary>
/// <param name="Price">USD.</param>
/// <param name="Delta">USD per USD of the underlying.</param>
/// <param name="Gamma">Delta per USD of the underlying.</param>
/// <param name="Theta">USD per calendar day.</param>
/// <param name="Vega">USD per point (0.01) of volatility.</param>
/// <param name="Rho">USD per point (0.01) of interest.</param>
/// <param name="Vanna">Delta per 1.00 of volatility.</param>
/// <param name="Charm">Delta per year that passes.</param>
internal readonly record struct OptionValue(
    double Price, double Delta, double Gamma, double Theta, double Vega, double Rho, double Vanna, double Charm);

/// <summary>
/// The Black-Scholes formula without dividends. Source: J. Hull, "Options, Futures, and Other Derivatives", chapters on
/// the Black-Scholes-Merton model and the Greek letters; vanna and charm are the derivatives of delta.
/// </summary>
internal static class BlackScholes
{
    private const double DaysPerYear = 365;

    /// <summary>Values an option.</summary>
    /// <param name="type">Call or put.</param>
    /// <param name="spot">Price of the underlying, above 0.</param>
    /// <param name="strike">Strike, above 0.</param>
    /// <param name="years">Time to expiry in years of 365 days, above 0.</param>
    /// <param name="volatility">Implied volatility per year as a fraction, above 0.</param>
    /// <param name="rate">Riskless interest per year as a fraction, compounded continuously.</param>
    public static OptionValue Value(OptionType type, double spot, double strike, double years, double volatility, double rate)
    {
        var rootOfTime = Math.Sqrt(years);
        var deviation = volatility * rootOfTime;
        var d1 = (Math.Log(spot / strike) + ((rate + (0.5 * volatility * volatility)) * years)) / deviation;
        var d2 = d1 - deviation;
        var density = NormalDistribution.Density(d1);
        var discounted = strike * Math.Exp(-rate * years);
        var sign = type == OptionType.Call ? 1.0 : -1.0;
        var inTheMoney1 = NormalDistribution.Cumulative(sign * d1);
        var inTheMoney2 = NormalDistribution.Cumulative(sign * d2);

        var decay = -(spot * density * volatility / (2 * rootOfTime)) - (sign * rate * discounted * inTheMoney2);
        return new(
            Price: Math.Max(0, sign * ((spot * inTheMoney1) - (discounted * inTheMoney2))),
            Delta: sign * inTheMoney1,
            Gamma: density / (spot * deviation),
            Theta: decay / DaysPerYear,
            Vega: spot * density * rootOfTime / 100,
            Rho: sign * years * discounted * inTheMoney2 / 100,
            Vanna: -density * d2 / volatility,
            Charm: -density * ((2 * rate * years) - (d2 * deviation)) / (2 * years * deviation));
    }
}
