using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// Turns running totals of a session, one row per minute, into what was added in each minute: every number, written as
/// text or not, becomes its difference to the row before; the rest stays. The first row of a date is its own difference.
/// </summary>
internal static class RunningTotals
{
    /// <summary>The rows as increments, in the same order.</summary>
    /// <param name="rows">Rows in order of time.</param>
    /// <param name="timeField">The field that holds a row's time, which may be a number and is no total; null for none.</param>
    public static List<RestRow> ToIncrements(List<RestRow> rows, string? timeField)
    {
        var increments = new List<RestRow>(rows.Count);
        var totals = new Dictionary<string, decimal>(StringComparer.Ordinal);
        string? date = null;
        foreach (var row in rows)
        {
            using var document = JsonDocument.Parse(row.Payload);
            if (DateOf(document.RootElement) is var on && (increments.Count == 0 || on != date))
            {
                totals.Clear();
                date = on;
            }

            increments.Add(row with { Payload = Subtract(document.RootElement, totals, timeField) });
        }

        return increments;
    }

    /// <summary>A row's numbers less the last that were known, which it then takes the place of: a row may lack one.</summary>
    private static byte[] Subtract(JsonElement row, Dictionary<string, decimal> totals, string? timeField)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var property in row.EnumerateObject())
            {
                if (NameOf(property) is not { } name)
                {
                    continue;
                }

                json.WritePropertyName(name);
                if (name == timeField || NumberOf(property.Value) is not { } now)
                {
                    json.WriteRawValue(JsonMarshal.GetRawUtf8Value(property.Value), skipInputValidation: true);
                    continue;
                }

                var difference = (now - totals.GetValueOrDefault(name)).ToString(CultureInfo.InvariantCulture);
                totals[name] = now;
                if (property.Value.ValueKind == JsonValueKind.String)
                {
                    json.WriteStringValue(difference);
                }
                else
                {
                    json.WriteRawValue(difference);
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null for a name that is no characters.</summary>
    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? DateOf(JsonElement row) => RestRow.Find(row, "date") is { } date ? RestRow.TextOf(date) : null;

    /// <summary>Null also for a number beyond any sum of money, with which decimal arithmetic would fail.</summary>
    private static decimal? NumberOf(JsonElement value) => RestRow.TextOf(value) is { } text
        && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= 1e24m ? number : null;
}
