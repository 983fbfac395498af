using System.Net.Sockets;
using System.Text;
using Tidewire.Server.Tests.Sockets;

namespace Tidewire.Server.Tests;

[Collection(Alone.Name)]
public sealed class DrainTests : ServerTest
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Every_client_is_told_and_closed_with_1001_and_the_provider_with_1000()
    {
        await StartAsync();
        var tidewire = await ConnectAsync();
        await tidewire.SubscribedAsync("gex:SPY");
        var stream = await StreamAsync("gex/SPY");
        var socket = await SocketAsync();
        await socket.JoinAsync("gex:SPY");
        await socket.NextFrameAsync();
        await UntilJoinedAsync("gex:SPY");

        var began = TimeProvider.System.GetTimestamp();
        var stopping = Server.StopAsync();
        foreach (var closing in new[] { await tidewire.NextAsync(), await stream.NextAsync() })
        {
            Assert.Equal(("closing", 1001, true), (closing.GetProperty("type").GetString(), closing.GetProperty("code").GetInt32(), closing.GetProperty("reconnect").GetBoolean()));
        }

        Assert.Equal([1001, 1001, 1001], new[] { await tidewire.WaitForCloseAsync(), await stream.WaitForCloseAsync(), await socket.WaitForCloseAsync() });
        await stopping;
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(1000, Assert.Single(Provider.ReceivedCloses).Code);
        Assert.Equal(0, Provider.ConnectionsOpen);
    }

    [Fact]
    public async Task Under_load_with_clients_that_never_read_it_ends_within_ten_seconds_and_takes_no_new_ones()
    {
        await StartAsync();
        var closed = new List<Testing.Clients.LoadClient>();
        for (var i = 0; i < 30; i++)
        {
            closed.Add(await LoadAsync("/api/stream/ws/gex/SPY", _ => { }));
        }

        var stuck = await LoadAsync("/api/stream/ws/gex/SPY", _ => { }, socketBufferBytes: 4096);
        stuck.Pause();
        var silent = await RawSocket.ConnectAsync(Server.Url, "/api/ws"); // reads nothing and answers no close
        Keep(silent);
        await UntilJoinedAsync("gex:SPY");
        var pad = new string('x', 2000);
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("gex:SPY", 2000, TimeSpan.FromMinutes(1), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}},"pad":"{{pad}}"}"""), enough.Token);
        await closed[0].WaitForMessagesAsync(5000);

        var began = TimeProvider.System.GetTimestamp();
        var url = Server.Url;
        var stopping = Server.StopAsync();
        foreach (var client in closed)
        {
            await client.WaitForCloseAsync();
            Assert.Equal(1001, client.CloseCode);
        }

        Assert.False(stopping.IsCompleted);
        await RefusedAsync(url);
        await stopping;
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.True(took < Promised, $"stopping took {took.TotalSeconds:0.0} s");
        Figure("stopping under load, with clients that never read", FormattableString.Invariant($"{took.TotalSeconds:0.0} s (promised: < 10 s)"));
        await enough.CancelAsync();
        await pump;
        Assert.Equal(1000, Assert.Single(Provider.ReceivedCloses).Code);
    }

    [Theory]
    [InlineData("refusing")]
    [InlineData("down")]
    [InlineData("not answering the upgrade")]
    [InlineData("half-open")]
    public async Task It_stops_at_once_whatever_state_the_upstream_is_in(string state)
    {
        Provider.Misbehaviour.Refusal = state == "refusing" ? Testing.UnusualWhales.Refusal.Unauthorized : null;
        Provider.Misbehaviour.UpgradeUnanswered = state == "not answering the upgrade";
        if (state == "down")
        {
            await Provider.StopAsync();
        }

        await StartAsync();
        switch (state)
        {
            case "half-open":
                await Server.UntilConnectedAsync();
                Provider.Misbehaviour.HalfOpen = true;
                break;
            case "not answering the upgrade":
                await Provider.WaitForHandshakeAsync();
                break;
            default:
                await Server.UntilUpstreamAsync(view => view.NextAttemptAt is not null, "to wait");
                break;
        }

        var began = TimeProvider.System.GetTimestamp();
        await Server.StopAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    /// <summary>A new connection is refused by TCP, or, as long as it is let through, over HTTP.</summary>
    private static async Task RefusedAsync(Uri url)
    {
        try
        {
            var answer = await RawSocket.AskAsync(url, $"GET /api/ws HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal), answer);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // Refused by TCP.
        }
    }
}
