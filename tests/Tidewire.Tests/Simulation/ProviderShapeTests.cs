using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tidewire.Tests.Simulation;

/// <summary>Simulated frames against real ones: the same fields in the same order, each number written in the same way.</summary>
public sealed partial class ProviderShapeTests
{
    [Theory]
    [InlineData("flow-alerts", "captures/ws_flow_alerts_2025-05-16.ndjson")]
    [InlineData("option_trades:TSLA", "captures/ws_option_trades_tsla_2025-05-16.ndjson")]
    [InlineData("gex:SPY", "captures/ws_gex_2025-05-16.ndjson")]
    [InlineData("price:SPY", "doc_examples.ndjson")]
    [InlineData("gex_strike:SPY", "doc_examples.ndjson")]
    [InlineData("gex_strike_expiry:SPY", "doc_examples.ndjson")]
    [InlineData("net_flow:SPY", "doc_examples.ndjson")]
    public void A_simulated_frame_has_the_shape_of_a_real_one(string form, string file)
    {
        var path = ProviderFiles.Require(file);

        var real = File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("channel").GetString() == form)
            .Select(line => line.GetProperty("payload"))
            .Where(payload => !payload.TryGetProperty("response", out _))
            .ToList();
        var simulated = new MarketRecorder(new(), form).Advance(TimeSpan.FromSeconds(60)).Of(form).Select(frame => frame.Payload).ToList();

        Assert.NotEmpty(real);
        Assert.NotEmpty(simulated);
        foreach (var payload in simulated)
        {
            Assert.Equal(real[0].EnumerateObject().Select(field => field.Name), payload.EnumerateObject().Select(field => field.Name));
        }

        foreach (var name in real[0].EnumerateObject().Select(field => field.Name))
        {
            var expected = real.Select(payload => Encoding(payload.GetProperty(name))).Distinct().ToList();
            Assert.All(simulated, payload => Assert.True(
                expected.Contains(Encoding(payload.GetProperty(name))),
                $"{name}: {payload.GetProperty(name).GetRawText()} is not one of {string.Join(", ", expected)}"));
        }
    }

    [Fact]
    public void Every_frame_is_an_array_of_a_form_and_an_object()
    {
        var market = new MarketRecorder(new(), "flow-alerts", "option_trades", "option_trades:TSLA", "gex:SPY", "price:SPY").Advance(TimeSpan.FromSeconds(30));

        Assert.All(market.Frames, frame =>
        {
            Assert.Equal(JsonValueKind.Array, frame.Json.ValueKind);
            Assert.Equal(2, frame.Json.GetArrayLength());
            Assert.Equal(JsonValueKind.Object, frame.Payload.ValueKind);
            Assert.Equal(frame.Payload.EnumerateObject().Count(), frame.Payload.EnumerateObject().Select(field => field.Name).Distinct().Count());
        });
        Assert.Equal(5, market.Frames.Select(frame => frame.Form).Distinct().Count());
    }

    [Fact]
    public void No_frame_comes_of_a_channel_that_was_not_joined()
    {
        Assert.Empty(new MarketRecorder().Advance(TimeSpan.FromSeconds(20)).Frames);

        var market = new MarketRecorder(new(), "gex:SPY", "option_trades:TSLA").Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(["gex:SPY", "option_trades:TSLA"], market.Frames.Select(frame => frame.Form).Distinct().Order());
    }

    [Fact]
    public void The_whole_tape_and_a_tickers_tape_carry_the_same_trade()
    {
        var market = new MarketRecorder(new(), "option_trades", "option_trades:SPX", "option_trades:SPXW").Advance(TimeSpan.FromSeconds(5));
        List<string> Tape(string form) => [.. market.Of(form)
            .Where(frame => frame.Payload.GetProperty("underlying_symbol").GetString() == "SPXW").Select(frame => frame.Payload.GetRawText())];

        Assert.NotEmpty(Tape("option_trades"));
        Assert.Equal(Tape("option_trades"), Tape("option_trades:SPX"));
        Assert.Equal(Tape("option_trades"), Tape("option_trades:SPXW"));
    }

    private static string Encoding(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText().Contains('.', StringComparison.Ordinal) ? "number with a point" : "whole number",
        JsonValueKind.True or JsonValueKind.False => "truth",
        JsonValueKind.Array => "array of " + string.Join(" or ", value.EnumerateArray().Select(Encoding).Distinct()),
        JsonValueKind.String when Guid.TryParse(value.GetString(), out _) => "id",
        JsonValueKind.String when Decimal().IsMatch(value.GetString()!) => "decimal as string",
        JsonValueKind.String => "text",
        _ => value.ValueKind.ToString(),
    };

    // Without an exponent, and with no more digits than the provider sends.
    [GeneratedRegex(@"^-?\d{1,15}(\.\d{1,16})?$")]
    private static partial Regex Decimal();
}
