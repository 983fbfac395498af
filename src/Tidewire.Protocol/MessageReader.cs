using System.Globalization;
using System.Text.Json;

namespace Tidewire.Protocol;

/// <summary>Reads the messages clients send on <c>/api/ws</c>. Never throws on what a stranger sends.</summary>
public static class MessageReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    /// <summary>Reads one message.</summary>
    /// <param name="utf8">One JSON object.</param>
    /// <param name="frame">The message when the answer is true.</param>
    /// <param name="error">What was wrong when the answer is false.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out ClientFrame? frame, out ProtocolError? error)
    {
        frame = null;
        var fields = new Fields();
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                error = new ProtocolError(ErrorCode.MalformedJson, "A message is one JSON object, such as {\"type\":\"ping\"}.");
                return false;
            }

            error = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // The first fault is reported, but reading goes on: the id may come after it, and broken JSON outranks it.
                var fault = fields.Read(ref reader);
                error ??= fault;
            }

            if (reader.Read())
            {
                error = new ProtocolError(ErrorCode.MalformedJson, "One message holds one JSON object; something follows it.");
            }
        }
        catch (JsonException exception)
        {
            error = new ProtocolError(ErrorCode.MalformedJson, string.Create(CultureInfo.InvariantCulture,
                $"Not valid JSON at byte {exception.BytePositionInLine ?? 0}, or nested deeper than {ProtocolLimits.MaxJsonDepth}."));
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString on a lone surrogate escape: well-formed JSON that is not text.
            error = new ProtocolError(ErrorCode.MalformedJson, "A string holds an escape that is not a character.");
        }

        error = error is null ? fields.Check() : error with { Id = fields.Id };
        if (error is not null)
        {
            return false;
        }

        frame = fields.ToFrame();
        return true;
    }

    private struct Fields
    {
        private string? _typeName;
        private ClientFrameType? _type;
        private string? _channel;
        private string? _ticker;
        private string? _filter;
        private string? _token;
        private StreamPosition? _since;
        private int? _history;
        private int? _limit;
        private long? _before;
        private double? _maxRate;

        public string? Id { get; private set; }

        public ProtocolError? Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "id": return ReadId(ref reader);
                case "type": return ReadType(ref reader);
                case "channel": return ReadText(ref reader, name, out _channel);
                case "ticker": return ReadText(ref reader, name, out _ticker);
                case "filter": return ReadText(ref reader, name, out _filter);
                case "token": return ReadText(ref reader, name, out _token);
                case "since": return ReadSince(ref reader);
                case "history": return ReadCount(ref reader, name, out _history);
                case "limit": return ReadCount(ref reader, name, out _limit);
                case "before":
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var before) && before > 0)
                    {
                        _before = before;
                        return null;
                    }

                    reader.Skip();
                    return Bad(name, "an offset, a whole number above 0");
                case "max_rate":
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var rate) && rate is >= 0 and <= 1_000_000)
                    {
                        _maxRate = rate;
                        return null;
                    }

                    reader.Skip();
                    return Bad(name, "a number of messages a second, 0 for no throttle");
                default:
                    reader.Skip(); // a newer client may say more than we know
                    return null;
            }
        }

        public readonly ProtocolError? Check()
        {
            if (_type is null)
            {
                return _typeName is null
                    ? new ProtocolError(ErrorCode.UnknownType, "The field 'type' is missing. Allowed: subscribe, unsubscribe, ping, auth, history.", "type", Id)
                    : new ProtocolError(ErrorCode.UnknownType, $"Unknown message type: '{Cut(_typeName)}'. Allowed: subscribe, unsubscribe, ping, auth, history.", "type", Id);
            }

            return _type switch
            {
                ClientFrameType.Subscribe or ClientFrameType.Unsubscribe or ClientFrameType.History when string.IsNullOrEmpty(_channel)
                    => new ProtocolError(ErrorCode.MissingField, "The field 'channel' is missing: name a feed, such as \"flow-alerts\", or \"ticker\" with a \"ticker\".", "channel", Id),
                ClientFrameType.Auth when string.IsNullOrEmpty(_token)
                    => new ProtocolError(ErrorCode.MissingField, "The field 'token' is missing.", "token", Id),
                _ => null,
            };
        }

        public readonly ClientFrame ToFrame() => new()
        {
            Type = _type!.Value,
            Id = Id,
            Channel = _channel,
            Ticker = _ticker,
            Filter = _filter,
            Token = _token,
            Since = _since,
            History = _history,
            Limit = _limit,
            Before = _before,
            MaxRate = _maxRate,
        };

        private static ProtocolError Bad(string field, string allowed)
            => new(ErrorCode.BadValue, $"The field '{field}' must be {allowed}.", field);

        private static string Cut(string text) => text.Length > 64 ? text[..64] + "…" : text;

        private static ProtocolError? ReadText(ref Utf8JsonReader reader, string field, out string? value)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                value = reader.GetString();
                return null;
            }

            value = null;
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            reader.Skip();
            return Bad(field, "a string");
        }

        private static ProtocolError? ReadCount(ref Utf8JsonReader reader, string field, out int? value)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count) && count is >= 0 and <= ProtocolLimits.MaxHistory)
            {
                value = count;
                return null;
            }

            value = null;
            reader.Skip();
            return Bad(field, $"a whole number from 0 to {ProtocolLimits.MaxHistory}");
        }

        private ProtocolError? ReadId(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    return null;
                case JsonTokenType.Number when reader.TryGetInt64(out var number):
                    Id = number.ToString(CultureInfo.InvariantCulture);
                    return null;
                case JsonTokenType.String when reader.GetString() is { Length: <= ProtocolLimits.MaxIdLength } text:
                    Id = $"\"{JsonEncodedText.Encode(text)}\"";
                    return null;
                default:
                    reader.Skip();
                    return Bad("id", $"a whole number or a string of up to {ProtocolLimits.MaxIdLength} characters");
            }
        }

        private ProtocolError? ReadType(ref Utf8JsonReader reader)
        {
            if (ReadText(ref reader, "type", out _typeName) is { } error)
            {
                return error;
            }

            _type = _typeName switch
            {
                "subscribe" => ClientFrameType.Subscribe,
                "unsubscribe" => ClientFrameType.Unsubscribe,
                "ping" => ClientFrameType.Ping,
                "auth" => ClientFrameType.Auth,
                "history" => ClientFrameType.History,
                _ => null,
            };
            return null;
        }

        private ProtocolError? ReadSince(ref Utf8JsonReader reader)
        {
            const string Allowed = "a position, {\"epoch\":\"…\",\"offset\":0}";
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return Bad("since", Allowed);
            }

            string? epoch = null;
            long? offset = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                if (name == "epoch" && reader.TokenType == JsonTokenType.String)
                {
                    epoch = reader.GetString();
                }
                else if (name == "offset" && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0)
                {
                    offset = value;
                }
                else
                {
                    reader.Skip();
                }
            }

            if (epoch is null || !StreamPosition.IsEpoch(epoch) || offset is null)
            {
                return Bad("since", Allowed);
            }

            _since = new StreamPosition(epoch, offset.Value);
            return null;
        }
    }
}
