using System.Buffers.Binary;

namespace Tidewire.Server.Sockets;

/// <summary>Server frames of RFC 6455 section 5.2: final, unmasked, uncompressed text.</summary>
internal static class WebSocketFrame
{
    private const byte FinalText = 0x81;

    /// <summary>One text message as one frame, ready to be sent.</summary>
    public static byte[] Text(ReadOnlySpan<byte> message)
    {
        var header = message.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = GC.AllocateUninitializedArray<byte>(header + message.Length);
        frame[0] = FinalText;
        switch (header)
        {
            case 2:
                frame[1] = (byte)message.Length;
                break;
            case 4:
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)message.Length);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)message.Length);
                break;
        }

        message.CopyTo(frame.AsSpan(header));
        return frame;
    }
}
