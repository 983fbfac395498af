using Tidewire.Client;
using Tidewire.Testing;

namespace Tidewire.Tests.Client;

/// <summary>What programs, proxies and servers do to a client that nobody meant.</summary>
public sealed class HostileTests : ClientTest
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_token_callback_that_never_answers_is_asked_again_and_the_wire_is_not_blamed()
    {
        var asked = 0;
        var entries = Read(Client(new() { ConnectTimeout = TimeSpan.FromMilliseconds(100), ReconnectDelay = TimeSpan.FromMilliseconds(10), Token = AnswerAsync }));
        var socket = await Peer.NextSocketAsync();
        Assert.Equal("token-4", (await AskedAsync(socket, "auth")).GetProperty("token").GetString());
        await ConfirmAsync(socket);
        await entries.NextAsync<Subscribed>();

        ValueTask<string?> AnswerAsync(CancellationToken cancellation)
            => ++asked < 4 ? new(new TaskCompletionSource<string?>().Task) : new($"token-{asked}"); // heeds no cancellation
    }

    [Fact]
    public async Task A_handler_that_throws_ends_every_reader_and_leaves_none_waiting()
    {
        var client = Client();
        client.StateChanged += state =>
        {
            if (state.Phase == ClientPhase.Connected)
            {
                throw new InvalidOperationException("theirs");
            }
        };
        var entries = Read(client);
        await Peer.NextSocketAsync();
        Assert.Contains("theirs", (await entries.FailsAsync()).Message, StringComparison.Ordinal);
        Assert.Contains("theirs", (await Read(client, "news").FailsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_is_cut_behind_its_greeting_leads_to_the_next_wire()
    {
        var entries = Read(Client(new() { ReconnectDelay = TimeSpan.FromMilliseconds(10) }));
        for (var i = 0; i < 2; i++)
        {
            (await Peer.NextSocketAsync()).Reset();
        }

        var events = await Peer.NextAsync();
        Assert.Equal("/api/stream/sse/flow-alerts", events.Target);
        await events.BeginEventsAsync();
        await events.WriteAsync("id: e1:3\n\n");
        await entries.NextAsync<Subscribed>();
    }

    [Fact]
    public async Task Polls_that_are_answered_with_nothing_at_once_are_paced()
    {
        var entries = Read(Client(new() { FirstWire = Wire.Polling, Time = _time }));
        await AnswerAsync();
        await entries.NextAsync<Subscribed>();
        await AnswerAsync();
        await entries.NextAsync<Advanced>();
        var next = Peer.NextAsync();
        await _time.WaitForTimerWithinAsync(TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("since=e1%3A3&wait=25", (await next).Target, StringComparison.Ordinal);

        async Task AnswerAsync() => await (await Peer.NextAsync()).RespondAsync("200 OK", "application/json", """{"channel":"flow-alerts","messages":[],"position":{"epoch":"e1","offset":3},"position_text":"e1:3","recovered":true,"timestamp":"2026-11-20T14:30:05.123Z"}""");
    }

    [Fact]
    public async Task Counts_below_zero_make_no_hole()
    {
        var entries = Read(Client());
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await socket.SendAsync(Message(1, ",\"merged\":-7"));
        await entries.NextAsync<Subscribed>();
        Assert.Equal((1, 0), (await entries.NextAsync<Publication>() is var only ? only.Position.Offset : 0, only.Merged));
    }

    [Fact]
    public void Those_who_are_turned_away_together_do_not_come_back_together()
    {
        var backoff = new Tidewire.Client.Wires.Backoff(new TidewireClientOptions { Random = new Random(1) });
        var end = new Tidewire.Client.Wires.WireEnd("busy") { Wait = TimeSpan.FromSeconds(10) };
        var waits = Enumerable.Range(0, 20).Select(_ =>
        {
            backoff.Reset();
            return backoff.After(end).TotalSeconds;
        }).ToArray();
        Assert.All(waits, static wait => Assert.InRange(wait, 10, 20.4));
        Assert.True(waits.Max() - waits.Min() > 5);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"type\":7,\"offset\":\"x\"}")]
    [InlineData("{\"type\":\"message\",\"channel\":\"flow-alerts\",\"offset\":1e300}")]
    [InlineData("{\"type\":\"subscription\",\"channel\":null,\"epoch\":5,\"id\":\"a\"}")]
    [InlineData("{\"type\":\"pong\",\"id\":99999999999999999999999}")]
    [InlineData("\u0000\u0001")]
    public async Task Garbage_costs_itself_and_nothing_else(string garbage)
    {
        var client = Client();
        var entries = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await socket.SendAsync(garbage);
        await socket.SendAsync(Message(1));
        await entries.NextAsync<Subscribed>();
        Assert.Equal(1, (await entries.NextAsync<Publication>()).Position.Offset);
    }

    [Fact]
    public async Task A_subscription_that_comes_and_goes_all_the_time_leaves_the_others_alone()
    {
        var client = Client();
        var entries = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        for (var i = 0; i < 200; i++)
        {
            await Read(client, "news").DisposeAsync();
        }

        await socket.SendAsync(Message(1));
        await entries.NextAsync<Subscribed>();
        Assert.Equal(1, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(["flow-alerts"], client.GetStatistics().Subscriptions);
    }
}
