using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>One frame as the server sent it.</summary>
internal readonly record struct RawFrame(int Opcode, byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;
}

/// <summary>A client that writes its frames byte by byte, so that it can also break the protocol, and reads only when asked.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NetworkStream _stream;

    private RawSocket(Uri server)
    {
        _socket.Connect(IPAddress.Loopback, server.Port);
        _stream = new NetworkStream(_socket, ownsSocket: true);
    }

    /// <summary>Connects, and sends nothing yet.</summary>
    public static RawSocket Open(Uri server) => new(server);

    /// <summary>Connects and upgrades.</summary>
    public static async Task<RawSocket> ConnectAsync(Uri server, string path)
    {
        var client = new RawSocket(server);
        var answer = await client.RequestAsync(
            $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        return client;
    }

    /// <summary>Sends a request that is not upgraded. Returns the head of the answer.</summary>
    public static async Task<string> AskAsync(Uri server, string request)
    {
        await using var client = new RawSocket(server);
        return await client.RequestAsync(request);
    }

    public async Task SendAsync(int opcode, ReadOnlyMemory<byte> payload, bool fin = true) => await WriteAsync(Frame(opcode, payload.Span, fin));

    public Task SendTextAsync(string text) => SendAsync(Text, Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes).AsTask().WithinBound("the server to take bytes");

    /// <summary>The next frame; null when the connection has ended.</summary>
    public async Task<RawFrame?> NextAsync()
    {
        try
        {
            return await ReadAsync().WithinBound("a frame");
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads until some bytes have come so many times, in whatever frames; they must not repeat themselves.</summary>
    public async Task CountAsync(ReadOnlyMemory<byte> wanted, int times)
    {
        var buffer = new byte[64 << 10];
        var kept = 0;
        for (var count = 0; count < times;)
        {
            var read = await _stream.ReadAsync(buffer.AsMemory(kept)).AsTask().WithinBound($"answer {count + 1} of {times}");
            Assert.NotEqual(0, read);
            var there = buffer.AsSpan(0, kept + read);
            for (int at; (at = there.IndexOf(wanted.Span)) >= 0; count++)
            {
                there = there[(at + wanted.Length)..];
            }

            kept = Math.Min(there.Length, wanted.Length - 1); // what may be the beginning of another
            there[^kept..].CopyTo(buffer);
        }
    }

    /// <summary>The code that the server closes with, leaving out what it sends before; null when it just ends the connection.</summary>
    public async Task<int?> CloseCodeAsync()
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Opcode == Close)
            {
                return frame.CloseCode;
            }
        }

        return null;
    }

    /// <summary>A masked frame; the mask is zero.</summary>
    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, bool fin = true)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0x80 | 127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        return [(byte)((fin ? 0x80 : 0) | opcode), .. length, 0, 0, 0, 0, .. payload];
    }

    /// <summary>Says that nothing more will be sent; the rest of the connection stays.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private async Task<string> RequestAsync(string request)
    {
        await WriteAsync(Encoding.Latin1.GetBytes(request));
        return await HeadAsync();
    }

    /// <summary>The head of an answer; as much of it as came before the connection ended.</summary>
    public async Task<string> HeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one).AsTask().WithinBound("an answer") == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private async Task<RawFrame?> ReadAsync()
    {
        var head = new byte[2];
        if (await _stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false) < 2)
        {
            return null;
        }

        Assert.Equal((0, 0), (head[0] & 0x70, head[1] & 0x80));
        var extended = new byte[head[1] switch { 126 => 2, 127 => 8, _ => 0 }];
        await _stream.ReadExactlyAsync(extended);
        var length = extended.Length switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(extended),
            8 => (int)BinaryPrimitives.ReadInt64BigEndian(extended),
            _ => head[1],
        };
        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload);
        return new RawFrame(head[0] & 0x0F, payload);
    }
}
