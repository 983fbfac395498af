using System.Net;
using System.Net.Sockets;
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
        try
        {
            var socket = SendBuffer.Listen(endpoint);
            socket.Listen(SendBuffer.Backlog);
            return new ValueTask<IConnectionListener>(new DirectListener(socket, server, options.Value, loggers));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception); // the web server says it in words of its own
        }
    }
}
