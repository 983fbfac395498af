namespace Tidewire.Simulation;

/// <summary>
/// A ticker that is not in the universe and exists because someone asked for it. It lives from random sequences of its
/// own, and only while it is watched.
/// </summary>
internal sealed class UnlistedTicker
{
    private const int Rank = 200;

    private int _priceWatchers;
    private int _otherWatchers;

    public UnlistedTicker(string symbol, long seed, long now)
    {
        Ticker = new(Listing.Unlisted(symbol, seed), Rank, seed, now);
        Random = SeededRandom.For(seed, "orders " + symbol);
        Orders = new(Random);
    }

    public SimulatedTicker Ticker { get; }

    public SeededRandom Random { get; }

    public OrderFlow Orders { get; }

    /// <summary>Whether its next price is on the agenda.</summary>
    public bool PricePlanned { get; set; }

    /// <summary>Whether its next order is on the agenda.</summary>
    public bool OrderPlanned { get; set; }

    /// <summary>Whether its price should move.</summary>
    public bool Watched => _priceWatchers + _otherWatchers > 0;

    /// <summary>Whether its options should trade; a ticker of which only the price or the quote is asked needs no chain.</summary>
    public bool OptionsWatched => _otherWatchers > 0;

    /// <summary>Counts a form that asks for it in (1) or out (-1).</summary>
    public void Count(SimulatedFeed feed, int change)
    {
        if (feed is SimulatedFeed.Price or SimulatedFeed.Quotes)
        {
            _priceWatchers += change;
        }
        else
        {
            _otherWatchers += change;
        }
    }
}
