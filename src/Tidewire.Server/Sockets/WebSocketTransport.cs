using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>
/// A client over an upgraded connection. Ready frames go straight to the stream; reading, pings, pongs and the closing
/// handshake are the framework's, on the same stream, one writer at a time.
/// </summary>
internal sealed class WebSocketTransport : IClientTransport, IDisposable
{
    /// <summary>A client that shows no sign of life is pinged.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(25);

    /// <summary>Longer than a slow reader may take: its pong is stuck behind what it does not read, and 4008 is the better answer.</summary>
    private static readonly TimeSpan PongWithin = TimeSpan.FromSeconds(12);

    private readonly IHttpRequestLifetimeFeature _request;
    private readonly Stream _stream;
    private readonly Socket? _connection;
    private readonly TimeSpan _closeLimit;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly OneWriterStream _frames;
    private readonly WebSocket _socket;
    private volatile bool _closing;
    private volatile bool _ended;

    public WebSocketTransport(HttpContext context, Stream stream, TimeSpan closeLimit, TimeProvider time)
    {
        _request = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _stream = stream;
        _connection = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        _closeLimit = closeLimit;
        _time = time;
        _frames = new OneWriterStream(stream, _turn, Abort);
        _socket = WebSocket.CreateFromStream(_frames, new WebSocketCreationOptions
        {
            IsServer = true,
            KeepAliveInterval = PingAfter,
            KeepAliveTimeout = PongWithin,
        });
    }

    public long? Acknowledged => SendBuffer.Acknowledged(_connection);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_closing)
        {
            return ValueTask.CompletedTask; // nothing follows a close frame
        }

        if (!_turn.Wait(0, CancellationToken.None))
        {
            return WaitAndSendAsync(bytes);
        }

        var writing = _stream.WriteAsync(bytes, CancellationToken.None);
        if (!writing.IsCompletedSuccessfully)
        {
            return FinishAsync(writing);
        }

        _turn.Release();
        return ValueTask.CompletedTask;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Closing is best effort: whatever fails, the connection is cut off.")]
    public async Task CloseAsync(Disconnect disconnect)
    {
        _closing = true;
        try
        {
            using var limit = new CancellationTokenSource(_closeLimit, _time);
            await _socket.CloseOutputAsync((WebSocketCloseStatus)disconnect.Code, disconnect.Reason, limit.Token);
        }
        catch (Exception)
        {
            Abort();
        }
    }

    public void Abort()
    {
        // A finished closing handshake needs no cutting off: a reset would overtake the close frame on its way to the client.
        // So would it overtake the one that answers a violation of the protocol.
        if (_socket is not { State: WebSocketState.Closed } && !(_ended && _frames.CloseSent))
        {
            _request.Abort(); // of the feature, not of the context: that one throws once the request has ended
        }
    }

    /// <summary>
    /// Reads the client's next message. Waits without holding a buffer, so that an idle client costs none.
    /// </summary>
    /// <param name="buffer">Where to read; called only once something has arrived.</param>
    /// <returns>What arrived; null when the client has closed or is gone.</returns>
    public async ValueTask<ClientMessage?> ReceiveAsync(Func<byte[]> buffer)
    {
        try
        {
            var arrived = await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            var into = arrived.EndOfMessage ? [] : buffer();
            var length = 0;
            var scraps = 0;
            while (arrived.MessageType != WebSocketMessageType.Close && !arrived.EndOfMessage)
            {
                // What is beyond the buffer is read over its end and thrown away, up to a bound.
                var room = length < into.Length ? into.AsMemory(length) : into.AsMemory();
                arrived = await _socket.ReceiveAsync(room, CancellationToken.None);
                scraps += length < into.Length ? 0 : arrived.Count;
                length = Math.Min(into.Length, length < into.Length ? length + arrived.Count : length);
                if (scraps > into.Length * 16L)
                {
                    return new ClientMessage(length, IsText: true, IsTooLarge: true, BreaksProtocol: true);
                }
            }

            if (arrived.MessageType != WebSocketMessageType.Close)
            {
                return new ClientMessage(length, arrived.MessageType == WebSocketMessageType.Text, scraps > 0, BreaksProtocol: false);
            }

            if (_socket.State == WebSocketState.CloseReceived)
            {
                await CloseAsync(new Disconnect((ushort)(_socket.CloseStatus is { } code and not WebSocketCloseStatus.Empty ? (int)code : 1000), string.Empty, Reconnect: false));
            }

            return null;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            _ended = true;
            return null; // the client went away; that needs no more words
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _turn.Dispose();
    }

    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _turn.WaitAsync(CancellationToken.None);
        await FinishAsync(_closing ? ValueTask.CompletedTask : _stream.WriteAsync(bytes, CancellationToken.None));
    }

    private async ValueTask FinishAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>One message of a client.</summary>
/// <param name="Length">Bytes of it that are in the buffer.</param>
/// <param name="IsText">Whether it is text.</param>
/// <param name="IsTooLarge">Whether more came than the buffer takes; the rest was thrown away.</param>
/// <param name="BreaksProtocol">Whether it was so large that reading it was given up.</param>
internal readonly record struct ClientMessage(int Length, bool IsText, bool IsTooLarge, bool BreaksProtocol);
