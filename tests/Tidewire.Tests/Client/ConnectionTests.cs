using Tidewire.Client;
using Tidewire.Testing;

namespace Tidewire.Tests.Client;

/// <summary>What becomes of connections that break, fall silent, are turned away or do not get through.</summary>
public sealed class ConnectionTests : ClientTest
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_broken_connection_is_replaced_and_resumes_from_the_newest_position()
    {
        var entries = Read(Client());
        var first = await Peer.NextSocketAsync();
        await ConfirmAsync(first);
        await first.SendAsync(Message(1));
        await first.SendAsync("""{"type":"position","channel":"flow-alerts","epoch":"e1","offset":5,"filtered":4}""");
        await entries.NextAsync<Subscribed>();
        await entries.NextAsync<Publication>();
        await entries.NextAsync<Advanced>();
        first.Reset();

        var second = await Peer.NextSocketAsync();
        var asked = await ConfirmAsync(second);
        Assert.Equal(5, asked.GetProperty("since").GetProperty("offset").GetInt64());
        Assert.True((await entries.NextAsync<Subscribed>()).IsRecovered);
        await second.SendAsync(Message(6));
        Assert.Equal(6, (await entries.NextAsync<Publication>()).Position.Offset);
    }

    [Fact]
    public async Task A_half_open_socket_is_asked_and_replaced()
    {
        var entries = Read(Client(new() { Time = _time }));
        var first = await Peer.NextSocketAsync();
        await ConfirmAsync(first);
        await entries.NextAsync<Subscribed>();
        await AdvanceAsync(TimeSpan.FromSeconds(30));
        await AskedAsync(first, "ping"); // and no answer comes
        await AdvanceAsync(TimeSpan.FromSeconds(5));
        await AdvanceAsync(TimeSpan.FromMilliseconds(400));

        var second = await Peer.NextSocketAsync();
        await ConfirmAsync(second);
        Assert.True((await entries.NextAsync<Subscribed>()).IsRecovered);
    }

    [Fact]
    public async Task A_stripped_upgrade_falls_to_events_and_goes_back_by_position()
    {
        Peer.Blocked = "/api/ws";
        var client = Client(Impatient);
        var entries = Read(client);
        var events = await Peer.NextAsync();
        Assert.Equal("/api/stream/sse/flow-alerts", events.Target);
        await events.BeginEventsAsync();
        await events.WriteAsync($"retry: 1000\nid: e1:3\n\n: a comment\n\nid: e1:4\ndata: {Envelope(4)}\n\n");
        await entries.NextAsync<Subscribed>();
        Assert.Equal(4, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(Wire.ServerSentEvents, client.State.Wire);

        Peer.Blocked = null;
        await GoesBackAsync(entries, from: 4);
        Assert.Equal(Wire.WebSocket, client.State.Wire);
    }

    [Fact]
    public async Task Where_only_short_requests_pass_it_polls_and_goes_back_by_position()
    {
        Peer.Blocked = "/api/ws";
        var client = Client(Impatient);
        var entries = Read(client);
        for (var i = 0; i < 2; i++)
        {
            var events = await Peer.NextAsync();
            Assert.StartsWith("/api/stream/sse/", events.Target, StringComparison.Ordinal);
            await events.RespondAsync("502 Bad Gateway", "text/html", "<h1>no</h1>");
        }

        var poll = await Peer.NextAsync();
        Assert.Equal("/api/stream/poll/flow-alerts?wait=0&limit=1000", poll.Target);
        await poll.RespondAsync("200 OK", "application/json", Answer(3));
        var next = await Peer.NextAsync();
        Assert.StartsWith("/api/stream/poll/flow-alerts?since=e1%3A3&wait=25&limit=", next.Target, StringComparison.Ordinal);
        await next.RespondAsync("200 OK", "application/json", Answer(4, Envelope(4)));
        await entries.NextAsync<Subscribed>();
        Assert.Equal(4, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(Wire.Polling, client.State.Wire);

        Peer.Blocked = null;
        await GoesBackAsync(entries, from: 4);

        static string Answer(long offset, string messages = "") => $$"""{"channel":"flow-alerts","messages":[{{messages}}],"position":{"epoch":"e1","offset":{{offset}}},"position_text":"e1:{{offset}}","recovered":{{(offset > 3 ? "true" : "false")}},"simulated":false,"timestamp":"2026-11-20T14:30:05.123Z"}""";
    }

    [Theory]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(4001)]
    [InlineData(4003)]
    public async Task A_client_that_is_turned_away_for_good_stops_and_says_why(int code)
    {
        var client = Client();
        var entries = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await socket.CloseAsync(code, "the reason");
        await entries.NextAsync<Subscribed>();
        var failure = await entries.FailsAsync();
        Assert.Equal(code, failure.Number);
        Assert.Contains("the reason", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ClientPhase.Closed, client.State.Phase);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(4008)]
    [InlineData(4009)]
    public async Task A_client_that_is_sent_away_for_now_comes_back_with_its_position(int code)
    {
        var entries = Read(Client(new() { ReconnectDelay = TimeSpan.FromMilliseconds(20) }));
        var first = await Peer.NextSocketAsync();
        await ConfirmAsync(first, offset: 8);
        await entries.NextAsync<Subscribed>();
        await first.CloseAsync(code);
        var second = await Peer.NextSocketAsync();
        Assert.Equal(8, (await ConfirmAsync(second)).GetProperty("since").GetProperty("offset").GetInt64());
        Assert.True((await entries.NextAsync<Subscribed>()).IsRecovered);
    }

    [Fact]
    public async Task An_expired_token_is_asked_for_again_without_losing_the_subscription()
    {
        var asked = 0;
        var entries = Read(Client(new() { Token = _ => ValueTask.FromResult<string?>($"token-{++asked}") }));
        var first = await Peer.NextSocketAsync();
        Assert.Equal("token-1", (await AskedAsync(first, "auth")).GetProperty("token").GetString());
        await ConfirmAsync(first, offset: 8);
        await entries.NextAsync<Subscribed>();
        await first.CloseAsync(4010);
        var second = await Peer.NextSocketAsync();
        Assert.Equal("token-2", (await AskedAsync(second, "auth")).GetProperty("token").GetString());
        Assert.Equal(8, (await ConfirmAsync(second)).GetProperty("since").GetProperty("offset").GetInt64());
        Assert.True((await entries.NextAsync<Subscribed>()).IsRecovered);
    }

    [Fact]
    public void The_first_wait_is_short_and_the_others_grow_to_their_limit()
    {
        var options = new TidewireClientOptions { Random = new Highest() };
        var backoff = new Tidewire.Client.Wires.Backoff(options);
        var end = new Tidewire.Client.Wires.WireEnd("");
        var waits = Enumerable.Range(0, 14).Select(_ => backoff.After(end).TotalMilliseconds).ToArray();
        Assert.Equal([400, 1000, 1500, 2250], waits[..4]);
        Assert.Equal(30_000, waits[^1]);
        backoff.Reset();
        Assert.Equal(400, backoff.After(end).TotalMilliseconds);
    }

    [Fact]
    public async Task Disposing_ends_every_enumeration_quietly()
    {
        var client = new TidewireClient(Peer.Url);
        var read = Task.Run(async () =>
        {
            await foreach (var unused in client.Subscribe("flow-alerts"))
            {
                Assert.Fail("nothing was published");
            }
        });
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await client.DisposeAsync();
        await read.WithinBound("the enumeration to end");
        Assert.Equal(ClientPhase.Closed, client.State.Phase);
    }

    [Fact]
    public void What_cannot_be_an_address_a_channel_or_an_option_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new TidewireClient(new Uri("ftp://127.0.0.1")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TidewireClient(Peer.Url, new() { MaxQueueSize = 0 }));
    }

    private static TidewireClientOptions Impatient => new() { UpgradeInterval = TimeSpan.FromMilliseconds(300), ReconnectDelay = TimeSpan.FromMilliseconds(20), MaxReconnectDelay = TimeSpan.FromMilliseconds(50) };

    /// <summary>The client tries the WebSocket beside the wire it is on, and goes on there.</summary>
    private async Task GoesBackAsync(Entries entries, long from)
    {
        var request = await Peer.NextAsync();
        while (request.Target != "/api/ws")
        {
            request = await Peer.NextAsync(); // a poll, which is left to wait
        }

        var socket = await request.UpgradeAsync();
        await socket.SendAsync("""{"type":"connection","status":"connected","timestamp":"2026-11-20T14:30:05.123Z"}""");
        var asked = await ConfirmAsync(socket);
        Assert.Equal(from, asked.GetProperty("since").GetProperty("offset").GetInt64());
        await socket.SendAsync(Message(from + 1));
        Assert.True((await entries.NextAsync<Subscribed>()).IsRecovered);
        Assert.Equal(from + 1, (await entries.NextAsync<Publication>()).Position.Offset);
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        await _time.WaitForTimerWithinAsync(by);
        _time.Advance(by);
    }

    private sealed class Highest : Random
    {
        public override double NextDouble() => 1;
    }
}
