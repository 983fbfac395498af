using System.Net.Sockets;
using System.Net.WebSockets;
using Tidewire.Client.Subscriptions;
using Tidewire.Protocol;

namespace Tidewire.Client.Wires;

/// <summary>A socket that is only asked for the past.</summary>
internal sealed class Past : IDisposable
{
    /// <summary>Gaps are no part of the past that is shown, but take places in a page: so many in a row would be one outage after the other.</summary>
    private const int Step = 16;

    private const int MaxMessageBytes = 64 << 20;

    private readonly Session _session;
    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[64 << 10];
    private long _lastId;

    private Past(Session session)
    {
        _session = session;
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    public static async Task<Past> OpenAsync(Session session, CancellationToken cancellation)
    {
        var past = new Past(session);
        using var deadline = session.Limit(session.Options.ConnectTimeout, cancellation);
        try
        {
            await past._socket.ConnectAsync(session.Endpoint.Socket, session.Http, deadline.Token).ConfigureAwait(false);
            if (await session.Credentials.GetAsync(deadline.Token).ConfigureAwait(false) is { } token)
            {
                await past._socket.SendAsync(ClientMessage.Auth(token), WebSocketMessageType.Text, endOfMessage: true, deadline.Token).ConfigureAwait(false);
            }

            return past;
        }
        catch (Exception exception) when (IsBroken(exception) || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            past.Dispose();
            throw Unreachable(exception);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>One page of the past.</summary>
    public async Task<HistoryPage> PageAsync(string channel, long? before, int limit, CancellationToken cancellation)
    {
        using var deadline = _session.Limit(_session.Options.ConnectTimeout, cancellation);
        try
        {
            var id = ++_lastId;
            await _socket.SendAsync(ClientMessage.History(channel, before, limit, id), WebSocketMessageType.Text, endOfMessage: true, deadline.Token).ConfigureAwait(false);
            _session.Tally.Sent();
            while (true)
            {
                var messages = await ReceiveAsync(deadline.Token).ConfigureAwait(false);
                if (messages.Find(message => message.Type == "error" && message.Id == id) is { } error)
                {
                    throw new TidewireException(error.Error ?? "error", error.Text ?? "The server refuses.");
                }

                if (messages.Find(message => message.Type == "history" && message.Id == id) is { Channel: { } name, Epoch: { } epoch } answer)
                {
                    return new HistoryPage(name, epoch, [.. answer.Messages.Where(static message => message.IsPublication)
                        .Select(message => LogEntry.Publication(message, name, new StreamPosition(epoch, message.Offset!.Value), isHistory: true))]);
                }
            }
        }
        catch (Exception exception) when (IsBroken(exception) || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Unreachable(exception);
        }
    }

    /// <summary>The position before the first publication that was received at or after a time; between its neighbours by halving.</summary>
    public async Task<StreamPosition?> FindAsync(string channel, DateTimeOffset time, CancellationToken cancellation)
    {
        var newest = await PageAsync(channel, null, Step, cancellation).ConfigureAwait(false);
        if (newest.Publications is not [.., var last])
        {
            return null;
        }

        time -= TimeSpan.FromTicks(time.UtcTicks % TimeSpan.TicksPerMillisecond); // as the wire's times are cut
        if (last.ReceivedAt < time)
        {
            return last.Position;
        }

        // Invariant: the publication at `high` was received in time; all below `low` are too early, or not held any more.
        var (low, high) = (1L, last.Position.Offset);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var page = await PageAsync(channel, middle + 1, Step, cancellation).ConfigureAwait(false);
            if (page.Publications is [.., var entry] && entry.Position.Offset >= low && entry.ReceivedAt >= time)
            {
                high = entry.Position.Offset;
            }
            else
            {
                low = middle + 1;
            }
        }

        return last.Position with { Offset = high - 1 };
    }

    private async Task<List<ServerMessage>> ReceiveAsync(CancellationToken cancellation)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            if (length >= MaxMessageBytes)
            {
                throw new IOException("The server sent a message without end.");
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, length * 2);
            }

            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        if (part.MessageType == WebSocketMessageType.Close)
        {
            var end = WireEnd.Closed((int)(_socket.CloseStatus ?? 0), _socket.CloseStatusDescription, null);
            throw end.Stop ?? new TidewireException("unreachable", $"The server closed the connection: {end.Reason}.");
        }

        var messages = new List<ServerMessage>();
        ServerMessage.TryReadAll(_buffer.AsSpan(0, length).ToArray(), messages);
        return messages;
    }

    private static bool IsBroken(Exception exception) => exception is WebSocketException or HttpRequestException or IOException or SocketException;

    private static TidewireException Unreachable(Exception exception)
        => new("unreachable", Endpoint.IsUnreachable(exception) ? "The server cannot be reached. Is it running, and is the address right?" : "The server's WebSocket did not answer, and the past is read over it alone. Does a proxy stand between?");
}
