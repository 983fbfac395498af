using System.Buffers;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>What the Tidewire wires over WebSocket share: gaps, positions, the closing message, and how they are framed.</summary>
/// <param name="slot">Its place among the encodings of a publication.</param>
/// <param name="framing">How messages become frames.</param>
internal abstract class TidewireWire(int slot, SocketFraming framing) : WireFormat(slot)
{
    public sealed override string Name => framing.Name.Length == 0 ? PlainName : $"{PlainName}_{framing.Name}";

    public sealed override bool IsResumed => true;

    public sealed override bool Joins => framing.Joins;

    /// <summary>Its name in the metrics without a subprotocol.</summary>
    protected abstract string PlainName { get; }

    /// <summary>One message of the server, other than an entry, ready to be sent.</summary>
    /// <param name="message">A JSON object.</param>
    public byte[] Frame(ReadOnlySpan<byte> message) => framing.Frame(message);

    public sealed override int Join(ReadOnlySpan<byte[]> parts, Span<byte> to) => framing.Join(parts, to);

    public sealed override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        var rented = ArrayPool<byte>.Shared.Rent(EntryJson.Room(log, publication));
        var length = publication.Gap is { } gap
            ? EntryJson.Gap(log, publication.Offset, gap, passed, rented)
            : Write(log, EntryJson.Parts(log, publication, passed), rented);
        var frame = framing.Frame(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return frame;
    }

    public sealed override byte[] Position(ChannelLog log, long offset, PassedOver passed)
        => framing.Frame(MessageWriter.Position(log.Name, new StreamPosition(log.Epoch, offset), passed.Merged, passed.Filtered));

    public sealed override byte[] Closing(Disconnect disconnect) => framing.Frame(MessageWriter.Closing(disconnect));

    protected abstract int Write(ChannelLog log, in PublicationParts parts, Span<byte> to);
}

/// <summary><c>/api/ws</c>: a message of the feed's type, such as <c>{"type":"message",…}</c>.</summary>
internal sealed class ManyChannelsWire(int slot, SocketFraming framing) : TidewireWire(slot, framing)
{
    /// <summary>Ten times a second: the contract of <c>/api/ws</c>, whatever the framing.</summary>
    public override TimeSpan StateInterval => TimeSpan.FromMilliseconds(100);

    protected override string PlainName => "json";

    protected override int Write(ChannelLog log, in PublicationParts parts, Span<byte> to) => EntryJson.Message(log, parts, to);
}

/// <summary><c>/api/stream/ws/{feed}</c>: the envelope <c>{"channel","timestamp","data"}</c>.</summary>
internal sealed class EnvelopeWire(int slot, SocketFraming framing) : TidewireWire(slot, framing)
{
    protected override string PlainName => "envelope";

    protected override int Write(ChannelLog log, in PublicationParts parts, Span<byte> to) => PublicationWriter.Envelope(parts, to);
}
