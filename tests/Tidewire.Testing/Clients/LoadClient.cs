using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.Clients;

/// <summary>Given each whole message, on the client's own loop. The bytes are gone when it returns.</summary>
public delegate void MessageHandler(ReadOnlySpan<byte> message);

/// <summary>
/// A receiver cheap enough to run a thousand of them beside the server under test: a raw socket and one buffer, frames
/// read where they lie, nothing allocated per message. Answers pings and the close frame. Offers no compression.
/// </summary>
public sealed class LoadClient : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private readonly Pulse _changed = new();
    private readonly MessageHandler _onMessage;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private byte[] _fragments = [];
    private int _fragmentsLength;
    private volatile TaskCompletionSource? _paused;
    private long _messages;
    private volatile bool _disposed;

    private LoadClient(MessageHandler onMessage, int bufferBytes) => (_onMessage, _buffer) = (onMessage, new byte[bufferBytes]);

    /// <summary>What the upgrade was answered with. Anything but 101 leaves a client that is already completed.</summary>
    public HttpStatusCode UpgradeStatus { get; private set; }

    /// <summary>Ends when the connection has ended, for whatever reason; fails only when the server broke RFC 6455 or the handler threw.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Messages received so far.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Bytes of payload received so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The code of the server's close frame: 1005 for one without a code, null without a frame.</summary>
    public int? CloseCode { get; private set; }

    /// <summary>The reason in the server's close frame.</summary>
    public string CloseReason { get; private set; } = "";

    /// <summary>Connects, upgrades and begins to receive.</summary>
    /// <param name="url">The whole address, ws or http, with an address for a host.</param>
    /// <param name="onMessage">Called for each message.</param>
    /// <param name="headers">Such as Origin or Sec-WebSocket-Protocol; Host takes the place of the address.</param>
    /// <param name="bufferBytes">The buffer's first size; it grows to the largest message.</param>
    /// <param name="socketBufferBytes">The system's receive buffer; small values make a slow reader felt sooner.</param>
    public static async Task<LoadClient> ConnectAsync(
        Uri url, MessageHandler onMessage, Dictionary<string, string>? headers = null, int bufferBytes = 16 * 1024, int? socketBufferBytes = null)
    {
        var client = new LoadClient(onMessage, bufferBytes);
        if (socketBufferBytes is { } bytes)
        {
            client._socket.ReceiveBufferSize = bytes;
        }

        try
        {
            await client.UpgradeAsync(url, headers ?? []).WithinBound($"an upgrade of {url.AbsolutePath}");
        }
        catch
        {
            client._socket.Dispose();
            throw;
        }

        if (client.UpgradeStatus == HttpStatusCode.SwitchingProtocols)
        {
            client.Completion = client.ReceiveAsync();
        }

        return client;
    }

    /// <summary>Sends one text message.</summary>
    public void SendText(string text) => Send(FrameBytes.EncodeMasked(Opcode.Text, Encoding.UTF8.GetBytes(text)));

    /// <summary>Stops reading from the socket after what is in the buffer: a slow reader, as the server sees it.</summary>
    public void Pause() => _paused ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads again.</summary>
    public void Resume() => Interlocked.Exchange(ref _paused, null)?.TrySetResult();

    /// <summary>Waits until this many messages have been received.</summary>
    public Task WaitForMessagesAsync(long count) =>
        _changed.UntilAsync(() => Messages >= count, () => $"{count} messages (received {Messages}, connection {(Completion.IsCompleted ? "ended" : "open")})");

    /// <summary>Waits until the connection has ended. Rethrows what <see cref="Completion"/> failed with.</summary>
    public Task WaitForCloseAsync() => Completion.WithinBound("the server to end the connection");

    /// <summary>Breaks the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _socket.Dispose();
        Resume();
        await Completion.WithinBound("a load client to end");
    }

    private async Task UpgradeAsync(Uri url, Dictionary<string, string> headers)
    {
        await _socket.ConnectAsync(IPAddress.Parse(url.Host), url.Port);
        var request = new StringBuilder()
            .Append("GET ").Append(url.PathAndQuery).Append(" HTTP/1.1\r\nHost: ").Append(headers.GetValueOrDefault("Host", url.Authority))
            .Append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nUser-Agent: tidewire-load\r\nSec-WebSocket-Key: ")
            .Append(Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))).Append("\r\n");
        foreach (var (name, value) in headers.Where(header => header.Key != "Host"))
        {
            request.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        Send(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()));
        int head;
        while ((head = _buffer.AsSpan(0, _end).IndexOf(HttpHead.End)) < 0)
        {
            if (!Grew(await _socket.ReceiveAsync(Room())))
            {
                throw new IOException("The connection ended before the upgrade was answered.");
            }
        }

        UpgradeStatus = Enum.Parse<HttpStatusCode>(HttpHead.Parse(_buffer.AsSpan(0, head)).FirstLine.Split(' ')[1]);
        _start = head + HttpHead.End.Length;
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (Consume())
            {
                if (_paused is { } paused)
                {
                    await paused.Task;
                }

                // Awaited here and not in a method of its own, which would allocate for each wait.
                if (!Grew(await _socket.ReceiveAsync(Room())))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException || (e is OperationCanceledException && _disposed))
        {
            // The ordinary end of a connection.
        }
        finally
        {
            _socket.Dispose();
            _changed.Beat();
        }
    }

    /// <summary>The free end of the buffer, made by moving what is left to the front or by growing.</summary>
    private Memory<byte> Room()
    {
        if (_end == _buffer.Length || _start == _end)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        return _buffer.AsMemory(_end);
    }

    private bool Grew(int read)
    {
        _end += read;
        return read > 0;
    }

    /// <summary>Takes all whole frames out of the buffer. False after a close frame.</summary>
    private bool Consume()
    {
        var before = _messages;
        var open = true;
        while (open && TryTakeFrame(out var opcode, out var fin, out var payload))
        {
            open = Take(opcode, fin, payload);
        }

        if (_messages != before)
        {
            _changed.Beat();
        }

        return open;
    }

    private bool TryTakeFrame(out Opcode opcode, out bool fin, out ReadOnlySpan<byte> payload)
    {
        opcode = default;
        fin = false;
        payload = default;
        var bytes = _buffer.AsSpan(_start.._end);
        if (bytes.Length < 2)
        {
            return false;
        }

        if ((bytes[0] & 0x70) != 0 || (bytes[1] & 0x80) != 0)
        {
            throw new InvalidDataException("The server sent reserved bits or a masked frame.");
        }

        long length = bytes[1];
        var header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
        {
            return false;
        }

        length = header switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => length,
        };
        if (bytes.Length - header < length)
        {
            return false;
        }

        opcode = (Opcode)(bytes[0] & 0x0F);
        fin = (bytes[0] & 0x80) != 0;
        payload = bytes.Slice(header, (int)length);
        _start += header + (int)length;
        return true;
    }

    private bool Take(Opcode opcode, bool fin, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case Opcode.Ping:
                Send(FrameBytes.EncodeMasked(Opcode.Pong, payload));
                return true;
            case Opcode.Pong:
                return true;
            case Opcode.Close:
                CloseCode = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1005;
                CloseReason = payload.Length > 2 ? Encoding.UTF8.GetString(payload[2..]) : "";
                Send(FrameBytes.EncodeMasked(Opcode.Close, payload));
                return false;
            case Opcode.Continuation or Opcode.Text or Opcode.Binary when !fin || opcode == Opcode.Continuation:
                Gather(payload);
                if (fin)
                {
                    Deliver(_fragments.AsSpan(0, _fragmentsLength));
                    _fragmentsLength = 0;
                }

                return true;
            case Opcode.Text or Opcode.Binary:
                Deliver(payload);
                return true;
            default:
                throw new InvalidDataException($"The server sent opcode {opcode}.");
        }
    }

    private void Gather(ReadOnlySpan<byte> part)
    {
        if (_fragments.Length < _fragmentsLength + part.Length)
        {
            Array.Resize(ref _fragments, (_fragmentsLength + part.Length) * 2);
        }

        part.CopyTo(_fragments.AsSpan(_fragmentsLength));
        _fragmentsLength += part.Length;
    }

    private void Deliver(ReadOnlySpan<byte> message)
    {
        _onMessage(message);
        Bytes += message.Length;
        Volatile.Write(ref _messages, _messages + 1);
    }

    private void Send(byte[] bytes)
    {
        lock (_sending)
        {
            _socket.Send(bytes);
        }
    }
}
