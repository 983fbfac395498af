using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

public class TidewireSocketTests : ServerTest
{
    [Fact]
    public async Task The_first_message_tells_who_is_connected_the_limits_and_that_nothing_is_simulated()
    {
        await StartAsync();
        var client = Keep(await Testing.Clients.TidewireClient.ConnectAsync(Server.Url));
        var hello = await client.NextAsync();
        Assert.Equal(("connection", "connected"), (hello.GetProperty("type").GetString(), hello.GetProperty("status").GetString()));
        Assert.NotEmpty(hello.GetProperty("connection_id").GetString()!);
        Assert.False(hello.GetProperty("simulated").GetBoolean());
        Assert.Equal((16384, 128), (hello.GetProperty("limits").GetProperty("message_bytes").GetInt32(), hello.GetProperty("limits").GetProperty("channels").GetInt32()));
        Assert.Equal(TimeProvider.System.GetUtcNow(), hello.GetProperty("timestamp").GetDateTimeOffset(), TimeSpan.FromSeconds(30));
        Assert.Matches("\"timestamp\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\"", client.LastText);
        Assert.Null(client.Subprotocol);

        var other = Keep(await Testing.Clients.TidewireClient.ConnectAsync(Server.Url));
        Assert.NotEqual(hello.GetProperty("connection_id").GetString(), (await other.NextAsync()).GetProperty("connection_id").GetString());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-9007199254740993")]
    [InlineData("\"\"")]
    [InlineData("\"a \\\"b\\\" é\"")]
    public async Task Every_answer_carries_the_id_of_its_question(string id)
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        foreach (var (text, type) in new[]
        {
            ("""{"type":"ping"}""", "pong"),
            ("""{"type":"auth","token":"x"}""", "auth"),
            ("""{"type":"subscribe","channel":"gex:SPY"}""", "subscription"),
            ("""{"type":"history","channel":"gex:SPY"}""", "history"),
            ("""{"type":"unsubscribe","channel":"gex:SPY"}""", "subscription"),
            ("""{"type":"unsubscribe","channel":"gex:SPY"}""", "error"),
            ("""{"type":"subscribe","channel":"nope"}""", "error"),
            ("""{"type":"subscribe","channel":"flow","max_rate":1}""", "error"),
            ("""{"type":"what"}""", "error"),
        })
        {
            await client.SendTextAsync(text[..^1] + $",\"id\":{id}}}");
            var answer = await client.NextAsync();
            Assert.Equal(type, answer.GetProperty("type").GetString());
            using var expected = JsonDocument.Parse(id);
            Assert.True(JsonElement.DeepEquals(expected.RootElement, answer.GetProperty("id")), client.LastText);
            Assert.True(answer.TryGetProperty("timestamp", out _));

            await client.SendTextAsync(text);
            Assert.False((await client.NextAsync()).TryGetProperty("id", out _));
        }
    }

    [Fact]
    public async Task A_subscription_is_confirmed_before_its_data_and_its_end_after_the_last()
    {
        await StartAsync();
        var client = await ConnectAsync();
        var confirmed = await client.SubscribedAsync("gex", "spy");
        Assert.Equal("subscribed", confirmed.GetProperty("action").GetString());
        Assert.Equal(("gex:SPY", "SPY"), (confirmed.GetProperty("channel").GetString(), confirmed.GetProperty("ticker").GetString()));
        Assert.False(confirmed.GetProperty("recovered").GetBoolean());
        Assert.Equal(Server.Hub.Epoch, confirmed.GetProperty("epoch").GetString());
        var offset = confirmed.GetProperty("offset").GetInt64();

        await UntilJoinedAsync("gex:SPY");
        const string Payload = """{"ticker":"SPY",  "price":"591.20","n":29326.0}""";
        await Provider.SendDataAsync("gex:SPY", Payload);
        var message = await client.NextAsync();
        Assert.Equal(("message", "gex:SPY", "socket"), (message.GetProperty("type").GetString(), message.GetProperty("channel").GetString(), message.GetProperty("source").GetString()));
        Assert.Equal(offset + 1, message.GetProperty("offset").GetInt64());
        Assert.Equal(Payload, message.GetProperty("data").GetRawText());
        Assert.False(message.TryGetProperty("merged", out _));

        await client.UnsubscribeAsync("gex:SPY");
        var ended = await client.NextAsync();
        Assert.Equal(("unsubscribed", "gex:SPY", "SPY"), (ended.GetProperty("action").GetString(), ended.GetProperty("channel").GetString(), ended.GetProperty("ticker").GetString()));
        await Provider.SendDataAsync("gex:SPY", "{}");
        await ServerUnderTest.UntilAsync(() => Server.Published == 2, "the second publication");
        Assert.Empty(await client.UntilPongAsync());
    }

    [Theory]
    [InlineData("flow", null, "flow-alerts")]
    [InlineData("flow_alerts", null, "flow-alerts")]
    [InlineData("FLOW-ALERTS", null, "flow-alerts")]
    [InlineData("dark-pool", null, "off_lit_trades")]
    [InlineData("dark_pool", null, "off_lit_trades")]
    [InlineData("market-movers", null, "market_movers")]
    [InlineData("congress", null, "congress_trades")]
    [InlineData("gex", "brk.b", "gex:BRK.B")]
    [InlineData("GEX:spy", null, "gex:SPY")]
    [InlineData("gex:SPY", "spy", "gex:SPY")]
    [InlineData("option_trades", null, "option_trades")]
    [InlineData("option_trades", "TSLA", "option_trades:TSLA")]
    [InlineData("ticker", "AAPL", "ticker:AAPL")]
    [InlineData("flow", "", "flow-alerts")]
    public async Task A_channel_goes_by_its_aliases_in_any_case_and_is_answered_by_its_own_name(string channel, string? ticker, string canonical)
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        Assert.Equal(canonical, (await client.SubscribedAsync(channel, ticker)).GetProperty("channel").GetString());
        await client.UnsubscribeAsync(channel, ticker);
        Assert.Equal(canonical, (await client.NextOfTypeAsync("subscription")).GetProperty("channel").GetString());
    }

    [Fact]
    public async Task Subscribing_again_is_confirmed_again_and_delivers_nothing_twice()
    {
        await StartAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"n":1}""");
        var first = await client.NextOfTypeAsync("message");
        var again = await client.SubscribedAsync("gex:SPY");
        Assert.Equal(first.GetProperty("offset").GetInt64(), again.GetProperty("offset").GetInt64());
        await Provider.SendDataAsync("gex:SPY", """{"n":2}""");
        Assert.Equal(2, (await client.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
        Assert.Empty(await client.UntilPongAsync());
    }
}
