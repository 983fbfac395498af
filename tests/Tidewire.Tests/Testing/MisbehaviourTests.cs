using System.Net;
using System.Net.WebSockets;
using System.Text;
using Tidewire.Testing;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class MisbehaviourTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
    private FakeUnusualWhales _provider = null!;

    private Misbehaviour Script => _provider.Misbehaviour;

    public async ValueTask InitializeAsync() => _provider = await FakeUnusualWhales.StartNewAsync(time: _time);

    public async ValueTask DisposeAsync() => await _provider.DisposeAsync();

    [Fact]
    public async Task Upgrades_are_refused_as_often_as_asked()
    {
        Script.Refusal = Refusal.Unauthorized;
        Script.RefusalsLeft = 2;

        foreach (var status in new[] { 401, 401, 101 })
        {
            Assert.Equal(status, await UpgradeStatusAsync());
        }

        Script.RefusalsLeft = int.MaxValue;
        foreach (var refusal in new[] { Refusal.Forbidden, Refusal.TooManyRequests, Refusal.Unavailable, Refusal.ServerError, Refusal.Redirect(new("http://127.0.0.1:9/login")) })
        {
            Script.Refusal = refusal;
            Assert.Equal(refusal.Status, await UpgradeStatusAsync());
        }
    }

    [Fact]
    public async Task A_wrong_accept_key_fails_the_handshake()
    {
        Script.WrongAcceptKey = true;
        await Assert.ThrowsAsync<WebSocketException>(() => UnusualWhalesClient.ConnectAsync(_provider.SocketUrl));
    }

    [Fact]
    public async Task An_unanswered_upgrade_hangs_until_the_client_gives_up()
    {
        Script.UpgradeUnanswered = true;
        using var socket = new ClientWebSocket();
        using var impatience = new CancellationTokenSource();
        var connecting = socket.ConnectAsync(new($"{_provider.SocketUrl}?token=t"), impatience.Token);
        await _provider.WaitForHandshakeAsync();
        Assert.False(connecting.IsCompleted);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WithinBound("the client to give up"));
        Assert.Equal((0, 0), (_provider.ConnectionsAccepted, _provider.Handshakes[0].Answer));
    }

    [Fact]
    public async Task The_wrong_path_upgrades_and_never_speaks()
    {
        var texts = new List<string>();
        await using var client = await LoadAsync(texts, path: "/api/socket");
        client.SendText(Join("gex:SPY"));
        await _provider.WaitForJoinsAsync("gex:SPY", 1);
        await _provider.SendAsync("[]");

        await _provider.StopAsync(Parting.Close(1000));
        await client.WaitForCloseAsync();
        Assert.Empty(texts);
    }

    [Fact]
    public async Task Silence_answers_pings_and_nothing_else()
    {
        Script.Silent = true;
        await using var client = await ConnectAsync();
        await client.JoinAsync("gex:SPY");
        await _provider.WaitForJoinAsync("gex:SPY");
        await _provider.SendDataAsync("gex:SPY", """{"lost":true}""");

        Script.Silent = false;
        await _provider.SendDataAsync("gex:SPY", """{"seen":true}""");
        Assert.Equal("""["gex:SPY",{"seen":true}]""", await client.NextTextAsync());
    }

    [Fact]
    public async Task A_half_open_connection_takes_nothing_and_gives_nothing_until_the_client_hangs_up()
    {
        await using var client = await ConnectAsync();
        Script.HalfOpen = true;
        await client.JoinAsync("gex:SPY");
        await _provider.SendAsync("""["gex:SPY",{}]""");
        Assert.Equal(1, _provider.ConnectionsOpen);

        client.Abort();
        await _provider.WaitForDisconnectAsync();
        Assert.Empty(_provider.ReceivedTexts);
    }

    [Fact]
    public async Task Joins_are_lost_unanswered_or_refused_form_by_form()
    {
        Script.JoinsToLose = 1;
        Script.NeverAcked = ["net_flow"];
        Script.RefusedForms = ["gex"];
        Script.AckedUnasked = ["news"];
        await using var client = await ConnectAsync();
        foreach (var form in new[] { "gex:SPY", "net_flow", "gex", "gex:SPY" })
        {
            await client.JoinAsync(form);
        }

        Assert.Equal(
            [
                """["news",{"response":{},"status":"ok"}]""",
                """["news",{"response":{},"status":"ok"}]""",
                """["gex",{"response":{"reason":"not available"},"status":"error"}]""",
                """["news",{"response":{},"status":"ok"}]""",
                """["gex:SPY",{"response":{},"status":"ok"}]""",
            ],
            await NextTextsAsync(client, 5));
        await _provider.WaitForJoinsAsync("gex:SPY", 2);
        Assert.Equal(["gex:SPY", "net_flow"], _provider.Joined);
    }

    [Theory]
    [InlineData(LimitSpelling.BareText, "Channel subscription limit of 50 reached")]
    [InlineData(LimitSpelling.JsonString, "\"Channel subscription limit of 50 reached\"")]
    [InlineData(LimitSpelling.JsonObject, """{"error":"Channel subscription limit of 50 reached"}""")]
    [InlineData(LimitSpelling.OneElementArray, """["Channel subscription limit of 50 reached"]""")]
    public async Task Joins_beyond_the_limit_get_its_text_and_no_ack(LimitSpelling spelling, string text)
    {
        Script.ChannelLimit = 1;
        Script.LimitSpelling = spelling;
        await using var client = await ConnectAsync();
        await client.JoinAsync("gex:SPY");
        await client.JoinAsync("gex:QQQ");

        Assert.Equal(["""["gex:SPY",{"response":{},"status":"ok"}]""", text], await NextTextsAsync(client, 2));
        Assert.Equal(["gex:SPY"], _provider.Joined);
    }

    [Fact]
    public async Task Acks_come_late_by_the_clock()
    {
        Script.AckDelay = TimeSpan.FromSeconds(29);
        await using var client = await ConnectAsync();
        await client.JoinAsync("gex:SPY");
        await _time.WaitForTimersAsync(1);
        await _provider.SendDataAsync("gex:SPY", """{"seq":1}""");
        _time.Advance(TimeSpan.FromSeconds(29));

        Assert.Equal(["""["gex:SPY",{"seq":1}]""", """["gex:SPY",{"response":{},"status":"ok"}]"""], await NextTextsAsync(client, 2));
    }

    [Fact]
    public async Task Acks_come_after_data_and_data_before_acks()
    {
        Script.AckAfterData = true;
        await using var client = await ConnectAsync();
        await client.JoinAsync("gex:SPY");
        await _provider.WaitForJoinAsync("gex:SPY");
        await _provider.SendDataAsync("gex:SPY", """{"seq":1}""");
        await _provider.SendDataAsync("gex:SPY", """{"seq":2}""");
        Assert.Equal(
            ["""["gex:SPY",{"seq":1}]""", """["gex:SPY",{"response":{},"status":"ok"}]""", """["gex:SPY",{"seq":2}]"""],
            await NextTextsAsync(client, 3));

        Script.AckAfterData = false;
        Script.DataBeforeAck = form => form == "gex:QQQ" ? """{"seq":0}""" : null;
        Script.AcksPerJoin = 2;
        await client.JoinAsync("gex:QQQ");
        Assert.Equal(
            ["""["gex:QQQ",{"seq":0}]""", """["gex:QQQ",{"response":{},"status":"ok"}]""", """["gex:QQQ",{"response":{},"status":"ok"}]"""],
            await NextTextsAsync(client, 3));
    }

    [Fact]
    public async Task Connections_are_shed_as_often_as_asked()
    {
        Script.ShedsLeft = 2;
        Script.ShedBy = Parting.Unauthorized;
        await using var first = await ConnectAsync();
        Assert.Equal((4401, "unauthorized"), (await first.WaitForCloseAsync(), first.CloseReason));

        Script.ShedBy = Parting.Reset;
        await using var second = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.Null(await second.WaitForCloseAsync());

        await using var third = await ConnectAsync();
        await third.JoinAsync("gex:SPY");
        await third.NextTextAsync("the ack");
    }

    [Fact]
    public async Task A_connection_ends_or_falls_silent_after_so_many_frames()
    {
        Script.MuteAfterFrames = 2;
        await using var client = await ConnectAsync();
        foreach (var i in Enumerable.Range(0, 4))
        {
            await _provider.SendAsync($"[{i}]");
        }

        Script.MuteAfterFrames = null;
        Script.PartAfterFrames = 3;
        Script.PartBy = Parting.UnauthorizedInWords;
        await _provider.SendAsync("[4]");

        Assert.Equal(["[0]", "[1]", "[4]"], await NextTextsAsync(client, 3));
        Assert.Equal(1000, await client.WaitForCloseAsync());
        Assert.Contains("401", client.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_oldest_connection_receives()
    {
        Script.OneConnectionReceives = true;
        await using var oldest = await ConnectAsync();
        await using var other = await ConnectAsync();
        await _provider.SendAsync("[1]");
        Assert.Equal("[1]", await oldest.NextTextAsync());

        await oldest.CloseAsync();
        await _provider.WaitUntilAsync(fake => fake.ConnectionsOpen == 1, "the oldest connection to end");
        await _provider.SendAsync("[2]");
        Assert.Equal("[2]", await other.NextTextAsync());
        Assert.Equal(2, _provider.MaxConnectionsOpen);
    }

    [Fact]
    public async Task Fragments_trickles_and_copies_are_the_same_message_to_a_client()
    {
        Script.OpeningFrames = ["""{"hello":"unknown"}"""];
        await using var client = await ConnectAsync();
        var text = $$"""["gex:SPY",{"note":"{{new string('€', 500)}}"}]""";

        Script.FragmentBytes = 7;
        Script.PingsBetweenFragments = true;
        await _provider.SendAsync(text);
        Script.Trickle = TimeSpan.Zero;
        await _provider.SendAsync(text);
        (Script.FragmentBytes, Script.Trickle, Script.CopiesPerFrame) = (0, null, 3);
        await _provider.SendAsync(text);

        Assert.Equal(["""{"hello":"unknown"}""", text, text, text, text, text], await NextTextsAsync(client, 6));
        await _provider.WaitForPongAsync(100);
    }

    [Fact]
    public async Task A_trickle_is_as_slow_as_the_clock()
    {
        await using var client = await ConnectAsync();
        Script.Trickle = TimeSpan.FromSeconds(1);
        var sending = _provider.SendAsync("[1]");
        for (var gap = 0; gap < 5; gap++)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), await _time.AdvanceToNextTimerAsync());
        }

        Assert.Equal("[1]", await client.NextTextAsync());
        await sending;
    }

    private static string Join(string form) => $$"""{"channel":"{{form}}","msg_type":"join"}""";

    private static async Task<string[]> NextTextsAsync(UnusualWhalesClient client, int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = await client.NextTextAsync($"frame {i + 1} of {count}");
        }

        return texts;
    }

    private async Task<int> UpgradeStatusAsync()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        return (int)client.UpgradeStatus;
    }

    private async Task<UnusualWhalesClient> ConnectAsync()
    {
        var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, client.UpgradeStatus);
        return client;
    }

    private Task<LoadClient> LoadAsync(List<string> texts, string path) =>
        LoadClient.ConnectAsync(new(_provider.SocketUrl, $"{path}?token=t"), message => texts.Add(Encoding.UTF8.GetString(message)));
}
