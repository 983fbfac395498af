using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.ConformanceDriver;

/// <summary>Writes events, a line each, from any thread.</summary>
internal sealed class EventWriter(Stream output)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _gate = new();

    public void Write(string name, Action<Utf8JsonWriter> fields)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line, Plain))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            fields(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        lock (_gate)
        {
            output.Write(line.WrittenSpan);
            output.Flush();
        }
    }
}
