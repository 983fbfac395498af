using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>
/// Pings of the server. The framework times them by the system's clock and takes no other, so this test takes as long as
/// they do.
/// </summary>
public sealed class KeepAliveTests : ServerTest
{
    /// <summary>Longer than a ping and its pong may take together.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly string[] Paths = ["/api/ws", "/api/stream/ws/flow", "/socket?token=x"];

    [Fact]
    [Trait("Category", "long")]
    public async Task A_client_that_shows_no_sign_of_life_is_pinged_after_25_s_and_cut_off_12_s_later_when_it_does_not_answer()
    {
        await StartWithoutUpstreamAsync();
        var polite = await Task.WhenAll(Paths.Select(SilenceAsync));
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == Paths.Length, "those that did not answer to be gone");
        foreach (var (stream, ends) in polite)
        {
            Assert.False(ends.IsCompleted);
            await stream.DisposeAsync();
            await ends;
        }
    }

    /// <summary>Two clients that send nothing, one of which answers a ping. The one that does, and its end.</summary>
    private async Task<(NetworkStream Polite, Task Ends)> SilenceAsync(string path)
    {
        await using var silent = await ConnectAsync(path);
        var polite = await ConnectAsync(path);
        var opened = TimeProvider.System.GetTimestamp();

        var pings = await Task.WhenAll(PingAsync(silent), PingAsync(polite));
        var pinged = TimeProvider.System.GetElapsedTime(opened);
        await polite.WriteAsync(RawSocket.Frame(RawSocket.Pong, pings[1].Payload));
        var ends = EndAsync(polite);
        await EndAsync(silent);
        var cut = TimeProvider.System.GetElapsedTime(opened) - pinged;

        Figure($"{path}: pinged after, cut off after", FormattableString.Invariant($"{pinged.TotalSeconds:0.0} s, {cut.TotalSeconds:0.0} s"));
        Assert.InRange(pinged.TotalSeconds, 23, 33); // the framework looks now and then
        Assert.InRange(cut.TotalSeconds, 10, 20);
        return (polite, ends);
    }

    private async Task<NetworkStream> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Server.Url.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {Server.Url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)stream.ReadByte());
        }

        Assert.StartsWith("HTTP/1.1 101 ", head.ToString(), StringComparison.Ordinal);
        return stream;
    }

    private static async Task<RawFrame> PingAsync(NetworkStream stream)
    {
        while (await NextAsync(stream).WaitAsync(Bound) is { } frame)
        {
            if (frame.Opcode == RawSocket.Ping)
            {
                return frame;
            }
        }

        throw new IOException("The connection ended before a ping.");
    }

    private static async Task EndAsync(NetworkStream stream)
    {
        while (await NextAsync(stream).WaitAsync(Bound) is not null)
        {
        }
    }

    /// <summary>The next frame, all of whose lengths are short here; null once the connection has ended.</summary>
    private static async Task<RawFrame?> NextAsync(NetworkStream stream)
    {
        try
        {
            var head = new byte[2];
            await stream.ReadExactlyAsync(head);
            var extended = new byte[head[1] == 126 ? 2 : 0];
            await stream.ReadExactlyAsync(extended);
            var payload = new byte[extended.Length == 0 ? head[1] : (extended[0] << 8) | extended[1]];
            await stream.ReadExactlyAsync(payload);
            return new RawFrame(head[0] & 0x0F, payload);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return null;
        }
    }
}
