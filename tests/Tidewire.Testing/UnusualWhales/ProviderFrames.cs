using System.Text;
using System.Text.Json;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>The provider's messages as bytes (PROTOCOL.md, section 2).</summary>
internal static class ProviderFrames
{
    public const string LimitText = "Channel subscription limit of 50 reached";

    public static byte[] Ack(string form) => Data(form, """{"response":{},"status":"ok"}"""u8);

    public static byte[] RefusedJoin(string form) => Data(form, """{"response":{"reason":"not available"},"status":"error"}"""u8);

    public static byte[] Data(string channel, ReadOnlySpan<byte> payload) => [.. DataPrefix(channel), .. payload, (byte)']'];

    /// <summary>What precedes the payload.</summary>
    public static byte[] DataPrefix(string channel) =>
        [(byte)'[', (byte)'"', .. JsonEncodedText.Encode(channel).EncodedUtf8Bytes, (byte)'"', (byte)','];

    public static byte[] LimitReached(LimitSpelling spelling) => Encoding.UTF8.GetBytes(spelling switch
    {
        LimitSpelling.JsonString => $"\"{LimitText}\"",
        LimitSpelling.JsonObject => $$"""{"error":"{{LimitText}}"}""",
        LimitSpelling.OneElementArray => $"[\"{LimitText}\"]",
        _ => LimitText,
    });

    /// <summary>The form and the kind of a client's request; nulls when it is none.</summary>
    public static (string? Form, string? Type) ParseRequest(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("channel", out var channel) && channel.ValueKind == JsonValueKind.String
                && root.TryGetProperty("msg_type", out var type) && type.ValueKind == JsonValueKind.String
                    ? (channel.GetString(), type.GetString())
                    : (null, null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }
}
