using System.Text.Json;

namespace Tidewire.Tests.Simulation;

/// <summary>The simulated REST side against the examples of the provider's specification: every field is there, encoded in the same way.</summary>
public sealed class RestFieldsTests
{
    [Theory]
    [InlineData("/api/option-trades/flow-alerts")]
    [InlineData("/api/darkpool/recent")]
    [InlineData("/api/darkpool/{ticker}")]
    [InlineData("/api/lit-flow/recent")]
    [InlineData("/api/congress/recent-trades")]
    [InlineData("/api/congress/late-reports")]
    [InlineData("/api/news/headlines")]
    [InlineData("/api/market/market-tide")]
    [InlineData("/api/screener/stocks")]
    [InlineData("/api/stock/{ticker}/spot-exposures")]
    [InlineData("/api/stock/{ticker}/spot-exposures/strike")]
    [InlineData("/api/stock/{ticker}/stock-state")]
    [InlineData("/api/stock/{ticker}/ohlc/{candle_size}")]
    [InlineData("/api/stock/{ticker}/net-prem-ticks")]
    public async Task An_answer_has_every_field_of_the_specifications_example(string path)
    {
        using var examples = JsonDocument.Parse(await File.ReadAllBytesAsync(ProviderFiles.Require("rest_spec_examples.json")));
        var example = Row(examples.RootElement.GetProperty("endpoints").GetProperty(path).GetProperty("example_200").GetProperty("data"));
        await using var world = new RestWorld(new() { Rate = 3 });
        world.Pass(TimeSpan.FromSeconds(40));
        var data = await world.DataAsync(path.Replace("{ticker}", "AAPL", StringComparison.Ordinal).Replace("{candle_size}", "1m", StringComparison.Ordinal));

        Assert.Equal(data.ValueKind, examples.RootElement.GetProperty("endpoints").GetProperty(path).GetProperty("example_200").GetProperty("data").ValueKind);
        Assert.All(data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().ToList() : [data], row =>
        {
            foreach (var field in example.EnumerateObject())
            {
                Assert.True(row.TryGetProperty(field.Name, out var value), $"{field.Name} is missing");
                Assert.True(
                    Kind(value) == Kind(field.Value) || value.ValueKind == JsonValueKind.Null || field.Value.ValueKind == JsonValueKind.Null,
                    $"{field.Name}: {value.GetRawText()} is not encoded as {field.Value.GetRawText()}");
            }
        });
        Assert.NotEmpty(Row(data).EnumerateObject());
    }

    [Fact]
    public async Task The_accounts_alerts_have_every_field_of_real_ones()
    {
        using var real = JsonDocument.Parse(await File.ReadAllBytesAsync(ProviderFiles.Require("captures/rest_alerts_sample.json")));
        var sample = real.RootElement.GetProperty("data")[0];
        await using var world = new RestWorld(new() { Rate = 10 });
        world.Pass(TimeSpan.FromSeconds(30));
        var rows = await world.RowsAsync("/api/alerts?limit=20&noti_types[]=option_contract_interval");

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            Assert.All(sample.EnumerateObject(), field => Assert.Equal(Kind(field.Value), Kind(row.GetProperty(field.Name))));
            Assert.All(sample.GetProperty("meta").EnumerateObject(), field => Assert.Equal(Kind(field.Value), Kind(row.GetProperty("meta").GetProperty(field.Name))));
        });
    }

    [Theory]
    [InlineData("/api/market/movers", "ticker price change_percent volume")]
    [InlineData("/api/screener/option-contracts", "option_symbol volume open_interest prev_oi premium ask_side_volume bid_side_volume iv delta gamma theta vega days_of_oi_increases sweep_volume")]
    [InlineData("/api/stock/SPY/flow-recent", "id underlying_symbol option_type expiry strike executed_at price size premium nbbo_bid nbbo_ask underlying_price implied_volatility delta gamma theta vega rho theo open_interest volume tags report_flags exchange")]
    public async Task An_answer_without_an_example_has_the_fields_that_its_feed_is_known_by(string path, string fields)
    {
        await using var world = new RestWorld();
        world.Pass(TimeSpan.FromSeconds(5));
        var data = await world.DataAsync(path);
        var rows = data.ValueKind == JsonValueKind.Array ? data.EnumerateArray() : data.EnumerateObject().SelectMany(list => list.Value.EnumerateArray());

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.All(fields.Split(' '), field => Assert.True(row.TryGetProperty(field, out _), $"{field} is missing")));
    }

    private static JsonElement Row(JsonElement data) => data.ValueKind == JsonValueKind.Array ? data[0] : data;

    private static JsonValueKind Kind(JsonElement value) => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;
}
