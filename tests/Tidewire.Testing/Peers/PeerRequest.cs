using System.Net.Sockets;
using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.Peers;

/// <summary>One request to a <see cref="ScriptedPeer"/>, to be answered by the test.</summary>
public sealed class PeerRequest
{
    private readonly Socket _socket;
    private readonly HttpHead _head;

    internal PeerRequest(Socket socket, HttpHead head) => (_socket, _head) = (socket, head);

    /// <summary>Path and query as sent.</summary>
    public string Target => _head.FirstLine.Split(' ')[1];

    /// <summary>A header; null when it is absent.</summary>
    public string? Header(string name) => _head[name];

    /// <summary>Answers an upgrade.</summary>
    public async Task<PeerSocket> UpgradeAsync()
    {
        var key = _head["Sec-WebSocket-Key"] ?? throw new InvalidDataException($"'{_head.FirstLine}' is no upgrade.");
        await WriteAsync($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {HttpHead.AcceptFor(key)}\r\n\r\n");
        return new PeerSocket(_socket);
    }

    /// <summary>Answers with a body and ends the connection.</summary>
    public async Task RespondAsync(string status, string type, string body)
    {
        await WriteAsync($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Begins a stream of events; what follows is written with <see cref="WriteAsync"/>.</summary>
    public Task BeginEventsAsync() => WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");

    /// <summary>Writes text as it is.</summary>
    public async Task WriteAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Breaks the connection.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }

        _socket.Dispose();
    }
}

/// <summary>The server's side of a WebSocket, played by a test.</summary>
public sealed class PeerSocket
{
    private readonly Socket _socket;
    private readonly FrameReader _frames;

    internal PeerSocket(Socket socket) => (_socket, _frames) = (socket, new FrameReader(new NetworkStream(socket)));

    /// <summary>The next text that the client sends; null at the end.</summary>
    public async Task<string?> NextAsync()
    {
        while (await _frames.NextAsync(CancellationToken.None).AsTask().WithinBound("a message of the client") is { } frame)
        {
            if (frame.Opcode == Opcode.Text)
            {
                return Encoding.UTF8.GetString(frame.Payload);
            }
        }

        return null;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(FrameBytes.Encode(Opcode.Text, Encoding.UTF8.GetBytes(text)));

    /// <summary>Sends a close frame.</summary>
    public async Task CloseAsync(int code, string reason = "") => await _socket.SendAsync(FrameBytes.Encode(Opcode.Close, FrameBytes.ClosePayload(code, reason)));

    /// <summary>Breaks the connection.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }
}
