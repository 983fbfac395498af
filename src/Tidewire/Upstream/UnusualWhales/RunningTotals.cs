using System.Buffers;
using System.Globalization;
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
    public static List<RestRow> ToIncrements(List<RestRow> rows)
    {
        var increments = new List<RestRow>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            increments.Add(rows[i] with { Payload = Subtract(rows[i].Payload, i == 0 ? null : rows[i - 1].Payload) });
        }

        return increments;
    }

    private static byte[] Subtract(byte[] payload, byte[]? before)
    {
        using var row = JsonDocument.Parse(payload);
        using var earlier = before is null ? null : JsonDocument.Parse(before);
        var isSameDate = earlier is not null && DateOf(row.RootElement) == DateOf(earlier.RootElement);
        var buffer = new ArrayBufferWriter<byte>(payload.Length);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var property in row.RootElement.EnumerateObject())
            {
                json.WritePropertyName(property.Name);
                if (isSameDate && NumberOf(property.Value) is { } now
                    && earlier!.RootElement.TryGetProperty(property.Name, out var then) && NumberOf(then) is { } past)
                {
                    var difference = (now - past).ToString(CultureInfo.InvariantCulture);
                    if (property.Value.ValueKind == JsonValueKind.String)
                    {
                        json.WriteStringValue(difference);
                    }
                    else
                    {
                        json.WriteRawValue(difference);
                    }
                }
                else
                {
                    json.WriteRawValue(property.Value.GetRawText());
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string? DateOf(JsonElement row) => row.TryGetProperty("date", out var date) ? date.ToString() : null;

    private static decimal? NumberOf(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number
        && decimal.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
