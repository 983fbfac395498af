namespace Tidewire.Simulation;

/// <summary>
/// What is kept of the market as a whole for those who ask afterwards: the last 500 alerts, 200 headlines, 200 halts and
/// resumes, 500 filings, and a day of minutes of net premium. About 2 MB once all of it is full, most of it the alerts'
/// trades.
/// </summary>
/// <remarks>Not thread-safe: it belongs to whoever holds <see cref="SimulatedMarket.Gate"/>.</remarks>
internal sealed class MarketPast
{
    private const int MostAlerts = 500;
    private const int MostHeadlines = 200;
    private const int MostHalts = 200;
    private const int MostFilings = 500;
    private const int MostMinutes = 1_440;
    private const long Minute = 60_000;

    public Ring<PublishedAlert> Alerts { get; } = new(MostAlerts);

    public Ring<NewsItem> News { get; } = new(MostHeadlines);

    public Ring<HaltNotice> Halts { get; } = new(MostHalts);

    public Ring<CongressFiling> Filings { get; } = new(MostFilings);

    /// <summary>Net premium of the market since the day began or, on its first day, since it opened.</summary>
    public Ring<TideMinute> Tide { get; } = new(MostMinutes);

    /// <summary>Adds the increments of a span to the day's totals.</summary>
    /// <param name="all">Of all trades.</param>
    /// <param name="outOfTheMoney">Of those out of the money.</param>
    /// <param name="ended">When the span ended, in milliseconds since the Unix epoch.</param>
    public void Flow(in NetFlow all, in NetFlow outOfTheMoney, long ended)
    {
        var start = (ended - 1) / Minute * Minute;
        if (Tide.Count == 0 || Tide[0].Start != start)
        {
            var goesOn = Tide.Count > 0 && DateOf(Tide[0].Start) == DateOf(start);
            Tide.Add(goesOn ? Tide[0] with { Start = start } : new TideMinute { Start = start });
        }

        ref var minute = ref Tide[0];
        minute.All.Add(all);
        minute.OutOfTheMoney.Add(outOfTheMoney);
    }

    private static DateOnly DateOf(long milliseconds) => SimulatedClock.DateAt(SimulatedClock.FromUnixMilliseconds(milliseconds));
}

/// <summary>An alert and when it was published, in ticks.</summary>
internal readonly record struct PublishedAlert(FlowAlert Alert, long At);

/// <summary>The day's totals of net premium at the end of a minute.</summary>
internal record struct TideMinute
{
    /// <summary>When the minute began, in milliseconds since the Unix epoch.</summary>
    public long Start;
    public NetFlow All;
    public NetFlow OutOfTheMoney;
}
