using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidewire.Client;
using Tidewire.Protocol;

namespace Tidewire.Server.Verbs;

/// <summary>Entries as lines of JSON: publications and gaps as on <c>/api/stream</c>, what became of the subscription beside them.</summary>
internal static class TailJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, Entry entry)
    {
        if (entry is Subscribed or Advanced)
        {
            return; // nothing to show
        }

        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, Plain))
        {
            json.WriteStartObject();
            json.WriteString("channel", entry.Channel);
            switch (entry)
            {
                case Publication publication:
                    json.WriteString("timestamp", MessageWriter.Instant(publication.ReceivedAt));
                    json.WritePropertyName("data");
                    json.WriteRawValue(OneLine(publication.Payload), skipInputValidation: true);
                    At(json, publication.Position, publication.Merged, publication.Filtered);
                    if (publication.Replaces is { } replaces)
                    {
                        json.WriteNumber("replaces", replaces);
                    }

                    json.WriteString("source", publication.Source);
                    break;
                case Gap gap:
                    json.WriteString("type", "gap");
                    At(json, gap.Position, gap.Merged, gap.Filtered);
                    json.WriteString("from_time", MessageWriter.Instant(gap.From));
                    json.WriteString("to_time", MessageWriter.Instant(gap.To));
                    json.WritePropertyName("count");
                    if (gap.Count is { } count)
                    {
                        json.WriteNumberValue(count);
                    }
                    else
                    {
                        json.WriteNullValue();
                    }

                    json.WriteString("reason", gap.Reason);
                    json.WriteBoolean("backfilled", gap.IsBackfilled);
                    break;
                case Reset reset:
                    json.WriteString("type", "reset");
                    At(json, reset.Position, 0, 0);
                    json.WriteString("reason", reset.Reason);
                    break;
                case Missed missed:
                    json.WriteString("type", "missed");
                    json.WriteString("epoch", missed.Epoch);
                    json.WriteNumber("from", missed.From);
                    json.WriteNumber("to", missed.To);
                    break;
            }

            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(line.WrittenSpan));
        output.Write('\n');
    }

    /// <summary>A line's end between two tokens would end the line; within a text it cannot stand.</summary>
    private static ReadOnlySpan<byte> OneLine(ReadOnlyMemory<byte> payload)
    {
        if (payload.Span.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            return payload.Span;
        }

        var bytes = payload.ToArray();
        bytes.AsSpan().ReplaceAny(SearchValues.Create("\r\n"u8), (byte)' ');
        return bytes;
    }

    private static void At(Utf8JsonWriter json, StreamPosition position, long merged, long filtered)
    {
        json.WriteNumber("offset", position.Offset);
        json.WriteString("epoch", position.Epoch);
        if (merged > 0)
        {
            json.WriteNumber("merged", merged);
        }

        if (filtered > 0)
        {
            json.WriteNumber("filtered", filtered);
        }
    }
}
