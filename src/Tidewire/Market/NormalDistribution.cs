namespace Tidewire.Market;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    private const double RootOfTwoPi = 2.5066282746310002;

    /// <summary>The density at x.</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) / RootOfTwoPi;

    /// <summary>
    /// The probability of a value of at most x, to about fifteen digits: Hart's rational approximation in the form of
    /// G. West, "Better approximations to cumulative normal functions", Wilmott 2005.
    /// </summary>
    public static double Cumulative(double x)
    {
        var distance = Math.Abs(x);
        if (distance > 37)
        {
            return x > 0 ? 1 : 0;
        }

        var exponential = Math.Exp(-0.5 * distance * distance);
        double tail;
        if (distance < 7.07106781186547)
        {
            var above = ((((((3.52624965998911e-02 * distance) + 0.700383064443688) * distance) + 6.37396220353165) * distance
                + 33.912866078383) * distance + 112.079291497871) * distance;
            above = ((above + 221.213596169931) * distance) + 220.206867912376;
            var below = ((((((8.83883476483184e-02 * distance) + 1.75566716318264) * distance) + 16.064177579207) * distance
                + 86.7807322029461) * distance + 296.564248779674) * distance;
            below = ((((below + 637.333633378831) * distance) + 793.826512519948) * distance) + 440.413735824752;
            tail = exponential * above / below;
        }
        else
        {
            var fraction = distance + 0.65;
            fraction = distance + (4 / fraction);
            fraction = distance + (3 / fraction);
            fraction = distance + (2 / fraction);
            fraction = distance + (1 / fraction);
            tail = exponential / fraction / RootOfTwoPi;
        }

        return x > 0 ? 1 - tail : tail;
    }
}
