using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Tidewire.Fanout;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Contract;

/// <summary>Every message that is documented is seen, and every message that is seen is documented.</summary>
public sealed class EveryMessageTests : ContractTest
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 20, 15, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Each_message_of_the_multiplexed_socket_is_seen()
    {
        await StartStillAsync();
        var client = Keep(await TidewireClient.ConnectAsync(Server.Url));
        var seen = new Seen("many");
        foreach (var text in (string[])[
            """{"type":"subscribe","channel":"ticker","ticker":"AAPL"}""",
            """{"type":"subscribe","channel":"patterns"}""",
            """{"type":"subscribe","channel":"alerts"}""",
            """{"type":"subscribe","channel":"market_status"}""",
            """{"type":"subscribe","channel":"system"}""",
            """{"type":"subscribe","channel":"flow"}""",
            """{"type":"subscribe","channel":"news"}""",
            """{"type":"unsubscribe","channel":"news"}""",
            """{"type":"auth","token":"any"}""",
            """{"type":"nonsense"}""",
            """{"type":"ping"}"""])
        {
            await client.SendTextAsync(text);
        }

        await seen.UntilAsync(client.NextAsync, "pong");
        PublishText("flow-alerts", """{"ticker":"JD"}""");
        PublishGap("flow-alerts");
        foreach (var exchange in HttpContract.Served.Exchanges(HttpContract.Served["POST", "/api/ws/broadcast/{kind}"]).Where(exchange => exchange.Status == 200))
        {
            using var request = HttpContract.Served.Request(exchange, Server.Url, Server.Hub.Epoch);
            Assert.Equal(200, (await SendAsync(request)).Status);
        }

        await seen.UntilAsync(client.NextAsync, "message", "gap", "priceUpdate", "patternAlert", "alertTrigger", "marketStatus", "system");
        await StillAsync(() => seen.UntilAsync(client.NextAsync, "position"));
        Stop();
        await seen.UntilAsync(client.NextAsync, "closing");
        seen.AssertComplete();
    }

    [Theory]
    [InlineData("feed", "flow", "flow-alerts")]
    [InlineData("feedOfTicker", "gex/SPY", "gex:SPY")]
    public async Task Each_message_of_the_stream_of_one_channel_is_seen(string channel, string path, string name)
    {
        await StartStillAsync();
        var client = await StreamAsync(path, since: ("gone", 41));
        var seen = new Seen(channel);
        await seen.UntilAsync(client.NextAsync, "notResumed");
        PublishText(name, """{"ticker":"SPY"}""");
        PublishGap(name);
        await seen.UntilAsync(client.NextAsync, "envelope", "gap");
        await client.SendAsync("e30="u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Binary);
        await seen.UntilAsync(client.NextAsync, "error");
        await StillAsync(() => seen.UntilAsync(client.NextAsync, "position"));
        Stop();
        await seen.UntilAsync(client.NextAsync, "closing");
        seen.AssertComplete();
        Assert.Equal(1001, await client.WaitForCloseAsync());
    }

    [Theory]
    [InlineData("events", "/api/stream/sse/flow", "flow-alerts")]
    [InlineData("eventsOfTicker", "/api/stream/sse/gex/SPY", "gex:SPY")]
    [InlineData("flowEvents", "/stream/flow", "flow-alerts")]
    public async Task Each_event_is_seen(string channel, string path, string name)
    {
        await StartStillAsync();
        var client = Keep(await SseClient.ConnectAsync(Server.Url, path, lastEventId: "gone:41"));
        var seen = new Seen(channel);
        await seen.UntilAsync(client.NextEventAsync, "eventNotResumed");
        PublishText(name, """{"ticker":"SPY"}""");
        PublishGap(name);
        await seen.UntilAsync(client.NextEventAsync, "eventPublication", "eventGap");
        await StillAsync(() => seen.UntilAsync(client.NextEventAsync, "eventPosition"));
        Stop();
        await seen.UntilAsync(client.NextEventAsync, "eventClosing");
        seen.AssertComplete();
    }

    [Fact]
    public async Task Each_message_of_the_providers_protocol_is_seen()
    {
        await StartSimulatedAsync();
        var client = await SocketAsync();
        var seen = new Seen("provider");
        async Task<JsonElement> NextAsync() => JsonDocument.Parse(await client.NextTextAsync()).RootElement;
        await client.JoinAsync("flow-alerts");
        await client.JoinAsync("nope");
        await client.SendTextAsync("[]");
        await seen.UntilAsync(NextAsync, "acknowledgement", "joinRefusal", "providerError", "providerData");
        seen.AssertComplete();
    }

    [Fact]
    public async Task A_stream_that_cannot_be_served_is_told_so_and_closed_with_1008()
    {
        await StartWithoutUpstreamAsync();
        var client = await StreamAsync("nope");
        var seen = new Seen("feed");
        await seen.UntilAsync(client.NextAsync, "error", "closing");
        Assert.Equal(1008, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task A_client_that_is_one_too_many_is_closed_with_4009_and_one_that_sends_too_much_with_1009()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxConnections", "1"));
        var first = await ConnectAsync();
        Assert.Equal(4009, await (await StreamAsync("flow")).WaitForCloseAsync());
        await first.SendTextAsync(new string(' ', 4 << 20));
        Assert.Equal(1009, await first.WaitForCloseAsync());
    }

    [Fact]
    public async Task Whatever_a_simulated_market_sends_on_any_wire_is_documented()
    {
        await StartSimulatedAsync();
        var forms = Server.Get<FeedCatalogue>().Feeds.Where(feed => feed.Origin == FeedOrigin.Join).Select(feed => feed.Ticker == TickerUse.Required ? $"{feed.Name}:SPY" : feed.Name).ToArray();
        await Task.WhenAll(ManyAsync(), OneAsync(), EventsOfAllAsync(), PolledAsync(), ProviderAsync());

        async Task ManyAsync()
        {
            var client = Keep(await TidewireClient.ConnectAsync(Server.Url));
            foreach (var feed in Server.Get<FeedCatalogue>().Feeds)
            {
                await client.SubscribeAsync(feed.Name, feed.Ticker == TickerUse.Required ? "SPY" : null, history: 10);
            }

            var seen = new Seen("many");
            await seen.UntilAsync(client.NextAsync, "connection", "subscribed", "history", "message", "priceUpdate");
            await seen.CountAsync(client.NextAsync, 600);
            Figure("messages of the simulated market held against the contract, on /api/ws", seen.Count);
        }

        async Task OneAsync()
        {
            var seen = new Seen("feed");
            foreach (var path in (string[])["option_trades", "lit_trades"])
            {
                await seen.CountAsync((await StreamAsync(path, history: 20)).NextAsync, 20);
            }

            var ofTicker = new Seen("feedOfTicker");
            foreach (var path in (string[])["price/SPY", "gex_strike_expiry/SPY"])
            {
                await ofTicker.CountAsync((await StreamAsync(path)).NextAsync, 5);
            }
        }

        async Task EventsOfAllAsync()
        {
            var seen = new Seen("events");
            foreach (var path in (string[])["lit_trades", "option_trades"])
            {
                await seen.CountAsync(Keep(await SseClient.ConnectAsync(Server.Url, $"/api/stream/sse/{path}?history=20")).NextEventAsync, 20);
            }
        }

        async Task PolledAsync()
        {
            var operation = HttpContract.Served["GET", "/api/stream/poll/{feed}"];
            var since = "";
            for (var n = 0; n < 6; n++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Url, $"/api/stream/poll/option_trades?history=5&wait=2{since}"));
                var answer = await SendAsync(request);
                Assert.Equal([], HttpContract.Served.Faults(operation, answer));
                since = $"&since={JsonDocument.Parse(answer.Body).RootElement.GetProperty("position_text").GetString()}";
            }
        }

        async Task ProviderAsync()
        {
            var client = await SocketAsync();
            foreach (var form in forms)
            {
                await client.JoinAsync(form);
            }

            var seen = new Seen("provider");
            await seen.CountAsync(async () => JsonDocument.Parse(await client.NextTextAsync()).RootElement, 200);
            seen.AssertIncludes("acknowledgement", "providerData");
        }
    }

    private Task<ServerUnderTest> StartStillAsync() => StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));

    /// <summary>Lets time pass until something comes that only time brings.</summary>
    private async Task StillAsync(Func<Task> until)
    {
        var came = until();
        while (!came.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await came;
    }

    private void Stop() => Server.Get<IHostApplicationLifetime>().StopApplication();

    /// <summary>The messages that came on a channel, each of them documented.</summary>
    private sealed class Seen(string channel)
    {
        private readonly HashSet<string> _names = [];

        public int Count { get; private set; }

        public async Task UntilAsync(Func<Task<JsonElement>> next, params string[] wanted)
        {
            while (!_names.IsSupersetOf(wanted))
            {
                Add(SocketContract.Served.Recognise(channel, await next()));
            }
        }

        public async Task UntilAsync(Func<Task<ServerSentEvent>> next, params string[] wanted)
        {
            while (!_names.IsSupersetOf(wanted))
            {
                Add(SocketContract.Served.Recognise(channel, await next()));
            }
        }

        public async Task CountAsync(Func<Task<JsonElement>> next, int count)
        {
            for (var n = 0; n < count; n++)
            {
                Add(SocketContract.Served.Recognise(channel, await next()));
            }
        }

        public async Task CountAsync(Func<Task<ServerSentEvent>> next, int count)
        {
            for (var n = 0; n < count; n++)
            {
                Add(SocketContract.Served.Recognise(channel, await next()));
            }
        }

        public void AssertIncludes(params string[] names) => Assert.Subset(_names, names.ToHashSet());

        public void AssertComplete() => Assert.Equal(SocketContract.Served.MessagesOf(channel).Where(message => !message.FromClient).Select(message => message.Name).Order(), _names.Order());

        private void Add(DocumentedMessage message)
        {
            _names.Add(message.Name);
            Count++;
        }
    }
}
