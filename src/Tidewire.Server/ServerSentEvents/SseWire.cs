using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.ServerSentEvents;

/// <summary>
/// <c>/api/stream/sse/{feed}</c>: each entry an event whose id is its position, so that a browser resumes by itself. A
/// position on its own is an event without data: the browser keeps the id and tells the page nothing.
/// </summary>
internal sealed class SseWire() : WireFormat(slot: 3)
{
    /// <summary>Id, event and the word before the data: an epoch has at most 64 characters, an offset 20.</summary>
    private const int HeadRoom = 160;

    /// <summary>Where a subscription begins, which is what to resume after until something is shown.</summary>
    /// <param name="position">The position.</param>
    /// <param name="simulated">Whether what follows is simulated.</param>
    /// <param name="retry">How long a browser waits before it connects again.</param>
    /// <param name="notRecovered">The message that says why the client's own position could not be resumed; empty when it could, or there was none.</param>
    public static byte[] Opening(StreamPosition position, bool simulated, TimeSpan retry, ReadOnlySpan<byte> notRecovered)
    {
        Span<byte> head = stackalloc byte[HeadRoom * 2];
        Utf8.TryWrite(
            head,
            CultureInfo.InvariantCulture,
            $"{(simulated ? ": simulated market, nothing of it was traded\n" : "")}retry: {(long)retry.TotalMilliseconds}\nid: {position.Epoch}:{position.Offset}\n{(notRecovered.IsEmpty ? "" : "event: subscription\ndata: ")}",
            out var length);
        return [.. head[..length], .. notRecovered, .. notRecovered.IsEmpty ? "\n"u8 : "\n\n"u8];
    }

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        var rented = ArrayPool<byte>.Shared.Rent(EntryJson.Room(log, publication));
        var json = rented.AsSpan(0, EntryJson.Envelope(log, publication, passed, rented));
        if (json.ContainsAny((byte)'\r', (byte)'\n'))
        {
            // A line's end would end the event's data. In JSON it can only be a space between two tokens, and becomes one.
            json.Replace((byte)'\r', (byte)' ');
            json.Replace((byte)'\n', (byte)' ');
        }

        Span<byte> head = stackalloc byte[HeadRoom];
        Utf8.TryWrite(head, CultureInfo.InvariantCulture, $"id: {log.Epoch}:{publication.Offset}\n{(publication.Gap is null ? "" : "event: gap\n")}data: ", out var length);
        var encoded = GC.AllocateUninitializedArray<byte>(length + json.Length + 2);
        head[..length].CopyTo(encoded);
        json.CopyTo(encoded.AsSpan(length));
        "\n\n"u8.CopyTo(encoded.AsSpan(length + json.Length));
        ArrayPool<byte>.Shared.Return(rented);
        return encoded;
    }

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed)
    {
        Span<byte> text = stackalloc byte[HeadRoom];
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"id: {log.Epoch}:{offset}\n{(passed.IsNone ? "\n" : "event: position\ndata: ")}", out var length);
        return passed.IsNone
            ? text[..length].ToArray()
            : [.. text[..length], .. MessageWriter.Position(log.Name, new StreamPosition(log.Epoch, offset), passed.Merged, passed.Filtered), .. "\n\n"u8];
    }

    public override byte[] Closing(Disconnect disconnect) => [.. "event: closing\ndata: "u8, .. MessageWriter.Closing(disconnect), .. "\n\n"u8];
}
