using System.Globalization;
using System.Text.Json;

namespace Tidewire.Tests.Simulation;

public sealed class StrikeBurstTests
{
    private static readonly string[] Greeks = ["gamma", "charm", "vanna"];

    [Theory]
    [InlineData("gex_strike_expiry:SPY", 2_000, 3_000)]
    [InlineData("gex_strike_expiry:SPX", 2_000, 3_000)]
    [InlineData("gex_strike_expiry:TSLA", 250, 600)]
    [InlineData("gex_strike_expiry:T0001", 100, 600)]
    [InlineData("gex_strike:SPY", 150, 400)]
    [InlineData("gex_strike:TSLA", 30, 100)]
    public void Rows_come_every_ten_seconds_in_a_burst_of_less_than_half_a_second(string form, int fewest, int most)
    {
        var market = new MarketRecorder(new(), form).Advance(TimeSpan.FromSeconds(40));
        var bursts = market.Frames.GroupBy(frame => frame.Payload.GetProperty("timestamp").GetInt64()).ToList();
        var times = bursts.ConvertAll(burst => burst.Key);

        Assert.InRange(bursts.Count, 3, 4);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(10_000, pair.Second - pair.First));
        Assert.All(bursts, burst =>
        {
            var keys = burst.Select(frame => $"{frame.Payload.GetProperty("strike")} {(frame.Payload.TryGetProperty("expiry", out var expiry) ? expiry.GetString() : null)}");
            Assert.InRange(burst.Count(), fewest, most);
            Assert.Equal(burst.Count(), keys.Distinct().Count());
            Assert.Single(burst.Select(frame => frame.Payload.GetProperty("price").GetString()).Distinct());
            Assert.InRange((burst.Max(frame => frame.At) - burst.Min(frame => frame.At)).TotalSeconds, 0.1, 0.5);
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: {form} {bursts[0].Count()} rows in {(bursts[0].Max(frame => frame.At) - bursts[0].Min(frame => frame.At)).TotalMilliseconds} ms");
    }

    [Theory]
    [InlineData("SPY")]
    [InlineData("SPX")]
    [InlineData("AMD")]
    public void Rows_add_up_to_the_exposure_of_the_ticker(string ticker)
    {
        var market = new MarketRecorder(new(), "gex:" + ticker, "gex_strike:" + ticker, "gex_strike_expiry:" + ticker).Advance(TimeSpan.FromSeconds(12));
        var whole = market.Of("gex:" + ticker).First().Payload;
        var at = whole.GetProperty("timestamp").GetInt64();

        foreach (var form in new[] { "gex_strike:" + ticker, "gex_strike_expiry:" + ticker })
        {
            var rows = market.Of(form).Select(frame => frame.Payload).Where(row => row.GetProperty("timestamp").GetInt64() == at).ToList();
            Assert.All(rows, row => Assert.Equal(whole.GetProperty("price").GetString(), row.GetProperty("price").GetString()));
            foreach (var greek in Greeks)
            {
                AssertSum(whole, $"{greek}_per_one_percent_move_oi", rows, $"call_{greek}_oi", $"put_{greek}_oi");
                AssertSum(whole, $"{greek}_per_one_percent_move_vol", rows, $"call_{greek}_vol", $"put_{greek}_vol");
                AssertSum(whole, $"{greek}_per_one_percent_move_dir", rows, $"call_{greek}_ask_vol", $"call_{greek}_bid_vol", $"put_{greek}_ask_vol", $"put_{greek}_bid_vol");
            }
        }
    }

    [Fact]
    public void Calls_are_held_and_puts_are_owed()
    {
        var market = new MarketRecorder(new(), "gex_strike:SPY").Advance(TimeSpan.FromSeconds(11));

        Assert.All(market.Frames, frame =>
        {
            Assert.True(Number(frame.Payload, "call_gamma_oi") >= 0 && Number(frame.Payload, "put_gamma_oi") <= 0);
            Assert.True(Number(frame.Payload, "call_gamma_ask_vol") <= 0 && Number(frame.Payload, "put_gamma_bid_vol") >= 0);
        });
    }

    [Fact]
    public void A_burst_that_was_under_way_is_given_up_when_time_is_left_out()
    {
        var market = new MarketRecorder(new(), "gex_strike_expiry:SPY");
        while (market.Frames.Count == 0)
        {
            market.Advance(TimeSpan.FromMilliseconds(20));
        }

        var begun = market.Frames[0].Payload.GetProperty("timestamp").GetInt64();
        market.Frames.Clear();
        market.Market.SkipTo(market.Market.Now.AddMinutes(3));
        market.Advance(TimeSpan.FromSeconds(11));

        Assert.InRange(market.Frames.Count, 2_000, 6_000);
        Assert.All(market.Frames, frame => Assert.True(frame.Payload.GetProperty("timestamp").GetInt64() > begun + 170_000));
    }

    private static void AssertSum(JsonElement whole, string field, List<JsonElement> rows, params string[] parts)
    {
        var terms = rows.SelectMany(row => parts.Select(part => Number(row, part))).ToList();
        Assert.Equal(Number(whole, field), terms.Sum(), 1e-9 * terms.Sum(Math.Abs));
    }

    private static double Number(JsonElement payload, string name) => double.Parse(payload.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
