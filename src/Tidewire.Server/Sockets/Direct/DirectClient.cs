using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Access;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>One accepted socket, from its first byte to its end, or until it is given to the web server.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "RunAsync owns them and disposes of them at its end.")]
internal sealed class DirectClient : IThreadPoolWorkItem
{
    /// <summary>What a head may take to be read here; a longer one is for the web server, which has its own bounds.</summary>
    private const int HeadBytes = 8 << 10;

    private const int ReadBytes = 8 << 10;

    /// <summary>A socket that says nothing at all is given up after so long.</summary>
    private static readonly TimeSpan SilentLimit = TimeSpan.FromSeconds(30);

    /// <summary>A client that shows no sign of life is pinged.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan PongWithin = TimeSpan.FromSeconds(12);

    private readonly DirectServer _server;
    private readonly Socket _socket;
    private readonly DirectListener _listener;
    private readonly Readiness _readiness;
    private readonly long _begunAt;
    private volatile DirectTransport? _transport;
    private long _heardAt;
    private long _leavingSince;
    private long _pingedAt;
    private long _acknowledged;
    private long _takesSince;

    public DirectClient(DirectServer server, Socket socket, DirectListener listener)
    {
        _server = server;
        _socket = socket;
        _listener = listener;
        _readiness = new Readiness(socket);
        _begunAt = _heardAt = server.Time.GetTimestamp();
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync(); // ends by itself

    /// <summary>Cuts the client off.</summary>
    public void Abort()
    {
        GiveUpUnlessOpen();
        _transport?.Cut();
    }

    /// <summary>Ends a socket that has not become a client yet.</summary>
    public void GiveUpUnlessOpen()
    {
        if (_transport is null)
        {
            _socket.Dispose();
        }
    }

    /// <summary>Once a second: pings a client that is quiet, cuts off one that is gone or does not go.</summary>
    public void Sweep(long now)
    {
        if (_transport is not { } transport)
        {
            if (_server.Time.GetElapsedTime(_begunAt, now) >= SilentLimit)
            {
                GiveUpUnlessOpen();
            }

            return;
        }

        if (Volatile.Read(ref _leavingSince) is not 0 and var since)
        {
            if (_server.Time.GetElapsedTime(since, now) >= _server.Hub.Options.CloseLimit)
            {
                transport.Cut();
            }

            return;
        }

        var heardAt = Volatile.Read(ref _heardAt);
        if (_pingedAt == 0 || heardAt > _pingedAt)
        {
            // A client that has yet to take something is the slow readers' business: its pong would be stuck behind it.
            _pingedAt = _server.Time.GetElapsedTime(heardAt, now) >= PingAfter && transport.TryPing() ? now : 0;
            _takesSince = _pingedAt;
        }
        else if (_server.Time.GetElapsedTime(_pingedAt, now) >= PongWithin && !transport.IsSending && !StillTakes(transport, now))
        {
            transport.Cut();
        }
    }

    /// <summary>Whether the ping may not have got to the client yet: it still takes what was sent before.</summary>
    private bool StillTakes(DirectTransport transport, long now)
    {
        if (transport.Acknowledged is not { } acknowledged || acknowledged >= transport.Sent)
        {
            return false;
        }

        if (acknowledged != _acknowledged)
        {
            _acknowledged = acknowledged;
            _takesSince = now;
        }

        return _server.Time.GetElapsedTime(_takesSince, now) < _server.Hub.Options.StateReaderLimit;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of one client: a fault of ours ends it and no other.")]
    private async Task RunAsync()
    {
        try
        {
            _socket.NoDelay = true;
            var (isOurs, opening) = await OpenAsync();
            if (isOurs && opening is { } taken)
            {
                using var transport = new DirectTransport(_socket);
                _transport = transport;
                await ServeAsync(transport, taken);
            }

            _readiness.Dispose();
            if (!isOurs)
            {
                _listener.HandOver(_socket);
                return;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It went away, or was given up, before it was anything.
        }
        catch (Exception exception)
        {
            _server.Failed(exception);
        }
        finally
        {
            _server.Remove(this);
        }

        _readiness.Dispose();
        _socket.Dispose();
    }

    /// <summary>Reads what the client wants. Not ours is what the web server is to read; ours without an opening is one that is gone.</summary>
    private async ValueTask<(bool IsOurs, Opening? Opening)> OpenAsync()
    {
        await _readiness.WaitAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(HeadBytes);
        try
        {
            var peeked = await _readiness.PeekAsync(buffer.AsMemory(0, HeadBytes));
            if (peeked == 0)
            {
                return (true, null);
            }

            if (_server.Stopping.IsCancellationRequested
                || !UpgradeRequest.TryRead(buffer.AsSpan(0, peeked), out var request, out var length)
                || !IsAllowed(request!)
                || Find(request!) is not { } endpoint)
            {
                return (false, null);
            }

            for (var read = 0; read < length;)
            {
                var count = await _readiness.ReadAsync(buffer.AsMemory(0, length - read));
                if (count == 0)
                {
                    return (true, null);
                }

                read += count;
            }

            return (true, new Opening(endpoint, Answer(request!, endpoint)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Answer(UpgradeRequest request, SocketEndpoint endpoint)
    {
        var subprotocol = endpoint.Subprotocol is { } agreed ? $"Sec-WebSocket-Protocol: {agreed}\r\n" : string.Empty;
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {WebSocketHandshake.Answer(request.Key)}\r\n{subprotocol}{SafeHeaders.Lines}\r\n");
    }

    private bool IsAllowed(UpgradeRequest request)
    {
        var bound = (IPEndPoint)_listener.EndPoint;
        var local = IPAddress.IsLoopback(bound.Address) ? bound.Address : (_socket.LocalEndPoint as IPEndPoint)?.Address;
        return WebSocketHandshake.IsKey(request.Key)
            && OriginPolicy.IsOurs(new HostString(request.Host), local, bound.Port, isHttps: false)
            && (request.Origin is null || _server.Policy.IsAllowed(request.Origin, bound.Port));
    }

    private SocketEndpoint? Find(UpgradeRequest request)
    {
        switch (request.Path)
        {
            case SocketEndpoints.TidewirePath:
                return _server.Endpoints.Tidewire(request.Protocols);
            case SocketEndpoints.ProviderPath:
                return _server.Endpoints.Provider();
        }

        if (!request.Path.StartsWith(SocketEndpoints.StreamPath, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = request.Path[SocketEndpoints.StreamPath.Length..].Split('/');
        return parts.Length > 2 || Array.Exists(parts, static part => part.Length == 0)
            ? null
            : _server.Endpoints.Stream(string.Join(':', parts), request.Query.Length > 1 ? new QueryCollection(QueryHelpers.ParseQuery(request.Query)) : QueryCollection.Empty, request.Protocols);
    }

    private async Task ServeAsync(DirectTransport transport, Opening opening)
    {
        transport.Cork(opening.Answer);
        if (!_server.Hub.TryConnect(transport, opening.Endpoint.Wire, out var connection))
        {
            transport.Uncork();
            await LeaveAsync(transport, Disconnect.TooMany.Code, Disconnect.TooMany.Reason);
            return;
        }

        var (code, isViolation) = (0, false);
        using (connection)
        {
            var session = opening.Endpoint.Begin(connection);
            session.Opened();
            transport.Uncork();
            if (_server.Stopping.IsCancellationRequested)
            {
                connection.Close(Disconnect.GoingAway); // it began while the others were being closed
            }

            if (await ReceiveAllAsync(transport, connection, session) is not { } closing)
            {
                return; // the client is gone
            }

            (code, isViolation) = closing;
            Volatile.Write(ref _leavingSince, Math.Max(1, _server.Time.GetTimestamp()));
            transport.Leave();
        }

        if (isViolation)
        {
            await LeaveAsync(transport, code, string.Empty);
        }
        else
        {
            await transport.CloseAsync(code, string.Empty);
        }
    }

    /// <summary>Closes, and waits for the client to do so: ended at once, the kernel would throw the close frame away with what was not read.</summary>
    private async Task LeaveAsync(DirectTransport transport, int code, string reason)
    {
        Volatile.Write(ref _leavingSince, Math.Max(1, _server.Time.GetTimestamp()));
        transport.Leave();
        await transport.CloseAsync(code, reason);
        transport.EndSending();
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            while (await _readiness.ReadAsync(buffer) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads until the end. The code to close with, and whether because the client broke the protocol; null when it is gone.</summary>
    private async Task<(int Code, bool IsViolation)?> ReceiveAllAsync(DirectTransport transport, Connection connection, ISocketSession session)
    {
        using var frames = new ClientFrameReader(_server.Hub.Options.MaxMessageBytes);
        while (true)
        {
            await _readiness.WaitAsync();
            var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            try
            {
                var count = await _readiness.ReadAsync(buffer);
                if (count == 0)
                {
                    return null;
                }

                Volatile.Write(ref _heardAt, _server.Time.GetTimestamp());
                for (var at = 0; ;)
                {
                    var kind = Take(frames, buffer.AsSpan(0, count), ref at, transport, connection, session, out var code);
                    if (kind == ClientFrameKind.None)
                    {
                        break;
                    }

                    if (kind is ClientFrameKind.Close or ClientFrameKind.Violation)
                    {
                        return (code, kind == ClientFrameKind.Violation);
                    }

                    await connection.RepliesTakenAsync();
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private ClientFrameKind Take(ClientFrameReader frames, Span<byte> bytes, ref int at, DirectTransport transport, Connection connection, ISocketSession session, out int code)
    {
        code = 0;
        var kind = frames.Read(bytes, ref at, out var payload);
        switch (kind)
        {
            case ClientFrameKind.Text:
                _server.Hub.Counters.Received();
                session.Received(payload);
                break;
            case ClientFrameKind.Binary:
                Fault(session, SocketServer.NotText);
                break;
            case ClientFrameKind.TooLarge:
                Fault(session, SocketServer.TooLarge(_server.Hub.Options));
                break;
            case ClientFrameKind.Endless:
                _server.Hub.Counters.Received();
                connection.Close(SocketServer.TooBig(_server.Hub.Options));
                break;
            case ClientFrameKind.Ping:
                transport.SendPong(payload);
                break;
            case ClientFrameKind.Close or ClientFrameKind.Violation:
                code = payload.IsEmpty ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(payload);
                break;
        }

        return kind;
    }

    private void Fault(ISocketSession session, ProtocolError error)
    {
        _server.Hub.Counters.Received();
        _server.Hub.Counters.Error();
        session.Unreadable(error);
    }

    /// <summary>A client that may come in.</summary>
    /// <param name="Endpoint">What it will speak.</param>
    /// <param name="Answer">The answer to its opening handshake.</param>
    private readonly record struct Opening(SocketEndpoint Endpoint, byte[] Answer);
}
