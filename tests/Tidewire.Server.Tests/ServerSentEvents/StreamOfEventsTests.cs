using System.Net;
using System.Text.Json;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.ServerSentEvents;

public sealed class StreamOfEventsTests : HttpWireTest
{
    [Theory]
    [InlineData("/api/stream/sse/flow")]
    [InlineData("/api/stream/sse/flow-alerts")]
    [InlineData("/stream/flow")]
    public async Task An_event_is_the_envelope_of_the_socket_with_its_position_as_id(string path)
    {
        await StartAsync();
        var events = Keep(await SseClient.ConnectAsync(Server.Url, path));
        var socket = await StreamAsync("flow");
        var opening = await events.NextEventAsync();
        Assert.Equal((1000, $"{Server.Hub.Epoch}:0", null), (opening.Retry, opening.Id, opening.Data));
        await UntilSubscribedAsync("flow-alerts", 2);
        await UntilJoinedAsync("flow-alerts");
        for (var n = 1; n <= 50; n++)
        {
            await Provider.SendDataAsync("flow-alerts", $$"""{ "n" : {{n}}, "total_premium":29326.00 }""");
        }

        for (var n = 1; n <= 50; n++)
        {
            var shown = await events.NextEventAsync();
            var envelope = await socket.NextAsync();
            Assert.Equal(socket.LastText, shown.Data);
            Assert.Equal(("message", $"{Server.Hub.Epoch}:{envelope.GetProperty("offset").GetInt64()}"), (shown.Event, shown.Id));
            Assert.Equal((n, "socket"), (Number(envelope), envelope.GetProperty("source").GetString()));
        }
    }

    [Fact]
    public async Task The_headers_keep_caches_and_proxies_from_holding_anything_back()
    {
        await StartWithoutUpstreamAsync();
        var response = (await EventsAsync("flow")).Response;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new Version(1, 1), response.Version);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_client_of_http_1_0_is_served_too()
    {
        await StartWithoutUpstreamAsync();
        var head = await Sockets.RawSocket.AskAsync(Server.Url, $"GET /api/stream/sse/flow HTTP/1.0\r\nHost: {Server.Url.Authority}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_shows_nothing_tells_its_position_at_least_every_ten_seconds()
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"));
        var events = await EventsAsync("flow");
        await events.NextEventAsync();
        await UntilSubscribedAsync("flow-alerts");
        var position = PublishText("flow-alerts", "{}").ToString();
        Assert.Equal(position, (await events.NextEventAsync()).Id);
        for (var interval = 0; interval < 6; interval++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(new ServerSentEvent(position, "message", null, null, []), (await events.NextEventAsync()) with { Comments = [] });
        }

        PublishText("flow-alerts", """{"n":2}""");
        Assert.Equal(2, Number(await events.NextAsync()));
    }

    [Fact]
    public async Task A_gap_is_an_event_of_its_own_and_counts_as_an_entry()
    {
        await StartWithoutUpstreamAsync();
        var events = await EventsAsync("gex/SPY");
        var socket = await StreamAsync("gex/SPY");
        await events.NextEventAsync();
        await UntilSubscribedAsync("gex:SPY", 2);
        Publish("gex:SPY", 1, 1);
        var position = PublishGap("gex:SPY");
        Publish("gex:SPY", 2, 2);
        await socket.NextAsync();
        await socket.NextAsync();
        Assert.Equal(1, Number(await events.NextAsync()));
        Assert.Equal(new ServerSentEvent(position.ToString(), "gap", socket.LastText, null, []), (await events.NextEventAsync()) with { Comments = [] });
        using var gap = JsonDocument.Parse(socket.LastText);
        Assert.Equal(("gap", "upstream_down"), (gap.RootElement.GetProperty("type").GetString(), gap.RootElement.GetProperty("reason").GetString()));
        Assert.Equal(position.Offset + 1, (await events.NextAsync()).GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task A_payload_of_several_lines_stays_one_event()
    {
        await StartWithoutUpstreamAsync();
        var events = await EventsAsync("flow");
        await UntilSubscribedAsync("flow-alerts");
        PublishText("flow-alerts", "{\r\n  \"n\": 1,\n\n\"text\":\"a\\nb\",\r\"data: \":[\n]}");
        var data = (await events.NextAsync()).GetProperty("data");
        Assert.Equal((1, "a\nb", JsonValueKind.Array), (data.GetProperty("n").GetInt32(), data.GetProperty("text").GetString(), data.GetProperty("data: ").ValueKind));
        PublishText("flow-alerts", """{"n":2}""");
        Assert.Equal(2, Number(await events.NextAsync()));
    }

    [Fact]
    public async Task History_comes_first_and_live_data_follows_without_a_hole()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 20);
        var events = await EventsAsync("flow?history=5");
        Assert.Equal(15, (await events.NextEventAsync()).Offset);
        Publish("flow-alerts", 21, 25);
        for (var n = 16; n <= 25; n++)
        {
            Assert.Equal(n, Number(await events.NextAsync()));
        }
    }

    [Fact]
    public async Task The_derived_ticker_feed_is_there()
    {
        await StartAsync();
        var events = await EventsAsync("ticker/AAPL");
        await UntilJoinedAsync("price:AAPL");
        await Provider.SendDataAsync("price:AAPL", """{"close":"191.25","vol":7}""");
        var update = await events.NextAsync();
        Assert.Equal(("ticker:AAPL", "derived", "191.25"), (update.GetProperty("channel").GetString(), update.GetProperty("source").GetString(), update.GetProperty("data").GetProperty("price").GetRawText()));
    }

    [Fact]
    public async Task A_simulated_stream_says_so_at_once_and_in_each_event()
    {
        await StartSimulatedAsync(("Simulation:Rate", "100"));
        var events = await EventsAsync("price/SPY");
        var opening = await events.NextEventAsync();
        Assert.Contains(opening.Comments, comment => comment.Contains("simulated", StringComparison.Ordinal));
        Assert.StartsWith("sim-", opening.Id, StringComparison.Ordinal);
        for (var n = 0; n < 5; n++)
        {
            Assert.Equal("simulated", (await events.NextAsync()).GetProperty("source").GetString());
        }
    }
}
