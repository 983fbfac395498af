namespace Tidewire.Simulation;

/// <summary>
/// Gamma exposure of the watched tickers every ten seconds: one sum per ticker, and bursts of rows per strike. All of one
/// ticker are computed at one instant, so that they agree.
/// </summary>
internal sealed class ExposureTape(MarketSchedule schedule, TickerDirectory tickers)
{
    private const int SecondsPerExposure = 10;
    private const long Length = 1_000;

    private readonly WatchedSymbols _whole = new();
    private readonly WatchedSymbols _byStrike = new();
    private readonly WatchedSymbols _byExpiry = new();

    /// <summary>Plans the next second.</summary>
    public void Plan() => schedule.AtNext(Length, OccurrenceKind.Exposure);

    /// <summary>Counts someone who asks for a feed of a ticker in (1) or out (-1).</summary>
    public void Count(SimulatedFeed feed, string symbol, int change)
    {
        var watched = feed switch
        {
            SimulatedFeed.Exposure => _whole,
            SimulatedFeed.ExposureByStrike => _byStrike,
            SimulatedFeed.ExposureByExpiry => _byExpiry,
            _ => null,
        };
        watched?.Count(symbol, change);
    }

    /// <summary>Publishes the tickers whose turn it is.</summary>
    public void Measure(IMarketTape tape)
    {
        // Each ticker has a second of its own within the ten, as at the provider.
        var second = schedule.Now / TimeSpan.TicksPerSecond;
        var at = Second(schedule.Now);
        foreach (var symbol in Due(_whole, second))
        {
            var ticker = tickers.FindOrAdd(symbol, schedule.Now);
            tape.Exposure(new(symbol, ticker, at, Whole(ticker, at).Exposure));
        }

        foreach (var symbol in Due(_byStrike, second))
        {
            var ticker = tickers.FindOrAdd(symbol, schedule.Now);
            Continue(new(symbol, byExpiry: false, ticker, at, [ByStrike(ticker, at).Rows]), tape);
        }

        foreach (var symbol in Due(_byExpiry, second))
        {
            var ticker = tickers.FindOrAdd(symbol, schedule.Now);
            Continue(new(symbol, byExpiry: true, ticker, at, ticker.Chain.ExposureByExpiry(ticker.Spot, schedule.Now)), tape);
        }

        Plan();
    }

    /// <summary>Publishes the next rows of a burst.</summary>
    public void Continue(ExposureBurst burst, IMarketTape tape)
    {
        if (burst.Continue(tape))
        {
            schedule.After(ExposureBurst.SliceSeconds, OccurrenceKind.ExposureRows, burst);
        }
    }

    /// <summary>A ticker's exposure for someone who asks now: what was computed in the last ten seconds, or else what it is.</summary>
    public void Refresh(SimulatedTicker ticker)
    {
        var at = Second(schedule.Now);
        if (ticker.Past.Exposures.Count == 0 || at - ticker.Past.Exposures[0].At >= SecondsPerExposure * Length)
        {
            Whole(ticker, at);
        }
    }

    /// <summary>The same per strike.</summary>
    public StrikeRows RefreshByStrike(SimulatedTicker ticker)
    {
        var at = Second(schedule.Now);
        return ticker.Past.Strikes is { } rows && at - rows.At < SecondsPerExposure * Length ? rows : ByStrike(ticker, at);
    }

    private static long Second(long ticks) => SimulatedClock.ToUnixMilliseconds(ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond);

    private ExposureMinute Whole(SimulatedTicker ticker, long at)
    {
        var exposure = new ExposureMinute(at, ExposureFrame.PriceOf(ticker), ticker.Chain.Exposure(ticker.Spot, schedule.Now));
        ticker.Past.Exposure(exposure);
        return exposure;
    }

    private StrikeRows ByStrike(SimulatedTicker ticker, long at) =>
        ticker.Past.Strikes = new(at, ExposureFrame.PriceOf(ticker), ticker.Chain.ExposureByStrike(ticker.Spot, schedule.Now));

    private static IEnumerable<string> Due(WatchedSymbols watched, long second) =>
        watched.Symbols.Where(symbol => (SeededRandom.StableHash(symbol) + (ulong)second) % SecondsPerExposure == 0);
}
