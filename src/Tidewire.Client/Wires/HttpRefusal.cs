using System.Net;
using System.Text.Json;

namespace Tidewire.Client.Wires;

/// <summary>What an answer other than 200 means: of the server, of something between, or of neither.</summary>
internal static class HttpRefusal
{
    private const int MaxBody = 64 << 10;

    /// <summary>Reads an answer that is not the stream that was asked for.</summary>
    public static async Task<HttpEnd> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var (error, message) = await BodyAsync(response, cancellation).ConfigureAwait(false);
        var isOurs = error is not null;
        var words = message ?? $"the server answered {(int)response.StatusCode}";
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized:
                return new HttpEnd(new WireEnd(words) { NeedsToken = true });
            case HttpStatusCode.BadRequest or HttpStatusCode.NotFound when isOurs:
                return new HttpEnd(new WireEnd(words) { Showed = true }, new TidewireException(error!, words));
            case HttpStatusCode.Forbidden when isOurs:
                return new HttpEnd(new WireEnd(words) { Stop = new TidewireException(error!, words) });
            case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests when isOurs:
                return new HttpEnd(new WireEnd(words) { Showed = true, Wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1) });
            default:
                return new HttpEnd(new WireEnd(words) { IsAgainstTheWire = true });
        }
    }

    private static async Task<(string? Error, string? Message)> BodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return (null, null);
        }

        var body = new byte[MaxBody];
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            try
            {
                using var json = JsonDocument.Parse(body.AsMemory(0, length));
                return json.RootElement.ValueKind == JsonValueKind.Object ? (Text(json.RootElement, "error"), Text(json.RootElement, "message")) : (null, null);
            }
            catch (JsonException)
            {
                return (null, null);
            }
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>How one stream, or one poll, ended.</summary>
/// <param name="End">Of the connection.</param>
/// <param name="Failure">Set when the subscription itself cannot be served.</param>
internal sealed record HttpEnd(WireEnd End, TidewireException? Failure = null);
