using System.Globalization;
using Tidewire.Client.Subscriptions;

namespace Tidewire.Client.Wires;

/// <summary>The addresses of a server, and what goes into them.</summary>
internal sealed class Endpoint
{
    private readonly Uri _http;
    private readonly Uri _socket;

    public Endpoint(Uri server)
    {
        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https" or "ws" or "wss"))
        {
            throw new ArgumentException($"The server's address must be absolute and begin with http, https, ws or wss: '{(server.IsAbsoluteUri ? server.Scheme : "relative")}' does not.", nameof(server));
        }

        var isSecure = server.Scheme is "https" or "wss";
        var path = server.AbsolutePath.TrimEnd('/') + "/";
        _http = new UriBuilder(isSecure ? "https" : "http", server.Host, server.Port, path).Uri;
        _socket = new UriBuilder(isSecure ? "wss" : "ws", server.Host, server.Port, path).Uri;
    }

    public Uri Socket => new(_socket, "api/ws");

    /// <summary>The address of one channel on a wire over plain HTTP.</summary>
    public Uri Stream(string wire, Subscription subscription, params string?[] parameters)
    {
        // A channel is a feed and perhaps a symbol, which is a part of the path.
        var path = string.Join('/', subscription.Requested.Split(':', 2).Select(Uri.EscapeDataString));
        var history = subscription.HistoryDue;
        var query = string.Join('&', new[]
        {
            subscription.Position is { } since ? $"since={Uri.EscapeDataString(since.ToString())}" : null,
            history > 0 ? string.Create(CultureInfo.InvariantCulture, $"history={history}") : null,
            subscription.Options.Filter is { } filter ? $"filter={Uri.EscapeDataString(filter)}" : null,
        }.Concat(parameters).Where(static part => part is not null));
        return new Uri(_http, $"api/stream/{wire}/{path}{(query.Length > 0 ? "?" + query : "")}");
    }

    /// <summary>Whether an attempt failed before anything at all was answered: no wire could have been opened.</summary>
    public static bool IsUnreachable(Exception exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A request, with the token where one is used.</summary>
    public static HttpRequestMessage Get(Uri address, string accepted, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accepted);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        return request;
    }
}
