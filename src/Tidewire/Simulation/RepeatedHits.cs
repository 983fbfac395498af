namespace Tidewire.Simulation;

/// <summary>
/// One buyer or seller who takes the same contract again and again within a fraction of a second, on many exchanges. Its
/// trades, and only they, become a <see cref="FlowAlert"/>.
/// </summary>
internal sealed class RepeatedHits
{
    /// <summary>Mean number of trades of a run, measured over many.</summary>
    public const double MeanTrades = 15.5;

    private const int FewestTrades = 5;
    private const int MostTrades = 61;
    private const int LargestSize = 25_000;
    private const double MostPremium = 60e6;

    private readonly OptionContract _contract;
    private readonly List<OptionTrade> _trades;
    private readonly int _count;
    private readonly double _from;
    private readonly double _to;
    private readonly double _sweep;
    private readonly double _wobble;
    private readonly double _gapSeconds;
    private readonly int _latency;
    private int _left;

    private RepeatedHits(OptionContract contract, SeededRandom random, OrderFlow orders, long now)
    {
        _contract = contract;
        _count = (int)Math.Clamp(random.LogNormal(13, 0.65), FewestTrades, MostTrades);
        _trades = new(_count);
        _latency = orders.Latency();
        _gapSeconds = Math.Clamp(random.LogNormal(0.012, 1.1), 0.001, 0.24) / _count;
        _sweep = random.Chance(0.22) ? random.Between(0.5, 1) : 0;
        _wobble = random.Chance(0.3) ? 0.15 : 0;

        // Rather bought than sold, sometimes in the middle; one in six climbs or falls through the quote as it goes.
        var side = random.NextUnit() switch { < 0.55 => 1.0, < 0.88 => 0.0, _ => 0.5 };
        (_from, _to) = random.NextUnit() switch { < 0.08 => (0.3, 1.0), < 0.16 => (0.7, 0.0), _ => (side, side) };
        if (_from != _to)
        {
            _wobble = 0;
        }

        // Premium first, so that its tail is heavy whatever the contract costs; the size follows from it.
        var quote = contract.QuoteAt(now);
        var price = quote.BidCents + (side * (quote.AskCents - quote.BidCents));
        var premium = random.Chance(0.08) ? random.Pareto(300_000, 1) : random.LogNormal(42_000, 1.1);
        _left = (int)Math.Clamp(Math.Min(premium, MostPremium) / Math.Max(1, price), _count, LargestSize);
    }

    /// <summary>In which ticker it trades.</summary>
    public SimulatedTicker Ticker => _contract.Ticker;

    /// <summary>Whether every trade was made.</summary>
    public bool Done => _trades.Count == _count;

    /// <summary>Begins a run in a ticker.</summary>
    public static RepeatedHits Begin(SimulatedTicker ticker, SeededRandom random, OrderFlow orders, long now) =>
        new(ticker.Chain.Draw(random, ticker.Spot, ticker.Listing.Volatility, now), random, orders, now);

    /// <summary>Makes the next trade. Returns when the one after is due, in ticks.</summary>
    public long Hit(SeededRandom random, OrderFlow orders, long now, IMarketTape tape)
    {
        var remaining = _count - _trades.Count;
        var size = remaining == 1
            ? _left
            : Math.Clamp((int)(_left / (double)remaining * random.Exponential(1)), 1, _left - remaining + 1);
        _left -= size;

        var progress = _trades.Count / (double)(_count - 1);
        var aggression = Math.Clamp(_from + ((_to - _from) * progress) + (_wobble * random.Normal()), 0, 1);
        var code = random.Chance(_sweep) ? TradeCode.Isoi : random.Chance(0.04) ? TradeCode.Slan : TradeCode.Auto;
        _trades.Add(orders.Report(_contract, size, aggression, code, orders.Exchange(_contract), now, _latency, tape));
        return now + SimulatedClock.Seconds(random.Exponential(_gapSeconds));
    }

    /// <summary>The alert that follows from the trades made.</summary>
    public FlowAlert ToAlert(Guid id) => new(id, _trades);
}
