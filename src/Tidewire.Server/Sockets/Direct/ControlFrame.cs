using System.Buffers.Binary;
using System.Text;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>Ready control frames (RFC 6455 section 5.5), as a server sends them.</summary>
internal static class ControlFrame
{
    private const byte CloseHead = 0x88, PingHead = 0x89, PongHead = 0x8A;

    private const int MaxPayload = 125;

    /// <summary>A ping without a payload.</summary>
    public static byte[] Ping { get; } = [PingHead, 0];

    /// <summary>The answer to a ping.</summary>
    /// <param name="payload">What came with it, at most 125 bytes.</param>
    public static byte[] Pong(ReadOnlySpan<byte> payload) => [PongHead, (byte)payload.Length, .. payload];

    /// <summary>A close.</summary>
    /// <param name="code">The code; 0 for a frame without one.</param>
    /// <param name="reason">At most 123 bytes.</param>
    public static byte[] Close(int code, string reason)
    {
        if (code == 0)
        {
            return [CloseHead, 0];
        }

        Span<byte> payload = stackalloc byte[MaxPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.TryGetBytes(reason, payload[2..], out var length);
        return [CloseHead, (byte)(2 + length), .. payload[..(2 + length)]];
    }
}
