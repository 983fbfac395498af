using System.Globalization;
using System.Text;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>An HTTP answer to the upgrade that is not 101.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Reason">The reason phrase.</param>
/// <param name="Body">The text of the body.</param>
public sealed record Refusal(int Status, string Reason, string Body)
{
    /// <summary>P2: the key has no WebSocket entitlement, or is wrong. The body names the support address.</summary>
    public static Refusal Unauthorized { get; } =
        new(401, "Unauthorized", """{"message":"Your plan does not include websocket access. Contact support@unusualwhales.com to upgrade."}""");

    /// <summary>P2: clients treat it as 401.</summary>
    public static Refusal Forbidden { get; } =
        new(403, "Forbidden", """{"message":"Forbidden. Contact support@unusualwhales.com."}""");

    /// <summary>The edge blocks a default library User-Agent (PROTOCOL.md, section 1).</summary>
    public static Refusal BlockedByEdge { get; } = new(403, "Forbidden", "error code: 1010");

    /// <summary>P21: too many attempts.</summary>
    public static Refusal TooManyRequests { get; } =
        new(429, "Too Many Requests", """{"message":"Too many connections. Contact support@unusualwhales.com."}""") { RetryAfter = TimeSpan.FromSeconds(30) };

    /// <summary>P21: the service is away behind its edge.</summary>
    public static Refusal Unavailable { get; } =
        new(503, "Service Unavailable", "Service temporarily unavailable. Contact support@unusualwhales.com.");

    /// <summary>An internal error in the vendor's words.</summary>
    public static Refusal ServerError { get; } = new(500, "Internal Server Error", "Something went wrong");

    /// <summary>Sent as Retry-After, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Sent as Location.</summary>
    public Uri? Location { get; init; }

    /// <summary>A redirect, such as to a login page. ClientWebSocket follows it unless its handler is told not to.</summary>
    public static Refusal Redirect(Uri location, int status = 302) => new(status, "Found", "") { Location = location };

    internal byte[] ToBytes()
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} {Reason}\r\nContent-Type: {(Body.StartsWith('{') ? "application/json" : "text/plain")}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nConnection: close\r\n");
        if (RetryAfter is { } retry)
        {
            head.Append(CultureInfo.InvariantCulture, $"Retry-After: {(long)retry.TotalSeconds}\r\n");
        }

        if (Location is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Location: {Location}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}
