using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Protocol;

/// <summary>Writes what a server says on <c>/api/ws</c> and <c>/api/stream</c>, apart from publications: those are <see cref="PublicationWriter"/>'s.</summary>
public static class MessageWriter
{
    /// <summary>Quotes and letters stand as they are: these messages are JSON on a socket, never part of a page.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first message of a connection: identity, limits, and whether the data is simulated.</summary>
    /// <param name="connectionId">The connection's id.</param>
    /// <param name="simulated">Whether what follows comes from the simulated market.</param>
    /// <param name="maxMessageBytes">The largest message the server takes.</param>
    /// <param name="maxChannels">The most channels this connection may hold.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Connection(string connectionId, bool simulated, int maxMessageBytes, int maxChannels, DateTimeOffset now)
        => Write(now, "connection", null, json =>
        {
            json.WriteString("status", "connected");
            json.WriteString("connection_id", connectionId);
            json.WriteBoolean("simulated", simulated);
            json.WriteStartObject("limits");
            json.WriteNumber("message_bytes", maxMessageBytes);
            json.WriteNumber("channels", maxChannels);
            json.WriteEndObject();
        });

    /// <summary>Confirms a subscription: deliveries go on after <paramref name="position"/>.</summary>
    /// <param name="channel">The canonical channel.</param>
    /// <param name="position">The position after which entries will be delivered.</param>
    /// <param name="recovered">True when a position was given and nothing after it is missing.</param>
    /// <param name="reason">Why recovery failed; null when it was not asked for or succeeded.</param>
    /// <param name="id">The id of the request, raw JSON.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Subscribed(ChannelName channel, StreamPosition position, bool recovered, string? reason, string? id, DateTimeOffset now)
        => Write(now, "subscription", id, json =>
        {
            json.WriteString("action", "subscribed");
            json.WriteString("channel", channel.ToString());
            Ticker(json, channel);
            json.WriteString("epoch", position.Epoch);
            json.WriteNumber("offset", position.Offset);
            json.WriteBoolean("recovered", recovered);
            if (reason is not null)
            {
                json.WriteString("reason", reason);
            }
        });

    /// <summary>Confirms the end of a subscription: nothing of the channel follows.</summary>
    /// <param name="channel">The canonical channel.</param>
    /// <param name="id">The id of the request, raw JSON.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Unsubscribed(ChannelName channel, string? id, DateTimeOffset now)
        => Write(now, "subscription", id, json =>
        {
            json.WriteString("action", "unsubscribed");
            json.WriteString("channel", channel.ToString());
            Ticker(json, channel);
        });

    /// <summary>Answers a ping.</summary>
    /// <param name="id">The id of the request, raw JSON.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Pong(string? id, DateTimeOffset now) => Write(now, "pong", id, static _ => { });

    /// <summary>Answers a token.</summary>
    /// <param name="required">Whether the server asks for tokens at all; while it does not, any is accepted.</param>
    /// <param name="id">The id of the request, raw JSON.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Authenticated(bool required, string? id, DateTimeOffset now)
        => Write(now, "auth", id, json =>
        {
            json.WriteString("status", "ok");
            json.WriteBoolean("required", required);
        });

    /// <summary>Says what was wrong with a message; the connection stays.</summary>
    /// <param name="error">The error.</param>
    /// <param name="now">Server time.</param>
    public static byte[] Error(ProtocolError error, DateTimeOffset now)
        => Write(now, "error", error.Id, json =>
        {
            json.WriteString("message", error.Message);
            json.WriteNumber("code", error.Code.Number);
            json.WriteString("error", error.Code.Name);
            json.WriteBoolean("retryable", error.Code.Retryable);
            if (error.Field is not null)
            {
                json.WriteString("field", error.Field);
            }
        });

    /// <summary>Tells the position of a subscription that has shown nothing for a while.</summary>
    /// <param name="channel">The canonical channel.</param>
    /// <param name="position">The position.</param>
    /// <param name="merged">Entries up to it that newer ones of their key have replaced and that no delivery counts.</param>
    /// <param name="filtered">Entries up to it that the subscription's filter kept back and that no delivery counts.</param>
    public static byte[] Position(ChannelName channel, StreamPosition position, long merged = 0, long filtered = 0)
        => Write(null, "position", null, json =>
        {
            json.WriteString("channel", channel.ToString());
            json.WriteString("epoch", position.Epoch);
            json.WriteNumber("offset", position.Offset);
            if (merged > 0)
            {
                json.WriteNumber("merged", merged);
            }

            if (filtered > 0)
            {
                json.WriteNumber("filtered", filtered);
            }
        });

    /// <summary>The last message before the server closes.</summary>
    /// <param name="disconnect">Code, reason, and whether to come back.</param>
    public static byte[] Closing(Disconnect disconnect)
        => Write(null, "closing", null, json =>
        {
            json.WriteNumber("code", disconnect.Code);
            json.WriteString("reason", disconnect.Reason);
            json.WriteBoolean("reconnect", disconnect.Reconnect);
        });

    /// <summary>Past publications in one message, oldest first.</summary>
    /// <param name="channel">The canonical channel.</param>
    /// <param name="epoch">The epoch of the offsets in <paramref name="messages"/>.</param>
    /// <param name="messages">Each a complete JSON object.</param>
    /// <param name="id">The id of the request, raw JSON.</param>
    /// <param name="now">Server time.</param>
    public static byte[] History(ChannelName channel, string epoch, IReadOnlyList<ReadOnlyMemory<byte>> messages, string? id, DateTimeOffset now)
        => Write(now, "history", id, json =>
        {
            json.WriteString("channel", channel.ToString());
            Ticker(json, channel);
            json.WriteString("epoch", epoch);
            json.WriteStartArray("messages");
            foreach (var message in messages)
            {
                json.WriteRawValue(message.Span, skipInputValidation: true);
            }

            json.WriteEndArray();
        });

    /// <summary>Formats an instant as every message does: ISO 8601, UTC, milliseconds.</summary>
    /// <param name="at">The instant.</param>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void Ticker(Utf8JsonWriter json, ChannelName channel)
    {
        if (channel.Symbol is not null)
        {
            json.WriteString("ticker", channel.Symbol);
        }
    }

    private static byte[] Write(DateTimeOffset? now, string type, string? id, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            fields(json);
            if (now is { } at)
            {
                json.WriteString("timestamp", Instant(at));
            }

            if (id is not null)
            {
                json.WritePropertyName("id");
                json.WriteRawValue(id);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
