using System.Buffers.Binary;

namespace Tidewire.Testing.WebSockets;

/// <summary>One frame as a client sent it, unmasked.</summary>
internal readonly record struct ClientFrameBytes(Opcode Opcode, bool Fin, bool WasMasked, byte[] Payload);

/// <summary>Reads the frames that a client sends. Allocates per frame: clients say little.</summary>
internal sealed class FrameReader(Stream stream)
{
    private const int MaxPayload = 16 * 1024 * 1024;
    private readonly byte[] _header = new byte[FrameBytes.MaxHeader];

    /// <summary>The next frame; null at the end of the stream, even in the middle of a frame.</summary>
    public async ValueTask<ClientFrameBytes?> NextAsync(CancellationToken cancellation)
    {
        if (!await FillAsync(_header.AsMemory(0, 2), cancellation))
        {
            return null;
        }

        var opcode = (Opcode)(_header[0] & 0x0F);
        var fin = (_header[0] & 0x80) != 0;
        var masked = (_header[1] & 0x80) != 0;
        long length = _header[1] & 0x7F;
        var extended = length switch { 126 => 2, 127 => 8, _ => 0 };
        if (!await FillAsync(_header.AsMemory(2, extended + (masked ? 4 : 0)), cancellation))
        {
            return null;
        }

        length = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
            8 => (long)BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
            _ => length,
        };
        if (length is < 0 or > MaxPayload)
        {
            throw new InvalidDataException($"A client sent a frame of {length} bytes.");
        }

        var payload = new byte[length];
        if (!await FillAsync(payload, cancellation))
        {
            return null;
        }

        if (masked)
        {
            Unmask(payload, _header.AsSpan(2 + extended, 4));
        }

        return new(opcode, fin, masked, payload);
    }

    private static void Unmask(Span<byte> payload, ReadOnlySpan<byte> mask)
    {
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i & 3];
        }
    }

    private async ValueTask<bool> FillAsync(Memory<byte> target, CancellationToken cancellation) =>
        await stream.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellation) == target.Length;
}
