using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tidewire.Tests.Simulation;

/// <summary>Every simulated feed against the list of channels: the fields it names and no other, each of the type it names.</summary>
public sealed partial class DocumentedFieldsTests
{
    [Theory]
    [InlineData("flow-alerts", 20)]
    [InlineData("option_trades:SPY", 20)]
    [InlineData("gex:SPX", 20)]
    [InlineData("price:SPY", 20)]
    [InlineData("gex_strike:TSLA", 20)]
    [InlineData("gex_strike_expiry:SPX", 20)]
    [InlineData("off_lit_trades", 60)]
    [InlineData("lit_trades", 20)]
    [InlineData("news", 600)]
    [InlineData("trading_halts", 3_600)]
    [InlineData("market_tide", 20)]
    [InlineData("net_flow:SPX", 20)]
    [InlineData("interval_flow", 320)]
    [InlineData("contract_screener", 12)]
    [InlineData("custom_alerts", 120)]
    [InlineData("periscope", 60)]
    [InlineData("periscope:SPX", 60)]
    [InlineData("futures_trades", 20)]
    [InlineData("futures:ESZ6", 20)]
    public void A_feed_has_the_documented_fields_and_types(string form, int seconds)
    {
        var fields = ProviderFiles.FieldsOf(form.StartsWith("futures:", StringComparison.Ordinal) ? "futures_trades" : form.Split(':')[0]);
        var market = new MarketRecorder(new() { Rate = form == "interval_flow" ? 0.2 : 1 }, form).Advance(TimeSpan.FromSeconds(seconds));

        Assert.NotEmpty(market.Frames);
        Assert.All(market.Frames, frame =>
        {
            Assert.Equal(fields.Keys.Where(name => !Optional(fields[name])).Except(frame.Payload.EnumerateObject().Select(field => field.Name)), []);
            foreach (var field in frame.Payload.EnumerateObject())
            {
                Assert.True(fields.TryGetValue(field.Name, out var type), $"{field.Name} is not documented");
                Assert.True(Is(field.Value, type!), $"{field.Name}: {field.Value.GetRawText()} is not {type}");
            }
        });
        var seen = market.Frames.SelectMany(frame => frame.Payload.EnumerateObject().Select(field => field.Name)).Distinct();
        Assert.Equal(fields.Keys.Order(), seen.Order());
    }

    private static bool Optional(string type) => type.Contains("optional", StringComparison.Ordinal);

    private static bool Is(JsonElement value, string type)
    {
        var may = type.Split(' ', '(')[0];
        if (value.ValueKind == JsonValueKind.Null)
        {
            return may.EndsWith("|null", StringComparison.Ordinal);
        }

        return may.Split('|')[0] switch
        {
            "unverified" => true,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" or "integer:epoch" or "integer:contracts," or "integer:shares" or "integer:contracts" or "integer:" => value.TryGetInt64(out _),
            "number" or "number:USD" => value.ValueKind == JsonValueKind.Number,
            "string:decimal" or "string:decimal," => value.ValueKind == JsonValueKind.String && Decimal().IsMatch(value.GetString()!),
            "string:ISO" or "string:ISO," => value.ValueKind == JsonValueKind.String && Instant().IsMatch(value.GetString()!),
            "string:YYYY-MM-DD" => DateOnly.TryParseExact(value.GetString(), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "string:uuid" => value.TryGetGuid(out _),
            "object" or "object," => value.ValueKind == JsonValueKind.Object,
            "string" or "string:" or "string:OSI" or "string:MIC" => value.ValueKind == JsonValueKind.String,
            { } array when array.StartsWith("array<", StringComparison.Ordinal) => value.ValueKind == JsonValueKind.Array,
            { } other => throw new InvalidDataException($"the list of channels has a type that is new: {other}"),
        };
    }

    [GeneratedRegex(@"^-?\d{1,16}(\.\d{1,16})?$")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Instant();
}
