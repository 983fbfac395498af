using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Testing.Clients;

/// <summary>A client of <c>/api/ws</c>, the multiplexed socket.</summary>
public sealed class TidewireClient : JsonTestClient
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private TidewireClient()
    {
    }

    /// <summary>Connects; whether it was let in is in <see cref="TestClient.UpgradeStatus"/>.</summary>
    /// <param name="server">The base address, http or ws.</param>
    /// <param name="headers">Such as Origin, Host, Authorization or Cookie.</param>
    /// <param name="subprotocol">Such as <c>tidewire.v1.json</c>; none by default.</param>
    /// <param name="query">Such as <c>access_token=…</c>, without the question mark.</param>
    public static async Task<TidewireClient> ConnectAsync(Uri server, Dictionary<string, string>? headers = null, string? subprotocol = null, string? query = null)
    {
        var client = new TidewireClient();
        await client.UpgradeAsync(server, query is null ? "/api/ws" : $"/api/ws?{query}", headers, subprotocol);
        return client;
    }

    /// <summary>Asks for a subscription; the answer is an object of type <c>subscription</c>.</summary>
    public Task SubscribeAsync(
        string channel,
        string? ticker = null,
        int? history = null,
        (string Epoch, long Offset)? since = null,
        string? filter = null,
        double? maxRate = null,
        string? id = null) =>
        SendAsync(
            ("type", "subscribe"),
            ("channel", channel),
            ("ticker", ticker),
            ("history", history),
            ("since", since is { } from ? new Dictionary<string, object> { ["epoch"] = from.Epoch, ["offset"] = from.Offset } : null),
            ("filter", filter),
            ("max_rate", maxRate),
            ("id", id));

    /// <summary>Ends a subscription.</summary>
    public Task UnsubscribeAsync(string channel, string? ticker = null, string? id = null) =>
        SendAsync(("type", "unsubscribe"), ("channel", channel), ("ticker", ticker), ("id", id));

    /// <summary>Subscribes and waits for the answer, dropping what comes before it.</summary>
    public async Task<JsonElement> SubscribedAsync(
        string channel, string? ticker = null, int? history = null, (string Epoch, long Offset)? since = null, string? filter = null, double? maxRate = null)
    {
        await SubscribeAsync(channel, ticker, history, since, filter, maxRate);
        return await NextOfTypeAsync("subscription");
    }

    /// <summary>Sends a ping and returns every object that came before its pong: what was on its way when it was sent, without waiting for time to pass.</summary>
    public async Task<IReadOnlyList<JsonElement>> UntilPongAsync()
    {
        await SendAsync(("type", "ping"));
        var before = new List<JsonElement>();
        while (true)
        {
            var item = await NextAsync(_ => true, "a pong");
            if (TypeOf(item) == "pong")
            {
                return before;
            }

            before.Add(item);
        }
    }

    private Task SendAsync(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var present = new Dictionary<string, object>();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                present.Add(name, value);
            }
        }

        return SendTextAsync(JsonSerializer.Serialize(present, Plain));
    }
}
