using System.Buffers;
using System.Buffers.Binary;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.Polling;

/// <summary>
/// <c>/api/stream/poll/{feed}</c>: the envelope of each entry as it will stand in an answer, behind its offset. The answer
/// tells the position itself.
/// </summary>
internal sealed class PollWire() : WireFormat(slot: 4)
{
    private const int OffsetLength = sizeof(long);

    /// <summary>Takes an encoded entry apart.</summary>
    public static (long Offset, ReadOnlyMemory<byte> Json) Read(ReadOnlyMemory<byte> entry)
        => (BinaryPrimitives.ReadInt64BigEndian(entry.Span), entry[OffsetLength..]);

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        var rented = ArrayPool<byte>.Shared.Rent(EntryJson.Room(log, publication));
        var json = rented.AsSpan(0, EntryJson.Envelope(log, publication, passed, rented));
        var encoded = GC.AllocateUninitializedArray<byte>(OffsetLength + json.Length);
        BinaryPrimitives.WriteInt64BigEndian(encoded, publication.Offset);
        json.CopyTo(encoded.AsSpan(OffsetLength));
        ArrayPool<byte>.Shared.Return(rented);
        return encoded;
    }

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => [];

    public override byte[] Closing(Disconnect disconnect) => [];
}
