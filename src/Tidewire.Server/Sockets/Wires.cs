using System.Buffers;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>An entry of a log as JSON, before any wire frames it.</summary>
internal static class EntryJson
{
    /// <summary>Bytes that are enough for an entry.</summary>
    public static int Room(ChannelLog log, Publication publication) => PublicationWriter.Room(log.NameUtf8.Length, publication.Payload.Length);

    /// <summary>The entry as <c>/api/stream</c> shows it: the envelope of a publication, or a gap.</summary>
    /// <returns>Bytes written.</returns>
    public static int Envelope(ChannelLog log, Publication publication, PassedOver passed, Span<byte> to) => publication.Gap is { } gap
        ? Gap(log, publication.Offset, gap, passed, to)
        : PublicationWriter.Envelope(Parts(log, publication, passed), to);

    /// <summary>A gap, the same on every Tidewire wire.</summary>
    /// <returns>Bytes written.</returns>
    public static int Gap(ChannelLog log, long offset, Gap gap, PassedOver passed, Span<byte> to) => PublicationWriter.Gap(
        new GapParts
        {
            Channel = log.NameUtf8.Span,
            Epoch = log.EpochUtf8.Span,
            Offset = offset,
            From = gap.From,
            To = gap.To,
            Count = gap.Count,
            Reason = gap.ReasonUtf8,
            Backfilled = gap.Backfilled,
            Merged = passed.Merged,
            Filtered = passed.Filtered,
        },
        to);

    /// <summary>What the writers need of a publication.</summary>
    public static PublicationParts Parts(ChannelLog log, Publication publication, PassedOver passed) => new()
    {
        Channel = log.NameUtf8.Span,
        Epoch = log.EpochUtf8.Span,
        Offset = publication.Offset,
        ReceivedAt = publication.ReceivedAt,
        Payload = publication.Payload,
        Source = publication.Source switch
        {
            PublicationSource.Socket => "socket"u8,
            PublicationSource.Rest => "rest"u8,
            PublicationSource.Derived => "derived"u8,
            PublicationSource.Simulated => "simulated"u8,
            _ => "replay"u8,
        },
        Replaces = publication.Replaces,
        Merged = passed.Merged,
        Filtered = passed.Filtered,
    };
}

/// <summary>What the two Tidewire wires over WebSocket share: gaps, positions, the closing message.</summary>
internal abstract class TidewireWire(int slot) : WireFormat(slot)
{
    public sealed override bool IsResumed => true;

    public sealed override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        var rented = ArrayPool<byte>.Shared.Rent(EntryJson.Room(log, publication));
        var length = publication.Gap is { } gap
            ? EntryJson.Gap(log, publication.Offset, gap, passed, rented)
            : Write(log, EntryJson.Parts(log, publication, passed), rented);
        var frame = WebSocketFrame.Text(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return frame;
    }

    public sealed override byte[] Position(ChannelLog log, long offset, PassedOver passed)
        => WebSocketFrame.Text(MessageWriter.Position(log.Name, new StreamPosition(log.Epoch, offset), passed.Merged, passed.Filtered));

    public sealed override byte[] Closing(Disconnect disconnect) => WebSocketFrame.Text(MessageWriter.Closing(disconnect));

    protected abstract int Write(ChannelLog log, in PublicationParts parts, Span<byte> to);
}

/// <summary><c>/api/ws</c> in plain JSON: one object per text frame.</summary>
internal sealed class JsonWire() : TidewireWire(slot: 0)
{
    /// <summary>Ten times a second: the contract of this wire without a subprotocol.</summary>
    public override TimeSpan StateInterval => TimeSpan.FromMilliseconds(100);

    /// <summary>One publication as it stands in a <c>history</c> message.</summary>
    public static byte[] Bare(ChannelLog log, Publication publication)
    {
        var to = new byte[EntryJson.Room(log, publication)];
        return to[..WriteMessage(log, EntryJson.Parts(log, publication, default), to)];
    }

    protected override int Write(ChannelLog log, in PublicationParts parts, Span<byte> to) => WriteMessage(log, parts, to);

    private static int WriteMessage(ChannelLog log, in PublicationParts parts, Span<byte> to)
        => log.Feed.MessageType is { } type
            ? PublicationWriter.Flat(Encoding.UTF8.GetBytes(type), parts, to)
            : PublicationWriter.Message(parts, to);
}

/// <summary><c>/api/stream/ws/{feed}</c>: the envelope <c>{"channel","timestamp","data"}</c>.</summary>
internal sealed class EnvelopeWire() : TidewireWire(slot: 1)
{
    protected override int Write(ChannelLog log, in PublicationParts parts, Span<byte> to) => PublicationWriter.Envelope(parts, to);
}
