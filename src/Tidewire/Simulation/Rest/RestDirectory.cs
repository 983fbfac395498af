using System.Net;
using System.Text.Json;

namespace Tidewire.Simulation.Rest;

/// <summary>An answer.</summary>
internal readonly record struct RestAnswer(HttpStatusCode Status, byte[] Body);

/// <summary>Writes the data of an answer, under the market's gate.</summary>
internal delegate void RestRows(SimulatedMarket market, RestText to);

/// <summary>What is served under a path.</summary>
/// <param name="Path">The path; a part in braces stands for anything.</param>
/// <param name="Read">Reads the query and what stands for the parts in braces.</param>
/// <param name="Empty">The data while there is no market.</param>
internal sealed record RestResource(string Path, Func<RestQuery, string, RestRows> Read, string Empty = "[]")
{
    private readonly string[] _parts = Path.Split('/');

    /// <summary>Whether a path is this one, and what stands for its parts in braces.</summary>
    public bool Matches(string[] parts, out string value)
    {
        value = "";
        if (parts.Length != _parts.Length)
        {
            return false;
        }

        for (var index = 0; index < parts.Length; index++)
        {
            if (_parts[index].StartsWith('{') && parts[index].Length > 0)
            {
                value += value.Length == 0 ? parts[index] : "/" + parts[index];
            }
            else if (parts[index] != _parts[index])
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>All that is served, and how a request becomes an answer.</summary>
internal static class RestDirectory
{
    private static readonly RestResource[] Resources =
    [
        new("/api/option-trades/flow-alerts", AlertRows.Alerts),
        new("/api/alerts", NotificationRows.Own),
        new("/api/darkpool/recent", (query, _) => PrintRows.Recent(query, offLit: true)),
        new("/api/darkpool/{ticker}", (query, ticker) => PrintRows.OfTicker(query, ticker, offLit: true)),
        new("/api/lit-flow/recent", (query, _) => PrintRows.Recent(query, offLit: false)),
        new("/api/lit-flow/{ticker}", (query, ticker) => PrintRows.OfTicker(query, ticker, offLit: false)),
        new("/api/congress/recent-trades", (query, _) => CongressRows.Filings(query, lateOnly: false)),
        new("/api/congress/late-reports", (query, _) => CongressRows.Filings(query, lateOnly: true)),
        new("/api/news/headlines", NewsRows.Headlines),
        new("/api/market/movers", MoverRows.Movers, """{"most_active":[],"gainers":[],"losers":[]}"""),
        new("/api/market/market-tide", FlowRows.Tide),
        new("/api/stock/{ticker}/net-prem-ticks", FlowRows.Minutes),
        new("/api/stock/{ticker}/flow-recent", TradeRows.Recent),
        new("/api/stock/{ticker}/stock-state", PriceRows.State, "{}"),
        new("/api/stock/{ticker}/ohlc/{size}", PriceRows.Candles),
        new("/api/stock/{ticker}/spot-exposures", ExposureRows.PerMinute),
        new("/api/stock/{ticker}/spot-exposures/strike", ExposureRows.PerStrike),
        new("/api/screener/stocks", StockScreener.Stocks),
        new("/api/screener/option-contracts", ContractScreener.Contracts),
    ];

    /// <summary>Answers a request. Without a market every list is empty.</summary>
    public static RestAnswer Answer(HttpRequestMessage request, SimulatedMarket? market)
    {
        var url = request.RequestUri ?? throw new ArgumentException("A request needs an address.", nameof(request));
        if (request.Method != HttpMethod.Get)
        {
            return new(HttpStatusCode.MethodNotAllowed, RestText.Message("Only GET is served."));
        }

        var parts = url.AbsolutePath.Split('/').Select(Uri.UnescapeDataString).ToArray();
        foreach (var resource in Resources)
        {
            if (resource.Matches(parts, out var value))
            {
                return Answer(url, resource, value, market);
            }
        }

        return new(HttpStatusCode.NotFound, RestText.Message("Not found"));
    }

    private static RestAnswer Answer(Uri url, RestResource resource, string value, SimulatedMarket? market)
    {
        var query = new RestQuery(url.Query);
        var rows = resource.Read(query, value);
        if (query.Wrong is { } wrong)
        {
            return new(HttpStatusCode.UnprocessableEntity, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
            {
                ["msg"] = wrong,
                ["path"] = url.AbsolutePath,
                ["query"] = url.Query.TrimStart('?'),
                ["url"] = url.Authority + url.PathAndQuery,
            }));
        }

        using var text = new RestText();
        if (market is null)
        {
            text.Raw(resource.Empty);
            return new(HttpStatusCode.OK, text.End());
        }

        lock (market.Gate)
        {
            rows(market, text);
        }

        return new(HttpStatusCode.OK, text.End());
    }
}
