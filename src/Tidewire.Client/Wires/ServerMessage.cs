using System.Text;
using System.Text.Json;

namespace Tidewire.Client.Wires;

/// <summary>One message of a server as it stands on any of the wires, read at the edge; what it does not know it passes over.</summary>
internal sealed class ServerMessage
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    /// <summary>The message's type; <c>message</c> for an envelope, which has none.</summary>
    public string Type { get; private set; } = "";

    public string? Channel { get; private set; }

    public string? Epoch { get; private set; }

    public long? Offset { get; private set; }

    public long Merged { get; private set; }

    public long Filtered { get; private set; }

    public long? Replaces { get; private set; }

    public DateTimeOffset? Timestamp { get; private set; }

    public string Source { get; private set; } = "";

    public long? Id { get; private set; }

    public string? Action { get; private set; }

    public string? Status { get; private set; }

    public bool? Recovered { get; private set; }

    public string? Reason { get; private set; }

    public bool? Reconnect { get; private set; }

    public string? Error { get; private set; }

    public string? Text { get; private set; }

    public long? Count { get; private set; }

    public bool Backfilled { get; private set; }

    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    /// <summary>The number in <c>code</c>: of an error, or of a closing.</summary>
    public int? Code { get; private set; }

    /// <summary>The payload: <c>data</c>, or the fields at the top that are not the envelope's.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>The messages of a history or of a poll's answer.</summary>
    public IReadOnlyList<ServerMessage> Messages { get; private set; } = [];

    /// <summary>The position that a poll's answer tells.</summary>
    public (string Epoch, long Offset)? Position { get; private set; }

    /// <summary>Whether it is a publication: it has an offset, and is none of the messages about the stream itself.</summary>
    public bool IsPublication => Offset is not null && Type is not ("gap" or "position" or "subscription" or "history" or "error" or "closing" or "connection" or "pong" or "auth" or "poll");

    /// <summary>Whether it belongs to the log of its channel: a publication, a gap, or a position.</summary>
    public bool IsOfTheLog => IsPublication || (Offset is not null && Type is "gap" or "position");

    /// <summary>A position that was told without an object of its own.</summary>
    public static ServerMessage PositionAt(string epoch, long offset, long merged = 0, long filtered = 0)
        => new() { Type = "position", Epoch = epoch, Offset = offset, Merged = merged, Filtered = filtered };

    /// <summary>Reads the objects of one frame: one, or several with white space between them.</summary>
    /// <param name="utf8">The frame; must stay as it is.</param>
    /// <param name="messages">Takes what was read.</param>
    /// <returns>False when the rest of the frame is not JSON, or not objects.</returns>
    public static bool TryReadAll(ReadOnlyMemory<byte> utf8, List<ServerMessage> messages)
    {
        try
        {
            while (Skip(utf8.Span) is var blank && blank < utf8.Length)
            {
                utf8 = utf8[blank..];
                var reader = new Utf8JsonReader(Object(utf8.Span), Options);
                var message = Read(ref reader, utf8);
                messages.Add(message);
                utf8 = utf8[(int)reader.BytesConsumed..];
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false; // InvalidOperationException: a field of another type than it must have
        }
    }

    /// <summary>The bytes up to the end of the first object: what follows it is not this reader's.</summary>
    private static ReadOnlySpan<byte> Object(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(Options));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.TrySkip())
        {
            throw new JsonException("The message is no JSON object.");
        }

        return utf8[..(int)reader.BytesConsumed];
    }

    private static int Skip(ReadOnlySpan<byte> utf8)
    {
        var at = 0;
        while (at < utf8.Length && utf8[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads one object; the reader stands before it, and after it on return.</summary>
    private static ServerMessage Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var message = new ServerMessage();
        List<(int Start, int End)>? fields = null;
        var hasData = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Read();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                message.Payload = Value(ref reader, utf8);
                hasData = true;
            }
            else if (!message.Take(ref reader, utf8))
            {
                reader.Skip();
                (fields ??= []).Add((start, (int)reader.BytesConsumed));
            }
        }

        if (message.Type.Length == 0)
        {
            message.Type = hasData ? "message" : message.Position is null ? "" : "poll";
        }

        if (!hasData && message.IsPublication)
        {
            message.Payload = Joined(fields ?? [], utf8.Span);
        }

        return message;
    }

    /// <summary>Takes a field that is the envelope's; else false, and the reader stands on its value.</summary>
    private bool Take(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var name = reader.HasValueSequence || reader.ValueSpan.Length > 16 ? "" : Encoding.UTF8.GetString(reader.ValueSpan);
        reader.Read();
        var isText = reader.TokenType == JsonTokenType.String;
        var isNumber = reader.TokenType == JsonTokenType.Number;
        switch (name)
        {
            case "type" when isText: Type = reader.GetString()!; return true;
            case "channel" when isText: Channel = reader.GetString(); return true;
            case "epoch" when isText: Epoch = reader.GetString(); return true;
            case "offset" when isNumber: Offset = reader.GetInt64(); return true;
            case "merged" when isNumber: Merged = Math.Max(0, reader.GetInt64()); return true;
            case "filtered" when isNumber: Filtered = Math.Max(0, reader.GetInt64()); return true;
            case "replaces" when isNumber: Replaces = reader.GetInt64(); return true;
            case "timestamp" when isText: Timestamp = reader.TryGetDateTimeOffset(out var at) ? at : null; return true;
            case "source" when isText: Source = SourceOf(ref reader); return true;
            case "data": return false;
        }

        return Type switch
        {
            "gap" => TakeGap(name, ref reader),
            "subscription" or "connection" or "auth" or "error" or "closing" or "pong" or "history" or "position" => TakeControl(name, ref reader, utf8),
            "" => TakeControl(name, ref reader, utf8), // an answer to a poll has no type
            _ => false,
        };
    }

    private bool TakeGap(string name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "reason" when reader.TokenType == JsonTokenType.String: Reason = reader.GetString(); return true;
            case "count" when reader.TokenType == JsonTokenType.Number: Count = reader.GetInt64(); return true;
            case "backfilled": Backfilled = reader.TokenType == JsonTokenType.True; return true;
            case "from_time" when reader.TokenType == JsonTokenType.String: From = reader.GetDateTimeOffset(); return true;
            case "to_time" when reader.TokenType == JsonTokenType.String: To = reader.GetDateTimeOffset(); return true;
            default: return false;
        }
    }

    private bool TakeControl(string name, ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        switch (name)
        {
            case "id" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var id): Id = id; return true;
            case "action" when reader.TokenType == JsonTokenType.String: Action = reader.GetString(); return true;
            case "status" when reader.TokenType == JsonTokenType.String: Status = reader.GetString(); return true;
            case "recovered" when reader.TokenType is JsonTokenType.True or JsonTokenType.False: Recovered = reader.GetBoolean(); return true;
            case "reason" when reader.TokenType == JsonTokenType.String: Reason = reader.GetString(); return true;
            case "reconnect" when reader.TokenType is JsonTokenType.True or JsonTokenType.False: Reconnect = reader.GetBoolean(); return true;
            case "error" when reader.TokenType == JsonTokenType.String: Error = reader.GetString(); return true;
            case "message" when reader.TokenType == JsonTokenType.String: Text = reader.GetString(); return true;
            case "code" when reader.TokenType == JsonTokenType.Number: Code = reader.GetInt32(); return true;
            case "messages" when reader.TokenType == JsonTokenType.StartArray: Messages = ReadMessages(ref reader, utf8); return true;
            case "position" when reader.TokenType == JsonTokenType.StartObject: ReadPosition(ref reader); return true;
            default: return false;
        }
    }

    private static List<ServerMessage> ReadMessages(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var messages = new List<ServerMessage>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            messages.Add(Read(ref reader, utf8));
        }

        return messages;
    }

    private void ReadPosition(ref Utf8JsonReader reader)
    {
        string? epoch = null;
        long? offset = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEpoch = reader.ValueTextEquals("epoch"u8);
            var isOffset = reader.ValueTextEquals("offset"u8);
            reader.Read();
            if (isEpoch)
            {
                epoch = reader.GetString();
            }
            else if (isOffset)
            {
                offset = reader.GetInt64();
            }
            else
            {
                reader.Skip();
            }
        }

        Position = epoch is not null && offset is { } at ? (epoch, at) : null;
    }

    private static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }

    /// <summary>The payload of a message whose fields stand at the top, spelled as they were.</summary>
    private static byte[] Joined(List<(int Start, int End)> fields, ReadOnlySpan<byte> utf8)
    {
        var payload = new byte[fields.Sum(static field => field.End - field.Start) + Math.Max(fields.Count - 1, 0) + 2];
        payload[0] = (byte)'{';
        var at = 1;
        foreach (var (start, end) in fields)
        {
            if (at > 1)
            {
                payload[at++] = (byte)',';
            }

            utf8[start..end].CopyTo(payload.AsSpan(at));
            at += end - start;
        }

        payload[at] = (byte)'}';
        return payload;
    }

    private static string SourceOf(ref Utf8JsonReader reader)
        => reader.ValueTextEquals("socket"u8) ? "socket" : reader.ValueTextEquals("simulated"u8) ? "simulated" : reader.ValueTextEquals("derived"u8) ? "derived" : reader.GetString()!;
}
