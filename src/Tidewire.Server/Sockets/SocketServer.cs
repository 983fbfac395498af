using System.Buffers;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>What one wire does with one client.</summary>
internal interface ISocketSession
{
    /// <summary>The connection is open.</summary>
    void Opened();

    /// <summary>The client sent a text message.</summary>
    /// <param name="message">The message; valid during the call only.</param>
    void Received(ReadOnlySpan<byte> message);

    /// <summary>The client sent something that was not read.</summary>
    /// <param name="error">What it was.</param>
    void Unreadable(ProtocolError error);
}

/// <summary>Serves a client over WebSocket from the handshake to the end, whatever wire it speaks.</summary>
internal sealed class SocketServer(Hub hub, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Upgrades the request and serves it until either side ends it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wire">What the client will be sent.</param>
    /// <param name="begin">Makes the session of the wire.</param>
    public async Task ServeAsync(HttpContext context, WireFormat wire, Func<Connection, ISocketSession> begin)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await WebSocketHandshake.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is shutting down; try again in a moment.");
            return;
        }

        if (await WebSocketHandshake.AcceptAsync(context) is not { } stream)
        {
            return;
        }

        using var transport = new WebSocketTransport(context, stream, hub.Options.CloseLimit, time);
        if (!hub.TryConnect(transport, wire, out var connection))
        {
            await transport.CloseAsync(Disconnect.TooMany);
            return;
        }

        using (connection)
        {
            var session = begin(connection);
            session.Opened();
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                connection.Close(Disconnect.GoingAway); // it began while the others were being closed
            }

            await ReceiveAllAsync(transport, connection, session);
        }
    }

    private async Task ReceiveAllAsync(WebSocketTransport transport, Connection connection, ISocketSession session)
    {
        byte[]? rented = null;
        byte[] Rent() => rented ??= ArrayPool<byte>.Shared.Rent(hub.Options.MaxMessageBytes);
        try
        {
            while (await transport.ReceiveAsync(Rent) is { } message)
            {
                hub.Counters.Received();
                Take(message, rented ?? [], connection, session);
                if (rented is not null)
                {
                    ArrayPool<byte>.Shared.Return(rented);
                    rented = null;
                }

                await connection.RepliesTakenAsync();
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private void Take(ClientMessage message, byte[] buffer, Connection connection, ISocketSession session)
    {
        if (message.BreaksProtocol)
        {
            connection.Close(Disconnect.TooBig.Because($"message too big: at most {hub.Options.MaxMessageBytes} bytes"));
        }
        else if (message.IsTooLarge || message.Length > hub.Options.MaxMessageBytes)
        {
            Fault(session, new ProtocolError(ErrorCode.TooLarge, $"The message is too large. Allowed: up to {hub.Options.MaxMessageBytes} bytes."));
        }
        else if (!message.IsText)
        {
            Fault(session, new ProtocolError(ErrorCode.NotText, "The message is binary. Allowed: JSON in text messages."));
        }
        else
        {
            session.Received(buffer.AsSpan(0, message.Length));
        }
    }

    private void Fault(ISocketSession session, ProtocolError error)
    {
        hub.Counters.Error();
        session.Unreadable(error);
    }
}
