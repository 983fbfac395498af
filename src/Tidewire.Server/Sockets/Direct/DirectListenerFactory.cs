using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>Takes the place of the web server's own listening: see <see cref="DirectListener"/>.</summary>
internal sealed class DirectListenerFactory(DirectServer server, IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = SendBuffer.Listen(endpoint);
        try
        {
            socket.Listen(SendBuffer.Backlog);
        }
        catch (System.Net.Sockets.SocketException exception) when (exception.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new AddressInUseException(exception.Message, exception);
        }

        return new ValueTask<IConnectionListener>(new DirectListener(socket, server, options.Value, loggers));
    }
}
