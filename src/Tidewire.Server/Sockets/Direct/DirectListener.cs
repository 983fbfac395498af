using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>
/// One address for everything. A socket whose first bytes are a plain, faultless request for one of our WebSockets stays with
/// <see cref="DirectServer"/>; every other is handed to the web server untouched, and so is every request that has to be refused.
/// </summary>
internal sealed partial class DirectListener : IConnectionListener
{
    private readonly Socket _listening;
    private readonly DirectServer _server;
    private readonly ILogger _logger;
    private readonly SocketConnectionContextFactory _connections;
    private readonly Channel<ConnectionContext> _handedOver = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _accepting;

    public DirectListener(Socket listening, DirectServer server, SocketTransportOptions options, ILoggerFactory loggers)
    {
        _listening = listening;
        _server = server;
        _logger = loggers.CreateLogger<DirectListener>();
        _connections = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions { IOQueueCount = options.IOQueueCount, WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer, MaxReadBufferSize = options.MaxReadBufferSize, MaxWriteBufferSize = options.MaxWriteBufferSize, UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling }, loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        EndPoint = listening.LocalEndPoint!;
        _accepting = AcceptAllAsync();
    }

    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        => await _handedOver.Reader.WaitToReadAsync(cancellationToken) && _handedOver.Reader.TryRead(out var connection) ? connection : null;

    /// <summary>Gives a socket to the web server. Nothing of it may have been read.</summary>
    public void HandOver(Socket socket)
    {
        ConnectionContext connection;
        try
        {
            connection = _connections.Create(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose(); // it was given up meanwhile
            return;
        }

        if (!_handedOver.Writer.TryWrite(connection))
        {
            connection.Abort(); // the web server takes no more
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _listening.Dispose();
        await _accepting;
        _handedOver.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(CancellationToken.None);
        await _server.EndAsync();
        _connections.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        await Task.Yield(); // not on the thread that starts the server
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listening.AcceptAsync();
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return;
            }
            catch (SocketException exception)
            {
                // The client went away in between; or there is no file descriptor left, and trying on at once would take all time.
                if (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                {
                    Log.CannotAccept(_logger, exception.SocketErrorCode);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                }

                continue;
            }

            _server.Begin(socket, this);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "A connection could not be accepted: {Error}. Raise the limit of open files, or lower Fanout__MaxConnections.", EventName = "CannotAccept")]
        public static partial void CannotAccept(ILogger logger, SocketError error);
    }
}
