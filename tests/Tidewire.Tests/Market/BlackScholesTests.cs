using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class BlackScholesTests
{
    public static TheoryData<double, double, double, double> Contracts => new()
    {
        { 100, 100, 1, 0.2 },
        { 350, 340, 0.02, 0.6 },
        { 6_000, 6_150, 0.005, 0.14 },
        { 12, 20, 0.7, 0.9 },
    };

    [Fact]
    public void A_textbook_case_has_its_textbook_price()
    {
        // Hull's example: spot 42, strike 40, half a year, 20 % volatility, 10 % interest: call 4.76, put 0.81.
        Assert.Equal(4.759, BlackScholes.Value(OptionType.Call, 42, 40, 0.5, 0.2, 0.1).Price, 0.001);
        Assert.Equal(0.808, BlackScholes.Value(OptionType.Put, 42, 40, 0.5, 0.2, 0.1).Price, 0.001);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.96, 0.975002104851780)]
    [InlineData(-1.96, 0.024997895148220)]
    [InlineData(-8, 6.22096057427e-16)]
    public void The_normal_distribution_is_exact_to_many_digits(double x, double expected) =>
        Assert.Equal(1, NormalDistribution.Cumulative(x) / expected, 1e-7);

    [Theory]
    [MemberData(nameof(Contracts))]
    public void A_call_less_a_put_is_the_stock_less_the_discounted_strike(double spot, double strike, double years, double volatility)
    {
        var call = BlackScholes.Value(OptionType.Call, spot, strike, years, volatility, 0.04);
        var put = BlackScholes.Value(OptionType.Put, spot, strike, years, volatility, 0.04);

        Assert.Equal(spot - (strike * Math.Exp(-0.04 * years)), call.Price - put.Price, spot * 1e-10);
        Assert.Equal(1, call.Delta - put.Delta, 1e-10);
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public void Every_greek_is_the_slope_it_stands_for(double spot, double strike, double years, double volatility)
    {
        foreach (var type in Enum.GetValues<OptionType>())
        {
            OptionValue At(double spotBy = 0, double yearsBy = 0, double volatilityBy = 0, double rateBy = 0) =>
                BlackScholes.Value(type, spot + spotBy, strike, years + yearsBy, volatility + volatilityBy, 0.04 + rateBy);
            var value = At();
            var (ds, dt, dv, dr) = (spot * 1e-5, years * 1e-5, volatility * 1e-5, 1e-6);

            AssertSlope((At(ds).Price - At(-ds).Price) / (2 * ds), value.Delta);
            AssertSlope((At(ds).Delta - At(-ds).Delta) / (2 * ds), value.Gamma);
            AssertSlope(-(At(yearsBy: dt).Price - At(yearsBy: -dt).Price) / (2 * dt) / 365, value.Theta);
            AssertSlope((At(volatilityBy: dv).Price - At(volatilityBy: -dv).Price) / (2 * dv) / 100, value.Vega);
            AssertSlope((At(rateBy: dr).Price - At(rateBy: -dr).Price) / (2 * dr) / 100, value.Rho);
            AssertSlope((At(volatilityBy: dv).Delta - At(volatilityBy: -dv).Delta) / (2 * dv), value.Vanna);
            AssertSlope(-(At(yearsBy: dt).Delta - At(yearsBy: -dt).Delta) / (2 * dt), value.Charm);
        }
    }

    [Fact]
    public void Dealers_hold_calls_and_owe_puts()
    {
        var value = BlackScholes.Value(OptionType.Call, 100, 100, 0.1, 0.3, 0.04);
        var exposure = new GammaExposure();
        exposure.Add(OptionType.Call, 100, value, openInterest: 10, volume: 3, soldMinusBought: -2);
        exposure.Add(OptionType.Put, 100, value, openInterest: 4, volume: 3, soldMinusBought: 1);

        // gamma * contracts * 100 shares * 100 USD * 1 % of 100 USD
        Assert.Equal(value.Gamma * 6 * 10_000, exposure.OpenInterest.Gamma, 1e-6);
        Assert.Equal(0, exposure.Volume.Gamma, 1e-6);
        Assert.Equal(value.Gamma * -1 * 10_000, exposure.Directional.Gamma, 1e-6);
    }

    private static void AssertSlope(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-6 + (1e-4 * Math.Abs(expected)), $"slope {expected}, greek {actual}");
}
