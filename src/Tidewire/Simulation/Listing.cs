namespace Tidewire.Simulation;

/// <summary>What kind of thing options are written on.</summary>
internal enum ListingKind
{
    /// <summary>A share.</summary>
    Stock,

    /// <summary>An exchange-traded fund; its trades carry the tag <c>etf</c>.</summary>
    Fund,

    /// <summary>An index: its options have a root of their own and it is not traded itself.</summary>
    Index,
}

/// <summary>What is known of a ticker before the market opens.</summary>
/// <param name="Symbol">The ticker, such as <c>SPX</c>.</param>
/// <param name="Spot">Price in USD around which the first day moves.</param>
/// <param name="Volatility">At-the-money volatility per year, as a fraction.</param>
/// <param name="Kind">Stock, fund or index.</param>
internal sealed record Listing(string Symbol, double Spot, double Volatility, ListingKind Kind = ListingKind.Stock)
{
    /// <summary>Root of its option symbols; the ticker itself except for an index.</summary>
    public string Root { get; init; } = Symbol;

    /// <summary>Distance of neighbouring strikes in USD, for the nearer expiries.</summary>
    public double StrikeStep { get; init; } = Spot switch { < 15 => 0.5, < 110 => 1, < 450 => 2.5, _ => 5 };

    /// <summary>Whether an option expires on every weekday; otherwise on Fridays.</summary>
    public bool ExpiresDaily { get; init; }

    /// <summary>Shares traded on an ordinary day.</summary>
    public double DailyVolume { get; init; } = 4e9 / (Spot + 20);

    /// <summary>The sector of a company; null for anything else.</summary>
    public string? Sector { get; init; }

    /// <summary>Whether it stands for the shares of a company abroad.</summary>
    public bool Foreign { get; init; }

    /// <summary>The listing of a ticker that is not in the universe: everything about it follows from its name and the seed.</summary>
    public static Listing Unlisted(string symbol, long seed)
    {
        var random = SeededRandom.For(seed, "listing " + symbol);
        var spot = Math.Round(Math.Exp(random.Between(Math.Log(6), Math.Log(400))), 2);
        return new(symbol, spot, Math.Round(random.Between(0.25, 0.9), 2)) { DailyVolume = 4e8 / (spot + 20) };
    }

    /// <summary>The smallest step of a quote in cents at a given price, as the exchanges set it.</summary>
    public int QuoteStep(double price) => (Kind, ExpiresDaily) switch
    {
        (ListingKind.Index, _) => price < 3 ? 5 : 10,
        (ListingKind.Fund, true) => 1,
        _ => price < 3 ? 1 : 5,
    };
}
