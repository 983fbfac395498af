namespace Tidewire.Simulation.Rest;

/// <summary>Filings of members of Congress.</summary>
internal static class CongressRows
{
    private const int Most = 200;
    private const int Standard = 100;

    /// <summary>The filings that match, the last one filed first. A date bounds when the trade was made.</summary>
    public static RestRows Filings(RestQuery query, bool lateOnly)
    {
        var limit = query.Limit(Most, Standard);
        var until = query.Date("date") ?? DateOnly.MaxValue;
        var tickers = query.Tickers("ticker");
        return (market, to) => to.List(
            market.Past.Filings.NewestFirst()
                .Where(filing => filing.Traded <= until && (!lateOnly || filing.Late) && (tickers.Count == 0 || tickers.Contains(filing.Ticker)))
                .Take(limit),
            Write);
    }

    private static void Write(RestText to, CongressFiling filing)
    {
        to.Text("amounts", filing.Amounts);
        to.Date("filed_at_date", filing.Filed);
        to.Truth("is_active", filing.Member.Active);
        to.Text("issuer", filing.Issuer);
        to.Text("member_type", filing.Member.Chamber);
        to.Text("name", filing.Member.Name);
        to.Text("notes", filing.Notes);
        to.Id("politician_id", filing.Member.Id);
        to.Text("reporter", filing.Member.Reporter);
        to.Text("ticker", filing.Ticker);
        to.Date("transaction_date", filing.Traded);
        to.Text("txn_type", filing.Type);
    }
}
