using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Tidewire.Testing;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class FakeUnusualWhalesTests : IAsyncLifetime
{
    private const string Ack = """["gex:SPY",{"response":{},"status":"ok"}]""";
    private FakeUnusualWhales _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await FakeUnusualWhales.StartNewAsync();

    public async ValueTask DisposeAsync() => await _provider.DisposeAsync();

    [Fact]
    public async Task A_join_is_acknowledged_and_data_arrives_byte_for_byte()
    {
        await using var client = await JoinedAsync();

        await _provider.SendDataAsync("gex:SPY", """{ "ticker": "SPY",  "price":"591.20" }""");
        Assert.Equal("""["gex:SPY",{ "ticker": "SPY",  "price":"591.20" }]""", await client.NextTextAsync());

        await _provider.SendAsync("""  ["gex:QQQ", {}]""");
        Assert.Equal("""  ["gex:QQQ", {}]""", await client.NextTextAsync());
        Assert.Equal(["gex:SPY"], _provider.Joined);
    }

    [Fact]
    public async Task The_upgrade_request_is_on_record()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl, "a+b/c", new() { ["User-Agent"] = "tidewire/1" });

        var attempt = Assert.Single(_provider.Handshakes);
        Assert.Equal(("/socket", "a+b/c", "tidewire/1", 101), (attempt.Path, attempt.Token, attempt.UserAgent, attempt.Answer));
        Assert.Equal((1, 1), (_provider.ConnectionsOpen, _provider.ConnectionsAccepted));
    }

    [Fact]
    public async Task Both_kinds_of_client_send_the_headers_they_are_given()
    {
        var headers = new Dictionary<string, string> { ["Host"] = "rebound.example", ["Origin"] = "https://elsewhere.example" };
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl, headers: headers);
        await using var load = await LoadClient.ConnectAsync(new($"{_provider.SocketUrl}?token=t"), _ => { }, headers);

        Assert.Equal(2, _provider.Handshakes.Count);
        Assert.All(_provider.Handshakes, attempt => Assert.Equal(("rebound.example", "https://elsewhere.example"), (attempt.Headers["Host"], attempt.Headers["Origin"])));
    }

    [Fact]
    public async Task An_upgrade_without_a_token_is_refused()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl, token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, client.UpgradeStatus);
        Assert.Equal(0, _provider.ConnectionsAccepted);
    }

    [Fact]
    public async Task A_binary_join_is_ignored()
    {
        await using var client = await ConnectAsync();
        await client.SendAsync("""{"channel":"gex:QQQ","msg_type":"join"}"""u8.ToArray(), WebSocketMessageType.Binary);
        await client.JoinAsync("gex:SPY");

        Assert.Equal(Ack, await client.NextTextAsync());
        Assert.Single(_provider.ReceivedBinaries);
        Assert.Equal(["gex:SPY"], _provider.Joined);
    }

    [Fact]
    public async Task A_left_channel_gets_no_data()
    {
        await using var client = await JoinedAsync();
        await client.LeaveAsync("gex:SPY");
        await _provider.WaitForLeaveAsync("gex:SPY");

        Assert.Empty(_provider.Joined);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _provider.SendDataAsync("gex:SPY", "{}"));
    }

    [Fact]
    public async Task It_comes_back_on_the_same_port_and_remembers_no_joins()
    {
        for (var round = 1; round <= 3; round++)
        {
            await using var client = await JoinedAsync();
            await _provider.StopAsync();
            Assert.Null(await client.WaitForCloseAsync());
            Assert.Equal((0, 0), (_provider.ConnectionsOpen, _provider.Joined.Count));

            var refused = await Assert.ThrowsAsync<WebSocketException>(() => UnusualWhalesClient.ConnectAsync(_provider.SocketUrl));
            Assert.Equal(SocketError.ConnectionRefused, (refused.GetBaseException() as SocketException)?.SocketErrorCode);

            await _provider.StartAsync();
        }

        await using var last = await ConnectAsync();
        Assert.Equal((4, 1), (_provider.ConnectionsAccepted, _provider.MaxConnectionsOpen));
    }

    [Fact]
    public async Task It_can_close_politely()
    {
        await using var client = await JoinedAsync();
        var stopped = _provider.StopAsync(Parting.GoingAway);
        Assert.Equal(1001, await client.WaitForCloseAsync());
        await stopped.WithinBound("the stop");
    }

    [Fact]
    public async Task A_polite_stop_does_not_wait_for_a_client_that_does_not_answer()
    {
        await using var client = await JoinedAsync();
        await _provider.StopAsync(Parting.GoingAway);
        Assert.Equal(0, _provider.ConnectionsOpen);
    }

    [Fact]
    public async Task The_clients_close_frame_is_answered_and_on_record()
    {
        await using var client = await JoinedAsync();
        await client.CloseAsync(reason: "redeploy");
        await _provider.WaitForDisconnectAsync();
        Assert.Equal([(1000, "redeploy")], _provider.ReceivedCloses);
    }

    [Fact]
    public async Task A_client_that_closes_before_it_reconnects_is_never_seen_twice()
    {
        for (var i = 0; i < 50; i++)
        {
            var client = await ConnectAsync();
            client.Abort();
        }

        await _provider.WaitForDisconnectAsync();
        Assert.Equal((50, 1), (_provider.ConnectionsAccepted, _provider.MaxConnectionsOpen));
    }

    [Fact]
    public async Task A_burst_arrives_whole_and_in_order()
    {
        await using var client = await JoinedAsync();
        var frames = Enumerable.Range(0, 5_000).Select(i => $$"""["gex:SPY",{"seq":{{i}}}]""").ToArray();

        var sent = _provider.SendBurstAsync(frames.Select(frame => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(frame)));
        foreach (var frame in frames)
        {
            Assert.Equal(frame, await client.NextTextAsync());
        }

        await sent;
    }

    [Fact]
    public async Task A_wait_that_fails_says_what_was_waited_for_and_what_there_was()
    {
        await using var client = await JoinedAsync();
        var pulse = new Pulse();
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => pulse.UntilAsync(() => false, () => "a join of gex:QQQ", TimeSpan.FromMilliseconds(10)));
        Assert.Equal("Waited 0.01 s for a join of gex:QQQ.", failure.Message);
    }

    private async Task<UnusualWhalesClient> ConnectAsync()
    {
        var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, client.UpgradeStatus);
        return client;
    }

    private async Task<UnusualWhalesClient> JoinedAsync()
    {
        var client = await ConnectAsync();
        await client.JoinAsync("gex:SPY");
        Assert.Equal(Ack, await client.NextTextAsync("the ack"));
        return client;
    }
}
