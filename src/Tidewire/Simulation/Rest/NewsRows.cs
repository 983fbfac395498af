namespace Tidewire.Simulation.Rest;

/// <summary>Headlines.</summary>
internal static class NewsRows
{
    private const int Most = 100;
    private const int Standard = 50;

    /// <summary>The headlines that match, the newest first, by pages.</summary>
    public static RestRows Headlines(RestQuery query, string path)
    {
        var (limit, page) = (query.Limit(Most, Standard), query.Page());
        var tickers = query.Tickers("ticker");
        var sources = query.Last("sources")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        var majorOnly = query.Truth("major_only", standard: false);
        var words = query.Last("search_term") ?? "";
        return (market, to) => to.List(
            market.Past.News.NewestFirst()
                .Where(item => (tickers.Count == 0 || item.Tickers.Any(tickers.Contains)) && (sources.Length == 0 || sources.Contains(item.Source)))
                .Where(item => (!majorOnly || IsMajor(item)) && item.Headline.Contains(words, StringComparison.OrdinalIgnoreCase))
                .Skip(page * limit).Take(limit),
            Write);
    }

    // One in eight, and the same one whenever it is asked for.
    private static bool IsMajor(NewsItem item) => SeededRandom.StableHash(item.Headline) % 8 == 0;

    private static void Write(RestText to, NewsItem item)
    {
        to.Second("created_at", item.At);
        to.Text("headline", item.Headline);
        to.Truth("is_major", IsMajor(item));
        to.Object("meta", () => { });
        to.Text("sentiment", "neutral");
        to.Text("source", item.Source);
        to.Texts("tags", item.Tickers.Count == 0 ? ["market"] : ["company"]);
        to.Texts("tickers", item.Tickers);
    }
}
