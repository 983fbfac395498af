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
    /// <summary>The answer to a binary message.</summary>
    public static ProtocolError NotText { get; } = new(ErrorCode.NotText, "The message is binary. Allowed: JSON in text messages.");

    /// <summary>The answer to a message that was not read whole.</summary>
    public static ProtocolError TooLarge(FanoutOptions options) => new(ErrorCode.TooLarge, $"The message is too large. Allowed: up to {options.MaxMessageBytes} bytes.");

    /// <summary>The end of a client whose message never ends.</summary>
    public static Disconnect TooBig(FanoutOptions options) => Disconnect.TooBig.Because($"message too big: at most {options.MaxMessageBytes} bytes");

    /// <summary>Upgrades the request and serves it until either side ends it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="endpoint">What is spoken there.</param>
    public async Task ServeAsync(HttpContext context, SocketEndpoint endpoint)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await WebSocketHandshake.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is shutting down; try again in a moment.");
            return;
        }

        if (await WebSocketHandshake.AcceptAsync(context, endpoint.Subprotocol) is not { } stream)
        {
            return;
        }

        using var transport = new WebSocketTransport(context, stream, hub.Options.CloseLimit, time);
        if (!hub.TryConnect(transport, endpoint.Wire, out var connection))
        {
            await transport.CloseAsync(Disconnect.TooMany);
            return;
        }

        using (connection)
        {
            var session = endpoint.Begin(connection);
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
            connection.Close(TooBig(hub.Options));
        }
        else if (message.IsTooLarge || message.Length > hub.Options.MaxMessageBytes)
        {
            Fault(session, TooLarge(hub.Options));
        }
        else if (!message.IsText)
        {
            Fault(session, NotText);
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
