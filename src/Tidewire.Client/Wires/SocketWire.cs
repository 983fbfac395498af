using System.Net.Sockets;
using System.Net.WebSockets;

namespace Tidewire.Client.Wires;

/// <summary><c>/api/ws</c>: one socket for all channels of the client, from its opening to its end.</summary>
internal sealed class SocketWire : IDisposable
{
    private const string Batching = "tidewire.v1.json";
    private const int MaxMessageBytes = 64 << 20;

    private readonly Session _session;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly SocketChannels _channels;
    private readonly List<ServerMessage> _read = [];
    private byte[] _buffer = new byte[16 << 10];
    private long _lastAt;
    private long _pingId;
    private long _pingAt;
    private Task _pinging = Task.CompletedTask;
    private ServerMessage? _closing;
    private WireEnd? _refused;
    private bool _showed;
    private bool _spoke;

    private SocketWire(Session session)
    {
        _session = session;
        _channels = new SocketChannels(session);
        _socket.Options.KeepAliveInterval = TimeSpan.Zero; // the heartbeat is ours, by the client's clock
        _socket.Options.CollectHttpResponseDetails = true;
        if (session.Options.UseBatching)
        {
            _socket.Options.AddSubProtocol(Batching);
        }
    }

    /// <summary>Opens one, and waits for the server's first word: until then it proves nothing.</summary>
    /// <returns>The wire, or how it ended.</returns>
    public static async Task<(SocketWire? Wire, WireEnd? End)> OpenAsync(Session session, CancellationToken cancellation)
    {
        var wire = new SocketWire(session);
        using var deadline = session.Limit(session.Options.ConnectTimeout, cancellation);
        WireEnd? end;
        try
        {
            var token = await session.Credentials.GetAsync(cancellation).ConfigureAwait(false);
            deadline.Extend(session.Options.ConnectTimeout); // the token's time is its own
            await wire._socket.ConnectAsync(session.Endpoint.Socket, session.Http, deadline.Token).ConfigureAwait(false);
            if (token is not null)
            {
                await wire.SendAsync(ClientMessage.Auth(token), deadline.Token).ConfigureAwait(false);
            }

            end = null;
            while (end is null && !wire._showed)
            {
                end = await wire.ReceiveAsync(deadline.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (deadline.HasPassed && !cancellation.IsCancellationRequested)
        {
            end = new WireEnd("nothing came over the WebSocket in time") { IsAgainstTheWire = true };
        }
        catch (OperationCanceledException)
        {
            wire.Dispose();
            throw;
        }
        catch (TidewireException exception)
        {
            end = new WireEnd(exception.Message);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or IOException or SocketException or ObjectDisposedException)
        {
            end = WireEnd.NotUpgraded(wire._socket.HttpStatusCode, exception);
        }

        if (end is null)
        {
            session.Tally.Connected();
            return (wire, null);
        }

        session.Tally.Error();
        wire.Dispose();
        return (null, end);
    }

    /// <summary>Serves the client's subscriptions until the connection ends.</summary>
    public async Task<WireEnd> RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<WireEnd>[] all = [ReadAsync(stop.Token), TendAsync(stop.Token), BeatAsync(stop.Token), RenewAsync(stop.Token)];
        var first = await Task.WhenAny(all).ConfigureAwait(false);
        if (cancellation.IsCancellationRequested)
        {
            await CloseAsync().ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        foreach (var task in (Task[])[.. all, _pinging])
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellation.ThrowIfCancellationRequested();
        var end = await first.ConfigureAwait(false);
        // Greeted and cut off without a word, it has not shown that it works.
        var showed = end.Showed || _spoke;
        return end with { Showed = showed, IsAgainstTheWire = !showed, Served = _channels.Served };
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task<WireEnd> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                if (await ReceiveAsync(cancellation).ConfigureAwait(false) is { } end)
                {
                    return end;
                }
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or SocketException or ObjectDisposedException)
            {
                _session.Tally.Error();
                return _closing is { } closing ? WireEnd.Closed(closing.Code ?? 0, closing.Reason, closing.Reconnect) : new WireEnd("the connection broke");
            }
        }
    }

    /// <summary>Takes one frame. How it ended, when that was the end.</summary>
    private async Task<WireEnd?> ReceiveAsync(CancellationToken cancellation)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            if (length == _buffer.Length)
            {
                if (length >= MaxMessageBytes)
                {
                    return new WireEnd("the server sent a message without end");
                }

                Array.Resize(ref _buffer, length * 2);
            }

            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        Volatile.Write(ref _lastAt, _session.Time.GetTimestamp());
        if (part.MessageType == WebSocketMessageType.Close)
        {
            return WireEnd.Closed(_closing?.Code ?? (int)(_socket.CloseStatus ?? 0), _closing?.Reason ?? _socket.CloseStatusDescription, _closing?.Reconnect);
        }

        _read.Clear();
        // Payloads are slices of these bytes and live as long as their readers keep them: one copy per frame.
        if (!ServerMessage.TryReadAll(_buffer.AsSpan(0, length).ToArray(), _read))
        {
            _session.Tally.Error(); // what was in it shows as missed
        }

        foreach (var message in _read)
        {
            Take(message);
        }

        return _refused;
    }

