using System.Globalization;
using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

public sealed class TickerTests : ServerTest
{
    private static readonly string[] Unknown = ["change", "change_percent", "high", "low", "open"];

    [Fact]
    public async Task A_price_of_the_provider_becomes_a_price_update_with_null_for_what_is_unknown()
    {
        await StartAsync();
        var client = await ConnectAsync();
        var confirmed = await client.SubscribedAsync("ticker", "AAPL");
        Assert.Equal(("ticker:AAPL", "AAPL"), (confirmed.GetProperty("channel").GetString(), confirmed.GetProperty("ticker").GetString()));
        Assert.Equal(0, (await client.NextOfTypeAsync("history")).GetProperty("messages").GetArrayLength());
        await UntilJoinedAsync("price:AAPL");

        await Provider.SendDataAsync("price:AAPL", """{"close":"191.2500000000000000001","time":1747419600000,"vol":41250000}""");
        var update = await client.NextAsync();
        Assert.Equal(("price_update", "AAPL", "ticker:AAPL", "derived"), (update.GetProperty("type").GetString(), update.GetProperty("ticker").GetString(), update.GetProperty("channel").GetString(), update.GetProperty("source").GetString()));
        Assert.Equal("191.2500000000000000001", update.GetProperty("price").GetRawText());
        Assert.Equal(41250000, update.GetProperty("volume").GetInt64());
        Assert.All(Unknown, field => Assert.Equal(JsonValueKind.Null, update.GetProperty(field).ValueKind));
        Assert.True(update.TryGetProperty("timestamp", out _));

        await Provider.SendDataAsync("price:AAPL", """{"close":191.5}""");
        var next = await client.NextAsync();
        Assert.Equal(("191.5", JsonValueKind.Null), (next.GetProperty("price").GetRawText(), next.GetProperty("volume").ValueKind));
        Assert.Equal(update.GetProperty("offset").GetInt64() + 1, next.GetProperty("offset").GetInt64());
    }

    [Theory]
    [InlineData("""{"time":1}""")]
    [InlineData("""{"close":""}""")]
    [InlineData("""{"close":null}""")]
    [InlineData("""{"close":"n/a"}""")]
    [InlineData("""{"close":1E400}""")]
    [InlineData("""{"close":{"close":"1"}}""")]
    [InlineData("{}")]
    public async Task A_price_without_a_price_updates_nothing_and_harms_nothing(string payload)
    {
        await StartAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("ticker", "AAPL");
        await UntilJoinedAsync("price:AAPL");
        await Provider.SendDataAsync("price:AAPL", payload);
        await Provider.SendDataAsync("price:AAPL", """{"close":"7","vol":"many"}""");
        Assert.Equal("7", (await client.NextOfTypeAsync("price_update")).GetProperty("price").GetRawText());
    }

    [Fact]
    public async Task A_ticker_tells_its_past_first()
    {
        await StartAsync();
        var first = await ConnectAsync();
        await first.SubscribedAsync("ticker", "AAPL");
        await UntilJoinedAsync("price:AAPL");
        foreach (var price in new[] { "1.10", "2.20" })
        {
            await Provider.SendDataAsync("price:AAPL", $$"""{"close":"{{price}}"}""");
            await first.NextOfTypeAsync("price_update");
        }

        var second = await ConnectAsync();
        await second.SubscribedAsync("ticker", "AAPL");
        var history = await second.NextAsync();
        Assert.Equal(("history", "AAPL"), (history.GetProperty("type").GetString(), history.GetProperty("ticker").GetString()));
        Assert.Equal(["1.10", "2.20"], history.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("price").GetRawText()));

        var third = await ConnectAsync();
        await third.SubscribedAsync("ticker", "AAPL", history: 0);
        Assert.Empty(await third.UntilPongAsync());
    }

    [Fact]
    public async Task A_ticker_and_its_price_share_one_join_and_the_last_of_both_leaves()
    {
        await StartAsync(("Upstream:Linger", "00:00:00.1"), ("Upstream:KeepPositions", "00:00:00"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("ticker", "AAPL");
        await client.SubscribedAsync("price", "AAPL");
        await UntilJoinedAsync("price:AAPL");
        await Provider.SendDataAsync("price:AAPL", """{"close":"1"}""");
        var types = new[] { (await client.NextAsync(IsData, "data")).GetProperty("type").GetString(), (await client.NextAsync(IsData, "data")).GetProperty("type").GetString() };
        Assert.Equal(["message", "price_update"], types.Order());

        await client.UnsubscribeAsync("ticker", "AAPL");
        await client.NextOfTypeAsync("subscription");
        await Provider.SendDataAsync("price:AAPL", """{"close":"2"}""");
        Assert.Equal("message", (await client.NextAsync()).GetProperty("type").GetString());
        Assert.Empty(Provider.Left);
        await client.UnsubscribeAsync("price", "AAPL");
        await Provider.WaitForLeaveAsync("price:AAPL");
        Assert.Equal(1, Provider.JoinsOf("price:AAPL"));

        static bool IsData(JsonElement item) => item.GetProperty("type").GetString() is "message" or "price_update";
    }

    [Fact]
    public async Task A_price_update_of_the_simulated_market_knows_everything()
    {
        await StartSimulatedAsync(("Simulation:Rate", "100"));
        var client = await ConnectAsync();
        var confirmed = await client.SubscribedAsync("ticker", "SPY");
        Assert.StartsWith("sim-", confirmed.GetProperty("epoch").GetString(), StringComparison.Ordinal);
        var update = await client.NextOfTypeAsync("price_update");
        var (price, high, low) = (Number("price"), Number("high"), Number("low"));
        Assert.InRange(price, low, high);
        Assert.InRange(Number("open"), low, high);
        var close = price - Number("change");
        Assert.Equal(Math.Round(100 * Number("change") / close, 2, MidpointRounding.AwayFromZero), Number("change_percent"));
        Assert.True(update.GetProperty("volume").GetInt64() > 0);
        Assert.Equal("derived", update.GetProperty("source").GetString());

        decimal Number(string field) => decimal.Parse(update.GetProperty(field).GetRawText(), CultureInfo.InvariantCulture);
    }
}
