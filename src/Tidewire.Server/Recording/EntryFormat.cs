using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>What stands in the column <c>kind</c> of a publication.</summary>
internal enum EntryKind
{
    /// <summary>A payload that came without a frame.</summary>
    Payload = 0,

    /// <summary>A frame of the provider; the payload is a part of it.</summary>
    Frame = 1,

    /// <summary>A gap; its bytes are <see cref="EntryFormat"/>'s JSON.</summary>
    Gap = 2,
}

/// <summary>How an entry stands in a row.</summary>
internal static class EntryFormat
{
    private static readonly Dictionary<string, GapReason> Reasons = Enum.GetValues<GapReason>().ToDictionary(static reason => Name(reason));

    /// <summary>A gap as JSON: instants to the tick, <c>count</c> null when unknown, the reason as on the wire.</summary>
    /// <param name="gap">The gap.</param>
    public static byte[] Write(Gap gap)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("from_time"u8, gap.From.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("to_time"u8, gap.To.ToString("O", CultureInfo.InvariantCulture));
            if (gap.Count is { } count)
            {
                json.WriteNumber("count"u8, count);
            }
            else
            {
                json.WriteNull("count"u8);
            }

            json.WriteString("reason"u8, gap.ReasonUtf8);
            json.WriteBoolean("backfilled"u8, gap.Backfilled);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The entry that stands in a row.</summary>
    /// <exception cref="SqliteException">No entry looks like this: the file is damaged.</exception>
    public static Publication Read(long offset, long receivedTicks, long kind, long source, long start, long length, long replaces, ReadOnlySpan<byte> bytes)
    {
        if (receivedTicks < 0 || receivedTicks > DateTime.MaxValue.Ticks || source is < 0 or > (long)PublicationSource.Replay
            || start < 0 || length < 0 || start > bytes.Length || length > bytes.Length - start || replaces < 0)
        {
            throw SqliteException.Damaged($"the row of offset {offset} is impossible");
        }

        var receivedAt = new DateTimeOffset(receivedTicks, TimeSpan.Zero);
        var payload = (int)start..(int)(start + length);
        return (EntryKind)kind switch
        {
            EntryKind.Payload => Publication.OfStored(offset, bytes.ToArray(), payload, isFrame: false, receivedAt, (PublicationSource)source, gap: null, replaces),
            EntryKind.Frame => Publication.OfStored(offset, bytes.ToArray(), payload, isFrame: true, receivedAt, (PublicationSource)source, gap: null, replaces),
            EntryKind.Gap => Publication.OfStored(offset, [], 0..0, isFrame: false, receivedAt, (PublicationSource)source, ReadGap(bytes, offset), replaces),
            _ => throw SqliteException.Damaged($"the row of offset {offset} is of no known kind"),
        };
    }

    private static Gap ReadGap(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            var json = new Utf8JsonReader(bytes);
            var gap = JsonElement.ParseValue(ref json);
            var count = gap.GetProperty("count"u8);
            return new Gap(
                Instant(gap.GetProperty("from_time"u8)),
                Instant(gap.GetProperty("to_time"u8)),
                count.ValueKind == JsonValueKind.Null ? null : count.GetInt64(),
                Reasons[gap.GetProperty("reason"u8).GetString()!],
                gap.GetProperty("backfilled"u8).GetBoolean());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentNullException)
        {
            throw SqliteException.Damaged($"the gap at offset {offset} cannot be read");
        }
    }

    private static DateTimeOffset Instant(JsonElement text)
        => DateTimeOffset.ParseExact(text.GetString()!, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static string Name(GapReason reason)
        => System.Text.Encoding.UTF8.GetString(new Gap(default, default, null, reason, Backfilled: false).ReasonUtf8);
}
