using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.UnusualWhales;

/// <summary><c>/socket</c>: joins, leaves, acknowledgements and data as the provider's own socket has them.</summary>
internal sealed class UnusualWhalesSession(Connection connection, Hub hub, FeedCatalogue catalogue) : ISocketSession
{
    public void Opened()
    {
        // The provider says nothing until it is asked.
    }

    public void Received(ReadOnlySpan<byte> message)
    {
        if (!TryRead(message, out var form, out var type))
        {
            Fail("""{"error":"expected {\"channel\":\"flow-alerts\",\"msg_type\":\"join\"}"}"""u8);
            return;
        }

        switch (type)
        {
            case "join":
                Join(form);
                break;
            case "leave":
                Leave(form);
                break;
            default:
                Refuse(form, "msg_type must be join or leave");
                break;
        }
    }

    public void Unreadable(ProtocolError error) => Send(Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("error", error.Message);
        writer.WriteEndObject();
    }));

    private void Join(string form)
    {
        if (catalogue.Resolve(form, ticker: null, out var feed, out var name) is { } unknown)
        {
            Refuse(form, unknown.Message);
            return;
        }

        // Frames carry the provider's own channel names, so only those can be joined here: under an alias the data would not match the join.
        if (feed!.Origin != FeedOrigin.Join || name.ToString() != form)
        {
            Refuse(form, feed.Origin == FeedOrigin.Join ? $"join it as {name}" : $"{feed.Name} is no channel of the provider's socket");
            return;
        }

        if (connection.Subscribe(feed, name, since: null, history: 0, out var subscription) is { } error)
        {
            Refuse(form, error.Message);
            return;
        }

        Acknowledge(form);
        connection.Begin(subscription!);
    }

    private void Leave(string form)
    {
        if (ChannelName.TryParse(form, out var name) && connection.Unsubscribe(name))
        {
            Acknowledge(form);
        }
        else
        {
            Refuse(form, "not joined");
        }
    }

    private void Acknowledge(string form) => Send(Json(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(form);
        writer.WriteStartObject();
        writer.WriteStartObject("response");
        writer.WriteEndObject();
        writer.WriteString("status", "ok");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }));

    private void Refuse(string form, string reason)
    {
        hub.Counters.Error();
        Send(Json(writer =>
        {
            writer.WriteStartArray();
            writer.WriteStringValue(form.Length > 128 ? form[..128] : form);
            writer.WriteStartObject();
            writer.WriteStartObject("response");
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
            writer.WriteString("status", "error");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }));
    }

    private void Fail(ReadOnlySpan<byte> message)
    {
        hub.Counters.Error();
        Send(message);
    }

    private void Send(ReadOnlySpan<byte> message) => connection.Send(WebSocketFrame.Text(message));

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream(128);
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    private static bool TryRead(ReadOnlySpan<byte> message, out string form, out string? type)
    {
        form = string.Empty;
        type = null;
        try
        {
            var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = ProtocolLimits.MaxJsonDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isChannel = reader.ValueTextEquals("channel"u8);
                var isType = reader.ValueTextEquals("msg_type"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && (isChannel || isType))
                {
                    (form, type) = isChannel ? (reader.GetString()!, type) : (form, reader.GetString());
                }
                else
                {
                    reader.Skip();
                }
            }

            return !reader.Read() && form.Length > 0 && type is not null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
