using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>Where the provider is and what opens it. The token is a secret: nothing here prints it.</summary>
public sealed class UnusualWhalesOptions
{
    /// <summary>The provider's own address.</summary>
    public static readonly Uri DefaultSocketUrl = new("wss://api.unusualwhales.com/socket");

    /// <summary>The socket's address, without the token.</summary>
    public Uri SocketUrl { get; set; } = DefaultSocketUrl;

    /// <summary>The provider's token.</summary>
    public string Token { get; set; } = string.Empty;

    /// <summary>
    /// Checks an address. The documentation pages at <c>/api/socket</c> take an upgrade and then never speak, so they
    /// are refused here rather than found out by silence.
    /// </summary>
    /// <param name="text">The address.</param>
    /// <param name="url">The address when the answer is null.</param>
    /// <returns>Null, or what is wrong and what to do.</returns>
    public static string? Check(string text, out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme is not ("ws" or "wss"))
        {
            return "UW_SOCKET_URL must be an absolute ws:// or wss:// address, such as wss://api.unusualwhales.com/socket.";
        }

        if (url.AbsolutePath.StartsWith("/api/socket", StringComparison.OrdinalIgnoreCase))
        {
            return "UW_SOCKET_URL points at /api/socket: that is the provider's documentation, which accepts a connection and stays silent. Use the path /socket.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "UW_SOCKET_URL holds a user name or password. The provider is opened by a token alone: give it in UW_API_TOKEN or UW_API_TOKEN_FILE.";
        }

        return url.Query.Contains("token=", StringComparison.OrdinalIgnoreCase)
            ? "UW_SOCKET_URL holds a token. Give it in UW_API_TOKEN or UW_API_TOKEN_FILE, so that it is never printed."
            : null;
    }

    /// <summary>The address with the token in its query, for the handshake only.</summary>
    [SuppressMessage("Design", "CA1024:Use properties where appropriate", Justification = "A property would end up in a debugger, a log or a serialiser.")]
    internal Uri AddressWithToken()
    {
        var separator = SocketUrl.Query.Length > 1 ? "&" : "?";
        return new Uri($"{SocketUrl.GetLeftPart(UriPartial.Query).TrimEnd('?')}{separator}token={Uri.EscapeDataString(Token)}");
    }
}
