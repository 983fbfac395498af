using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidewire.Client.Subscriptions;

namespace Tidewire.Client.Wires;

/// <summary>Writes what a client sends on <c>/api/ws</c>.</summary>
internal static class ClientMessage
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Subscribe(Subscription subscription, long id) => Write("subscribe", id, json =>
    {
        json.WriteString("channel", subscription.Requested);
        if (subscription.Position is { } since)
        {
            json.WriteStartObject("since");
            json.WriteString("epoch", since.Epoch);
            json.WriteNumber("offset", since.Offset);
            json.WriteEndObject();
        }

        if (subscription.HistoryDue is > 0 and var history)
        {
            json.WriteNumber("history", history);
        }

        if (subscription.Options.Filter is { } filter)
        {
            json.WriteString("filter", filter);
        }

        if (subscription.Options.MaxRate is { } rate)
        {
            json.WriteNumber("max_rate", rate);
        }
    });

    public static ReadOnlyMemory<byte> Unsubscribe(Subscription subscription, long id) => Write("unsubscribe", id, json => json.WriteString("channel", subscription.Requested));

    public static ReadOnlyMemory<byte> Ping(long id) => Write("ping", id, static _ => { });

    public static ReadOnlyMemory<byte> Auth(string token) => Write("auth", null, json => json.WriteString("token", token));

    public static ReadOnlyMemory<byte> History(string channel, long? before, int limit, long id) => Write("history", id, json =>
    {
        json.WriteString("channel", channel);
        json.WriteNumber("limit", limit);
        if (before is { } offset)
        {
            json.WriteNumber("before", offset);
        }
    });

    private static ReadOnlyMemory<byte> Write(string type, long? id, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            fields(json);
            if (id is { } number)
            {
                json.WriteNumber("id", number);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
