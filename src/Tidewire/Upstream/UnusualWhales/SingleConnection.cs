using System.Net.Sockets;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// Opens one connection and no second. The HTTP handler sends a request again by itself, up to three times, when its
/// connection ends before an answer, and offers no way to turn that off; the provider counts each. So a request has a
/// handler of its own that can connect once.
/// </summary>
internal sealed class SingleConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _attempts;
    private volatile bool _opened;

    /// <summary>No connection came about, so that nothing was sent.</summary>
    public bool NeverOpened => !_opened;

    /// <summary>The connection ended, and a second was asked for.</summary>
    public bool WasLost => _opened && Volatile.Read(ref _attempts) > 1;

    /// <summary>Connects, the first time.</summary>
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _attempts) > 1)
        {
            throw new IOException("a request is sent once");
        }

        await _socket.ConnectAsync(context.DnsEndPoint, cancellation);
        _opened = true;
        return new NetworkStream(_socket, ownsSocket: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
