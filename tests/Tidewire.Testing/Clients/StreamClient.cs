using System.Globalization;

namespace Tidewire.Testing.Clients;

/// <summary>A client of <c>/api/stream/ws/{feed}</c>: one channel per socket, nothing to send.</summary>
public sealed class StreamClient : JsonTestClient
{
    private StreamClient()
    {
    }

    /// <summary>Connects; whether it was let in is in <see cref="TestClient.UpgradeStatus"/>.</summary>
    /// <param name="server">The base address, http or ws.</param>
    /// <param name="feed">Such as <c>flow</c> or <c>gex/SPY</c>.</param>
    /// <param name="since">A position to resume from.</param>
    /// <param name="history">How many earlier publications to send first.</param>
    /// <param name="filter">A filter expression, unescaped.</param>
    /// <param name="headers">Such as Origin, Host, Authorization or Cookie.</param>
    public static async Task<StreamClient> ConnectAsync(
        Uri server, string feed, (string Epoch, long Offset)? since = null, int? history = null, string? filter = null, Dictionary<string, string>? headers = null)
    {
        string?[] query =
        [
            since is { } from ? string.Create(CultureInfo.InvariantCulture, $"since={Uri.EscapeDataString(from.Epoch)}:{from.Offset}") : null,
            history is { } count ? string.Create(CultureInfo.InvariantCulture, $"history={count}") : null,
            filter is not null ? $"filter={Uri.EscapeDataString(filter)}" : null,
        ];
        var client = new StreamClient();
        await client.UpgradeAsync(server, $"/api/stream/ws/{feed}?{string.Join('&', query.Where(part => part is not null))}".TrimEnd('?'), headers);
        return client;
    }
}
