using System.Net;

namespace Tidewire.Server.Access;

/// <summary>Which addresses are ours, and from which web pages a browser may come. Decided in one place for every wire.</summary>
internal sealed class OriginPolicy(Settings settings)
{
    /// <summary>Whether a request names one of our own addresses, and came in by one.</summary>
    /// <param name="host">The value of <c>Host</c>.</param>
    /// <param name="local">The address it came in by.</param>
    /// <param name="port">Its port.</param>
    /// <param name="isHttps">Whether over TLS.</param>
    public static bool IsOurs(HostString host, IPAddress? local, int port, bool isHttps)
        => local is not null && IPAddress.IsLoopback(local) && IsOurName(host.Host) && (host.Port ?? (isHttps ? 443 : 80)) == port;

    /// <summary>Whether a page of this origin may use the server: one of ours, or one that the settings allow.</summary>
    /// <param name="origin">The value of <c>Origin</c>.</param>
    /// <param name="port">The port that the request came in by.</param>
    public bool IsAllowed(string origin, int port)
        => settings.AllowedOrigins.Contains(origin)
            || (Uri.TryCreate(origin, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https"
                && url.Port == port
                && IsOurName(url.IdnHost)
                && url.GetLeftPart(UriPartial.Authority) == origin);

    private static bool IsOurName(string name)
        => name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
