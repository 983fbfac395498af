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

    /// <summary>The entry as <c>/api/ws</c> shows it: a message of its feed's type.</summary>
    /// <returns>Bytes written.</returns>
    public static int Message(ChannelLog log, in PublicationParts parts, Span<byte> to)
        => log.Feed.MessageType is { } type
            ? PublicationWriter.Flat(Encoding.UTF8.GetBytes(type), parts, to)
            : PublicationWriter.Message(parts, to);

    /// <summary>One publication as it stands in a <c>history</c> message.</summary>
    public static byte[] Message(ChannelLog log, Publication publication)
    {
        var to = new byte[Room(log, publication)];
        return to[..Message(log, Parts(log, publication, default), to)];
    }

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
