using System.Text;

namespace Tidewire.Simulation;

/// <summary>What the tape says of an issuer next to each of its off-exchange prints. Invented; the same all day.</summary>
internal sealed class ShareFacts
{
    private const int DaysPerQuarter = 91;

    /// <param name="listing">The listing.</param>
    /// <param name="date">The market's date.</param>
    /// <param name="price">The day's opening price.</param>
    /// <param name="seed">The market's seed.</param>
    public ShareFacts(Listing listing, DateOnly date, double price, long seed)
    {
        var random = SeededRandom.For(seed, "facts " + listing.Symbol);
        var quarter = random.Whole(0, DaysPerQuarter - 1);
        var average = Math.Round(listing.DailyVolume * random.Between(0.85, 1.15));
        var shares = listing.DailyVolume * random.Between(90, 320);
        if (listing.Kind == ListingKind.Stock)
        {
            var wait = (((quarter - date.DayNumber) % DaysPerQuarter) + DaysPerQuarter) % DaysPerQuarter;
            NextEarnings = date.AddDays(wait);
            MarketCap = (long)(shares * price);
        }

        AverageVolume = (long)average;
        IssueType = listing switch
        {
            { Kind: ListingKind.Fund } => "ETF",
            { Kind: ListingKind.Index } => "Index",
            { Foreign: true } => "ADR",
            _ => "Common Stock",
        };
        Json = Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"\"sector\":{Quote(listing.Sector)},\"next_earnings_date\":{Quote(NextEarnings?.ToString("O", null))},\"avg30_volume\":\"{AverageVolume}.0\",\"issue_type\":\"{IssueType}\",\"marketcap\":{Quote(MarketCap is { } cap ? $"{cap}.0" : null)}"));
    }

    /// <summary>The next day on which it reports; null for a fund.</summary>
    public DateOnly? NextEarnings { get; }

    /// <summary>Shares traded per day, mean of thirty days.</summary>
    public long AverageVolume { get; }

    public string IssueType { get; }

    /// <summary>Whole USD; null for a fund.</summary>
    public long? MarketCap { get; }

    /// <summary>All of it as the wire has it.</summary>
    public byte[] Json { get; }

    private static string Quote(string? text) => text is null ? "null" : $"\"{text}\"";
}
