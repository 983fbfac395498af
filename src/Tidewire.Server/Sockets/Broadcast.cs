using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>What a field of a broadcast may hold.</summary>
internal enum BroadcastFieldType
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A JSON number, passed on digit by digit.</summary>
    Number,

    /// <summary>An instant in ISO 8601 with its offset.</summary>
    Instant,
}

/// <summary>One field of a broadcast.</summary>
/// <param name="Name">Its name in the message.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Required">Whether it must be there; otherwise it is null when it is not.</param>
/// <param name="Alias">Another name under which it may be given.</param>
internal sealed record BroadcastField(string Name, BroadcastFieldType Type, bool Required = false, string? Alias = null);

/// <summary>
/// A kind of message that programs on this machine may publish by <c>POST /api/ws/broadcast/{kind}</c>: the feed it goes
/// to and the fields it has. The message's own fields come out in this order, whatever order they were given in.
/// </summary>
/// <param name="Name">Its name in the address.</param>
/// <param name="Feed">The feed it is published on; one that takes a ticker takes it from the field <c>ticker</c>.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record Broadcast(string Name, string Feed, params IReadOnlyList<BroadcastField> Fields)
{
    /// <summary>Every kind there is.</summary>
    public static IReadOnlyList<Broadcast> Kinds { get; } =
    [
        new("price", "ticker",
            new("ticker", BroadcastFieldType.Text, Required: true),
            new("price", BroadcastFieldType.Number, Required: true),
            new("change", BroadcastFieldType.Number),
            new("change_percent", BroadcastFieldType.Number),
            new("volume", BroadcastFieldType.Number),
            new("high", BroadcastFieldType.Number),
            new("low", BroadcastFieldType.Number),
            new("open", BroadcastFieldType.Number, Alias: "open_price")),
        new("pattern", "patterns",
            new("ticker", BroadcastFieldType.Text, Required: true),
            new("pattern_type", BroadcastFieldType.Text, Required: true),
            new("score", BroadcastFieldType.Number),
            new("entry_price", BroadcastFieldType.Number),
            new("stop_price", BroadcastFieldType.Number),
            new("target_price", BroadcastFieldType.Number),
            new("risk_reward_ratio", BroadcastFieldType.Number),
            new("message", BroadcastFieldType.Text)),
        new("alert", "alerts",
            new("ticker", BroadcastFieldType.Text, Required: true),
            new("alert_type", BroadcastFieldType.Text, Required: true),
            new("trigger_price", BroadcastFieldType.Number),
            new("current_price", BroadcastFieldType.Number),
            new("message", BroadcastFieldType.Text)),
        new("market_status", "market_status",
            new("status", BroadcastFieldType.Text, Required: true),
            new("next_open", BroadcastFieldType.Instant),
            new("next_close", BroadcastFieldType.Instant)),
        new("system", "system",
            new("kind", BroadcastFieldType.Text, Required: true),
            new("message", BroadcastFieldType.Text, Required: true)),
    ];

    /// <summary>Finds a kind by its name.</summary>
    public static Broadcast? Find(string name) => Kinds.FirstOrDefault(kind => kind.Name == name);

    /// <summary>Reads a body and writes the message's payload.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="payload">The payload when the answer is null.</param>
    /// <param name="ticker">The ticker of it, upper case; null when the kind has none.</param>
    /// <returns>Null, or what was wrong and what is allowed.</returns>
    public ProtocolError? Read(ReadOnlyMemory<byte> body, out byte[]? payload, out string? ticker)
    {
        payload = null;
        ticker = null;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = ProtocolLimits.MaxJsonDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new ProtocolError(ErrorCode.MalformedJson, "The body must be one JSON object.");
            }

            var buffer = new ArrayBufferWriter<byte>(256);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                foreach (var field in Fields)
                {
                    if (Write(document.RootElement, field, json, ref ticker) is { } error)
                    {
                        return error;
                    }
                }

                json.WriteEndObject();
            }

            payload = buffer.WrittenSpan.ToArray();
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new ProtocolError(ErrorCode.MalformedJson, "The body is not valid JSON, or is nested too deep.");
        }
    }

    private static ProtocolError? Write(JsonElement body, BroadcastField field, Utf8JsonWriter json, ref string? ticker)
    {
        var isGiven = body.TryGetProperty(field.Name, out var value) || (field.Alias is not null && body.TryGetProperty(field.Alias, out value));
        if (!isGiven || value.ValueKind == JsonValueKind.Null)
        {
            if (field.Required)
            {
                return new ProtocolError(ErrorCode.MissingField, $"The field '{field.Name}' is missing.", field.Name);
            }

            json.WriteNull(field.Name);
            return null;
        }

        if (field.Name == "ticker")
        {
            if (value.ValueKind != JsonValueKind.String || !ChannelName.TryParseSymbol(value.GetString(), out ticker))
            {
                return new ProtocolError(ErrorCode.BadTicker, "The field 'ticker' must be 1 to 24 letters, digits and . - / _ ^, such as \"SPY\".", field.Name);
            }

            json.WriteString(field.Name, ticker);
            return null;
        }

        switch (field.Type)
        {
            case BroadcastFieldType.Text when value.ValueKind == JsonValueKind.String:
                json.WriteString(field.Name, value.GetString());
                return null;
            case BroadcastFieldType.Number when value.ValueKind == JsonValueKind.Number:
                json.WritePropertyName(field.Name);
                json.WriteRawValue(value.GetRawText());
                return null;
            case BroadcastFieldType.Instant when value.ValueKind == JsonValueKind.String
                && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at):
                json.WriteString(field.Name, MessageWriter.Instant(at));
                return null;
            default:
                var allowed = field.Type switch
                {
                    BroadcastFieldType.Text => "a string",
                    BroadcastFieldType.Number => "a number",
                    _ => "a time in ISO 8601, such as \"2026-11-20T14:30:00Z\"",
                };
                return new ProtocolError(ErrorCode.BadValue, $"The field '{field.Name}' must be {allowed}.", field.Name);
        }
    }
}