    private void Take(ServerMessage message)
    {
        _session.Tally.Received(message);
        switch (message.Type)
        {
            case "connection":
                _showed = true;
                return;
            case "pong":
                if (message.Id == Volatile.Read(ref _pingId))
                {
                    _session.Tally.Answered(Volatile.Read(ref _pingAt), message.Timestamp);
                }

                break;
            case "closing":
                _closing = message;
                break;
            case "auth" when message.Status is not (null or "ok"):
                _refused = WireEnd.Closed(4001, message.Reason ?? message.Text, reconnect: false);
                break;
            case "auth":
                break;
            default:
                _channels.Take(message);
                break;
        }

        _spoke = true;
    }

    /// <summary>Asks for what subscriptions want, and gives up what they no longer do, whenever that changes.</summary>
    private async Task<WireEnd> TendAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var changed = _session.Changed.NextAsync();
            foreach (var message in _channels.Due())
            {
                if (!await TrySendAsync(message, cancellation).ConfigureAwait(false))
                {
                    return new WireEnd("the connection broke");
                }
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>After silence asks for a pong; without one the connection is half-open.</summary>
    private async Task<WireEnd> BeatAsync(CancellationToken cancellation)
    {
        var (interval, answer) = (_session.Options.HeartbeatInterval, _session.Options.HeartbeatTimeout);
        while (true)
        {
            var quiet = _session.Time.GetElapsedTime(Volatile.Read(ref _lastAt));
            if (quiet < interval)
            {
                await Task.Delay(interval - quiet, _session.Time, cancellation).ConfigureAwait(false);
                continue;
            }

            var asked = _session.Time.GetTimestamp();
            Volatile.Write(ref _pingAt, asked);
            Volatile.Write(ref _pingId, _channels.NextId());
            _pinging = TrySendAsync(ClientMessage.Ping(_pingId), cancellation); // a full socket would hold it for ever: awaited at the end
            await Task.Delay(answer, _session.Time, cancellation).ConfigureAwait(false);
            if (Volatile.Read(ref _lastAt) < asked)
            {
                _session.Tally.Error();
                return new WireEnd("the server does not answer: the connection is half-open");
            }
        }
    }

    /// <summary>Presents a new token on the same connection before the last one ends.</summary>
    private async Task<WireEnd> RenewAsync(CancellationToken cancellation)
    {
        var least = TimeSpan.FromSeconds(10); // a token that is always about to end is not asked for without pause
        while (true)
        {
            var wait = _session.Credentials.UntilRenewal() is { } due ? TimeSpan.FromTicks(Math.Max(due.Ticks, least.Ticks)) : Timeout.InfiniteTimeSpan;
            await Task.Delay(wait, _session.Time, cancellation).ConfigureAwait(false);
            try
            {
                if (await _session.Credentials.GetAsync(cancellation).ConfigureAwait(false) is { } token && !await TrySendAsync(ClientMessage.Auth(token), cancellation).ConfigureAwait(false))
                {
                    return new WireEnd("the connection broke");
                }
            }
            catch (TidewireException)
            {
                _session.Tally.Error(); // the old one still holds; it is tried again
            }
        }
    }

    private async Task<bool> TrySendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(message, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation).ConfigureAwait(false);
            _session.Tally.Sent();
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Says goodbye, without waiting for an answer.</summary>
    private async Task CloseAsync()
    {
        using var limit = _session.Limit(TimeSpan.FromSeconds(1), CancellationToken.None);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // It was broken before.
        }
    }
}
