using System.Buffers.Binary;
using System.Text;

namespace Tidewire.Testing.WebSockets;

/// <summary>Writes frames of RFC 6455 byte by byte, so that a test can also write wrong ones.</summary>
internal static class FrameBytes
{
    /// <summary>The longest header: two bytes, an eight-byte length, a mask.</summary>
    public const int MaxHeader = 14;

    private const byte Fin = 0x80;
    private const byte Masked = 0x80;

    /// <summary>An unmasked frame, as a server sends it.</summary>
    public static byte[] Encode(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        var length = WriteHeader(header, opcode, payload.Length, fin);
        var frame = new byte[length + payload.Length];
        header[..length].CopyTo(frame);
        payload.CopyTo(frame.AsSpan(length));
        return frame;
    }

    /// <summary>A masked frame, as a client sends it. The mask is zero: allowed, and the payload stays readable in a capture.</summary>
    public static byte[] EncodeMasked(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        var length = WriteHeader(header, opcode, payload.Length);
        header[1] |= Masked;
        var frame = new byte[length + 4 + payload.Length];
        header[..length].CopyTo(frame);
        payload.CopyTo(frame.AsSpan(length + 4));
        return frame;
    }

    /// <summary>Writes the header of an unmasked frame and returns its length.</summary>
    public static int WriteHeader(Span<byte> header, Opcode opcode, int payloadLength, bool fin = true)
    {
        header[0] = (byte)((fin ? Fin : 0) | (byte)opcode);
        switch (payloadLength)
        {
            case < 126:
                header[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payloadLength);
                return 4;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payloadLength);
                return 10;
        }
    }

    /// <summary>The payload of a close frame; empty for code 0, which stands for a close without a code.</summary>
    public static byte[] ClosePayload(int code, string reason)
    {
        if (code == 0)
        {
            return [];
        }

        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        return payload;
    }
}
