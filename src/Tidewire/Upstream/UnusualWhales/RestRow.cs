using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>One row of a REST answer, or the payload of a socket publication read for comparison with such rows.</summary>
/// <param name="Payload">The row's bytes as sent, without line breaks; empty for a socket publication.</param>
/// <param name="Identity">What tells it from other rows.</param>
/// <param name="Match">What tells it from others across the two interfaces when the identity does not; null where nothing does.</param>
/// <param name="At">The provider's time; null when it tells none.</param>
internal sealed record RestRow(byte[] Payload, string Identity, string? Match, DateTimeOffset? At)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Reads the rows of an answer, oldest first.</summary>
    /// <param name="body">The answer: <c>{"data": …}</c>, or a bare list.</param>
    /// <param name="feed">The feed that it is polled for.</param>
    /// <exception cref="JsonException">It is neither.</exception>
    public static List<RestRow> ReadAnswer(ReadOnlyMemory<byte> body, Feed feed)
    {
        var poll = feed.Poll!;
        if (!Utf8.IsValid(body.Span))
        {
            throw new JsonException("it is no UTF-8"); // and would end a client's connection
        }

        using var document = JsonDocument.Parse(body, Options);
        var root = document.RootElement;
        var data = root.ValueKind == JsonValueKind.Array ? root : Find(root, "data") ?? throw new JsonException("it holds no data");
        if (poll.Rows == PollRows.Whole)
        {
            return data.ValueKind switch
            {
                JsonValueKind.Object => [Of(data, feed)],
                JsonValueKind.Null => [],
                _ => throw new JsonException("data is no object"),
            };
        }

        if (data.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("data is no list");
        }

        var rows = new List<RestRow>(data.GetArrayLength());
        foreach (var element in data.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                rows.Add(Of(element, feed));
            }
        }

        // Lists come in either order. Where rows tell their time the sort is stable, else the newest is taken to stand first.
        if (poll.Rows == PollRows.Events && (rows.Count == 0 || rows[0].At is null || rows[0].At >= rows[^1].At))
        {
            rows.Reverse();
        }

        return poll.Rows == PollRows.State ? rows : [.. rows.OrderBy(static row => row.At ?? DateTimeOffset.MinValue)];
    }

    /// <summary>Reads a publication for comparison; null when it is no object.</summary>
    /// <param name="payload">Its payload.</param>
    /// <param name="feed">Its feed.</param>
    /// <param name="inRestSpelling">Whether it came from REST; else from the socket.</param>
    public static RestRow? OfPublication(ReadOnlySpan<byte> payload, Feed feed, bool inRestSpelling)
    {
        var reader = new Utf8JsonReader(payload);
        using var document = JsonDocument.ParseValue(ref reader);
        var row = document.RootElement;
        return row.ValueKind != JsonValueKind.Object ? null
            : inRestSpelling ? Of(row, feed)
            : new RestRow([], IdOf(row, feed) ?? KeyOf(row, feed.Key, feed.TimeField) ?? "", KeyOf(row, feed.Poll!.Match, null), TimeOf(row, feed.TimeField));
    }

    private static RestRow Of(JsonElement row, Feed feed)
    {
        var poll = feed.Poll!;
        var time = poll.TimeField ?? feed.TimeField;
        var payload = OneLine(row);
        return new RestRow(
            payload,
            IdOf(row, feed) ?? KeyOf(row, poll.Key.Count > 0 ? poll.Key : feed.Key, time) ?? Encoding.UTF8.GetString(payload),
            KeyOf(row, poll.Match, null),
            TimeOf(row, time));
    }

    /// <summary>A value as text; null when it is neither text nor a number, or text that is no characters: half a surrogate can be escaped.</summary>
    internal static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A field of an object; null when it has none of that name, or a name in it is no characters.</summary>
    internal static JsonElement? Find(JsonElement row, string field)
    {
        try
        {
            return row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The bytes as sent, without line breaks: these can only stand between the parts, and would end a message on some wires.</summary>
    private static byte[] OneLine(JsonElement row)
    {
        var raw = JsonMarshal.GetRawUtf8Value(row);
        if (raw.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            return raw.ToArray();
        }

        var line = new byte[raw.Length];
        var length = 0;
        foreach (var letter in raw)
        {
            if (letter is not ((byte)'\r' or (byte)'\n'))
            {
                line[length++] = letter;
            }
        }

        return line[..length];
    }

    private static string? IdOf(JsonElement row, Feed feed)
        => feed.IdField is { } field && Find(row, field) is { } id && TextOf(id) is { } text ? $"id {text}" : null;

    /// <summary>The fields' values in one spelling; null when one is absent or there are none.</summary>
    private static string? KeyOf(JsonElement row, IReadOnlyList<string> fields, string? timeField)
    {
        if (fields.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var field in fields)
        {
            if (Find(row, field) is not { } value)
            {
                return null;
            }

            text.Append(Plain(value, isTime: field == timeField)).Append('\n');
        }

        return text.ToString();
    }

    private static string Plain(JsonElement value, bool isTime)
    {
        if (TextOf(value) is not { } text)
        {
            return value.GetRawText();
        }

        if (isTime && VendorTime.Read(text) is { } at)
        {
            return at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("0.############################", CultureInfo.InvariantCulture)
            : text;
    }

    private static DateTimeOffset? TimeOf(JsonElement row, string? field)
        => field is not null && Find(row, field) is { } value && TextOf(value) is { } text ? VendorTime.Read(text) : null;
}
