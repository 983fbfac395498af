using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

public sealed class TickerFeedTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_price_becomes_a_ticker_with_exact_decimals()
        => Assert.Equal(
            """{"ticker":"SPY","price":562.82,"change":2.72,"change_percent":0.49,"volume":52341987,"high":563.10,"low":559.90,"open":560.00}""",
            Derived("""{"close":"562.82","time":1,"vol":52341987}""", new ReferencePrice(560.10m, 560.00m, 563.10m, 559.90m)));

    [Fact]
    public void What_is_not_known_is_null()
    {
        Assert.Equal("""{"ticker":"SPY","price":562.80,"change":null,"change_percent":null,"volume":null,"high":null,"low":null,"open":null}""", Derived("""{"close":"562.80"}"""));
        Assert.Contains("\"change_percent\":null", Derived("""{"close":"1"}""", default(ReferencePrice)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"562.82\"", "562.82")]
    [InlineData("562.82", "562.82")]
    [InlineData("\"562.8200\"", "562.8200")]
    [InlineData("0.1", "0.1")]
    [InlineData("\"-37.63\"", "-37.63")]
    [InlineData("\"0.000000000000000000000001\"", "0.000000000000000000000001")]
    public void A_price_stands_as_it_came(string close, string price)
    {
        using var json = JsonDocument.Parse(Derived($$"""{"close":{{close}}}""")!);
        Assert.Equal(price, json.RootElement.GetProperty("price").GetRawText());
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("\"12\"", "12")]
    [InlineData("\"\"", "null")]
    [InlineData("null", "null")]
    [InlineData("1.5", "null")]
    [InlineData("\"12 shares\"", "null")]
    [InlineData("99999999999999999999", "null")]
    [InlineData("{\"close\":\"7\"}", "null")]
    public void A_volume_is_a_whole_number_or_unknown(string volume, string written)
    {
        using var json = JsonDocument.Parse(Derived($$"""{"vol":{{volume}},"close":"1"}""")!);
        Assert.Equal(written, json.RootElement.GetProperty("volume").GetRawText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"close":null}""")]
    [InlineData("""{"close":""}""")]
    [InlineData("""{"close":"n/a"}""")]
    [InlineData("""{"close":{"close":"1"}}""")]
    [InlineData("""{"day":{"close":"1"}}""")]
    [InlineData("""{"close":1e400}""")]
    public void Without_a_price_there_is_no_ticker(string payload) => Assert.Null(Derived(payload));

    [Fact]
    public void The_price_itself_widens_the_range_of_the_day()
    {
        var reference = new ReferencePrice(100m, 100m, 101m, 99m);
        Assert.Contains("\"high\":101.50,\"low\":99,", Derived("""{"close":"101.50"}""", reference), StringComparison.Ordinal);
        Assert.Contains("\"high\":101,\"low\":98.50,", Derived("""{"close":"98.50"}""", reference), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100.125", "0.13")]
    [InlineData("99.875", "-0.13")]
    [InlineData("100", "0")]
    public void A_percentage_is_rounded_half_away_from_zero(string close, string percent)
    {
        using var json = JsonDocument.Parse(Derived($$"""{"close":"{{close}}"}""", new ReferencePrice(100m, 0, 0, 0))!);
        Assert.Equal(decimal.Parse(percent, CultureInfo.InvariantCulture), json.RootElement.GetProperty("change_percent").GetDecimal());
    }

    [Theory]
    [InlineData("""{"close":"79228162514264337593543950335"}""")]
    [InlineData("""{"close":"-79228162514264337593543950335"}""")]
    public void A_price_beyond_all_reason_is_survived(string payload)
        => Assert.Null(Record.Exception(() => Derived(payload, new ReferencePrice(100m, 100m, 100m, 100m))));

    [Theory]
    [InlineData("""{"a":1,"b":2,"c":3,"\ud800":4,"close":"1"}""")]
    [InlineData("""{"a":1,"b":2,"c":3,"\ud800lose":4,"close":"1"}""")]
    [InlineData("""{"a":1,"b":2,"c":3,"c\udfffose":4,"close":"1"}""")]
    public void A_field_name_that_is_no_text_is_survived(string payload) => Assert.NotNull(Derived(payload));

    [Fact]
    public void Nothing_is_derived_while_no_one_follows()
    {
        var price = _world.Log("price:SPY");
        var publication = Publication.OfPayload("""{"close":"1"}"""u8.ToArray(), FanoutWorld.Start, PublicationSource.Socket);
        new TickerFeed(_world.Hub, FanoutWorld.Catalogue, null).Derive(price, publication);
        Assert.False(_world.Hub.TryGet("ticker:SPY"u8, out _));
        Assert.Equal(0, _world.Hub.Counters.PublishedCount);
    }

    [Fact]
    public void Only_prices_become_tickers()
    {
        _world.Connect().Subscribe("ticker:SPY");
        var publication = Publication.OfPayload("""{"close":"1"}"""u8.ToArray(), FanoutWorld.Start, PublicationSource.Socket);
        new TickerFeed(_world.Hub, FanoutWorld.Catalogue, null).Derive(_world.Log("gex:SPY"), publication);
        Assert.Equal(0, _world.Hub.Counters.PublishedCount);
    }

    /// <summary>What a price becomes, with what is known beside it; null for nothing.</summary>
    private string? Derived(string payload, ReferencePrice? reference = null)
    {
        _world.Connect().Subscribe("ticker:SPY");
        var feed = new TickerFeed(_world.Hub, FanoutWorld.Catalogue, reference is { } known ? new Reference(known) : null);
        var published = _world.Hub.Counters.PublishedCount;
        feed.Derive(_world.Log("price:SPY"), Publication.OfPayload(Encoding.UTF8.GetBytes(payload), FanoutWorld.Start, PublicationSource.Socket));
        if (_world.Hub.Counters.PublishedCount == published)
        {
            return null;
        }

        var derived = _world.Log("ticker:SPY").Recent(1)[0];
        Assert.Equal((PublicationSource.Derived, FanoutWorld.Start), (derived.Source, derived.ReceivedAt));
        return Encoding.UTF8.GetString(derived.Payload);
    }

    private sealed class Reference(ReferencePrice known) : IReferencePrices
    {
        public bool TryGetReference(string ticker, out ReferencePrice reference)
        {
            reference = known;
            return ticker == "SPY";
        }
    }
}
