using System.Buffers.Binary;

namespace Tidewire.Server.Sockets;

/// <summary>Server frames of RFC 6455 section 5.2: final and unmasked.</summary>
internal static class WebSocketFrame
{
    /// <summary>Bytes of messages that share one frame at most, so that no client meets a frame much larger than a message.</summary>
    public const int MaxJoined = ushort.MaxValue;

    private const byte FinalText = 0x81;

    /// <summary>One text message as one frame, ready to be sent.</summary>
    public static byte[] Text(ReadOnlySpan<byte> message) => Of(FinalText, message);

    /// <summary>The message that a frame of ours holds.</summary>
    public static Span<byte> Payload(byte[] frame) => frame.AsSpan(HeaderLength(frame));

    /// <summary>
    /// Puts frames together: neighbours of one kind share a frame of up to <see cref="MaxJoined"/> bytes.
    /// </summary>
    /// <param name="frames">Frames of ours, each with one message.</param>
    /// <param name="to">Where to: as long as the frames are, and one byte for each more.</param>
    /// <param name="separator">What stands between two messages.</param>
    /// <returns>Bytes written.</returns>
    public static int Join(ReadOnlySpan<byte[]> frames, Span<byte> to, ReadOnlySpan<byte> separator)
    {
        var at = 0;
        while (!frames.IsEmpty)
        {
            var first = frames[0][0];
            var length = frames[0].Length - HeaderLength(frames[0]);
            var count = 1;
            while (count < frames.Length && frames[count][0] == first)
            {
                var longer = length + separator.Length + frames[count].Length - HeaderLength(frames[count]);
                if (longer > MaxJoined)
                {
                    break;
                }

                length = longer;
                count++;
            }

            if (count == 1)
            {
                frames[0].CopyTo(to[at..]);
                at += frames[0].Length;
            }
            else
            {
                at += WriteHeader(to[at..], first, length);
                at += Copy(frames[..count], to[at..], separator);
            }

            frames = frames[count..];
        }

        return at;
    }

    private static byte[] Of(byte first, ReadOnlySpan<byte> message)
    {
        var header = message.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = GC.AllocateUninitializedArray<byte>(header + message.Length);
        WriteHeader(frame, first, message.Length);
        message.CopyTo(frame.AsSpan(header));
        return frame;
    }

    private static int Copy(ReadOnlySpan<byte[]> frames, Span<byte> to, ReadOnlySpan<byte> separator)
    {
        var at = 0;
        foreach (var frame in frames)
        {
            if (at > 0)
            {
                separator.CopyTo(to[at..]);
                at += separator.Length;
            }

            var message = frame.AsSpan(HeaderLength(frame));
            message.CopyTo(to[at..]);
            at += message.Length;
        }

        return at;
    }

    private static int HeaderLength(byte[] frame) => frame[1] switch { < 126 => 2, 126 => 4, _ => 10 };

    private static int WriteHeader(Span<byte> to, byte first, int length)
    {
        to[0] = first;
        switch (length)
        {
            case < 126:
                to[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                to[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)length);
                return 4;
            default:
                to[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)length);
                return 10;
        }
    }
}
