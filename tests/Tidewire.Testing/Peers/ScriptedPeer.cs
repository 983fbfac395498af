using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.Peers;

/// <summary>
/// A server that a test plays itself, request by request: what a client asks is handed to the test, which answers it in bytes,
/// rightly or wrongly. One request per connection.
/// </summary>
public sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<PeerRequest> _requests = Channel.CreateUnbounded<PeerRequest>();
    private readonly List<PeerRequest> _all = [];
    private readonly Task _accepting;

    public ScriptedPeer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>Requests whose path has this in it are answered with 404 before the test sees them, as by a proxy.</summary>
    public string? Blocked { get; set; }

    /// <summary>The next request.</summary>
    public async Task<PeerRequest> NextAsync() => await _requests.Reader.ReadAsync().AsTask().WithinBound("a request");

    /// <summary>The next request, which must be an upgrade: opened, and greeted as Tidewire does.</summary>
    public async Task<PeerSocket> NextSocketAsync()
    {
        var socket = await (await NextAsync()).UpgradeAsync();
        await socket.SendAsync("""{"type":"connection","status":"connected","connection_id":"c1","simulated":false,"limits":{"message_bytes":16384,"channels":128},"timestamp":"2026-11-20T14:30:05.123Z"}""");
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        lock (_all)
        {
            _all.ForEach(static request => request.Reset());
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var reading = new List<Task>();
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                reading.Add(ReadAsync(socket));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(reading);
    }

    private async Task ReadAsync(Socket socket)
    {
        socket.NoDelay = true;
        try
        {
            if (await HttpHead.ReadAsync(new NetworkStream(socket), _stop.Token) is not { } head)
            {
                socket.Dispose();
                return;
            }

            var request = new PeerRequest(socket, head);
            lock (_all)
            {
                _all.Add(request);
            }

            if (Blocked is { } blocked && request.Target.Contains(blocked, StringComparison.Ordinal))
            {
                await request.RespondAsync("404 Not Found", "text/html", "<h1>blocked</h1>");
                return;
            }

            _requests.Writer.TryWrite(request);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            socket.Dispose();
        }
    }
}
