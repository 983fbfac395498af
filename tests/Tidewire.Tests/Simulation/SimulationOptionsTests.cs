using System.ComponentModel.DataAnnotations;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class SimulationOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.True(IsValid(new()));

    [Theory]
    [InlineData(0, 10)]
    [InlineData(-1, 10)]
    [InlineData(10_001, 10)]
    [InlineData(double.NaN, 10)]
    [InlineData(1, 0)]
    public void Values_out_of_range_are_refused(double rate, int tickers) => Assert.False(IsValid(new() { Rate = rate, Tickers = tickers }));

    [Fact]
    public void Fewer_tickers_leave_only_the_most_popular()
    {
        var market = new MarketRecorder(new() { Tickers = 2 }, "option_trades").Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["QQQ", "SPY"], market.Frames.Select(frame => frame.Payload.GetProperty("underlying_symbol").GetString()).Distinct().Order());
    }

    private static bool IsValid(SimulationOptions options) => Validator.TryValidateObject(options, new(options), null, validateAllProperties: true);
}
