namespace Tidewire.Simulation;

/// <summary>A ticker stops trading, or trades again.</summary>
/// <param name="Ticker">Which.</param>
/// <param name="Resumed">Whether it trades again.</param>
/// <param name="Reason">Why it was halted, by the exchanges' code.</param>
/// <param name="At">Milliseconds since the Unix epoch.</param>
internal readonly record struct HaltNotice(SimulatedTicker Ticker, bool Resumed, string Reason, long At)
{
    /// <summary>The last price, in units of 0.0001 USD.</summary>
    public long Price { get; } = Ticker.Underlying;

    /// <summary>Shares traded in the day until then.</summary>
    public long Shares { get; } = Ticker.SharesToday;

    /// <summary>The last price of the day before, in USD.</summary>
    public decimal PreviousClose { get; } = Ticker.Reference.PreviousClose;
}

/// <summary>
/// Halts: one company at a time, none of the most popular, about once in twenty minutes at rate 1. While it lasts nothing
/// of the ticker is traded, options or shares, and its price stands still.
/// </summary>
internal sealed class TradingHalts(MarketSchedule schedule, SimulatedTicker[] tickers, long seed)
{
    private const int NeverHalted = 10;

    private static readonly string[] Reasons = ["LUDP", "LUDP", "LUDP", "T1", "M"];

    private readonly SeededRandom _random = SeededRandom.For(seed, "halts");
    private readonly SimulatedTicker[] _candidates = [.. tickers.Skip(NeverHalted).Where(ticker => ticker.Listing.Kind == ListingKind.Stock)];
    private string _reason = Reasons[0];

    /// <summary>Plans the next halt, if there is anything to halt.</summary>
    public void Plan()
    {
        if (_candidates.Length > 0)
        {
            schedule.After(_random.Between(11, 19) * 60 / schedule.Rate, OccurrenceKind.Halt);
        }
    }

    /// <summary>A ticker stops. Returns what was published.</summary>
    public HaltNotice Halt(IMarketTape tape)
    {
        var ticker = _candidates[_random.Whole(0, _candidates.Length - 1)];
        ticker.Halted = true;
        _reason = Reasons[_random.Whole(0, Reasons.Length - 1)];
        ticker.Past.Cut(schedule.Now);
        var notice = new HaltNotice(ticker, Resumed: false, _reason, schedule.Milliseconds);
        tape.Halt(notice);
        schedule.After(_random.Between(4.5, 5.5) * 60 / schedule.Rate, OccurrenceKind.Resume, ticker);
        return notice;
    }

    /// <summary>The halted ticker trades again. Returns what was published.</summary>
    public HaltNotice Resume(SimulatedTicker ticker, IMarketTape tape)
    {
        ticker.Halted = false;
        var notice = new HaltNotice(ticker, Resumed: true, _reason, schedule.Milliseconds);
        tape.Halt(notice);
        Plan();
        return notice;
    }
}
