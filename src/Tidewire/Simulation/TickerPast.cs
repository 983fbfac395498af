using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// What is kept of a ticker for those who ask afterwards: a day of one-minute bars, 30 days, the last 50 option trades, what
/// its shares traded between the last 128 prices, and 480 minutes of flow and of exposure. Up to 250 kB once all of it is full.
/// </summary>
/// <remarks>Not thread-safe: it belongs to whoever holds <see cref="SimulatedMarket.Gate"/>.</remarks>
internal sealed class TickerPast
{
    private const int MostBars = 1_440;
    private const int MostDays = 30;
    private const int MostTrades = 50;
    private const int MostSpans = 128;
    private const int MostMinutes = 480;
    private const long Minute = 60_000;

    /// <summary>Bars of the minutes in which there were prices.</summary>
    public Ring<PriceBar> Bars { get; } = new(MostBars);

    /// <summary>The days before this one.</summary>
    public Ring<DayBar> Days { get; } = new(MostDays);

    /// <summary>Option trades as they were reported.</summary>
    public Ring<OptionTrade> Trades { get; } = new(MostTrades);

    /// <summary>What was traded of the shares, price by price: every print follows from it.</summary>
    public Ring<ShareSpan> Shares { get; } = new(MostSpans);

    /// <summary>What the options traded in each minute, as far as its increments were published.</summary>
    public Ring<FlowMinute> Minutes { get; } = new(MostMinutes);

    /// <summary>Gamma exposure, the last of each minute in which it was computed.</summary>
    public Ring<ExposureMinute> Exposures { get; } = new(MostMinutes);

    /// <summary>The last exposure per strike; null before the first.</summary>
    public StrikeRows? Strikes { get; set; }

    /// <summary>A new price.</summary>
    /// <param name="price">Units of 0.0001 USD.</param>
    /// <param name="traded">Shares traded since the price before.</param>
    /// <param name="total">Shares traded today.</param>
    /// <param name="at">Milliseconds since the Unix epoch.</param>
    public void Price(long price, long traded, long total, long at)
    {
        var start = at / Minute * Minute;
        if (Bars.Count == 0 || Bars[0].Start != start)
        {
            Bars.Add(new() { Start = start, Open = price, High = price, Low = price });
        }

        ref var bar = ref Bars[0];
        bar.High = Math.Max(bar.High, price);
        bar.Low = Math.Min(bar.Low, price);
        (bar.Close, bar.LastAt, bar.Total) = (price, at, total);
        bar.Volume += traded;
    }

    /// <summary>No further print comes of what is being traded until the next price.</summary>
    /// <param name="now">Ticks.</param>
    public void Cut(long now)
    {
        if (Shares.Count > 0)
        {
            Shares[0].To = Math.Min(Shares[0].To, now);
        }
    }

    /// <summary>A day ends: what is being traded goes on under a new count of shares and from another price.</summary>
    public void EndDay(SimulatedTicker ticker, long now)
    {
        var reference = ticker.Reference;
        Days.Add(new(ticker.Date, reference.Open, reference.High, reference.Low, ticker.Underlying, ticker.SharesToday));
        Cut(now);
    }

    /// <summary>Adds the increments of a span.</summary>
    /// <param name="net">The span's net flow.</param>
    /// <param name="all">Statistics of its trades.</param>
    /// <param name="ended">When the span ended, in milliseconds since the Unix epoch.</param>
    public void Flow(in NetFlow net, in IntervalFlow all, long ended)
    {
        var start = (ended - 1) / Minute * Minute;
        if (Minutes.Count == 0 || Minutes[0].Start != start)
        {
            Minutes.Add(new() { Start = start });
        }

        ref var minute = ref Minutes[0];
        minute.Net.Add(net);
        minute.All = minute.All.With(all);
    }

    /// <summary>Keeps an exposure as the last of its minute.</summary>
    public void Exposure(in ExposureMinute exposure)
    {
        if (Exposures.Count > 0 && Exposures[0].At / Minute == exposure.At / Minute)
        {
            Exposures[0] = exposure;
        }
        else
        {
            Exposures.Add(exposure);
        }
    }
}

/// <summary>The prices of a minute, in units of 0.0001 USD. Times in milliseconds since the Unix epoch.</summary>
internal struct PriceBar
{
    public long Start;
    public long Open;
    public long High;
    public long Low;
    public long Close;

    /// <summary>When the last price came.</summary>
    public long LastAt;

    /// <summary>Shares traded up to the prices of the minute.</summary>
    public long Volume;

    /// <summary>Shares traded in the day up to the last of them.</summary>
    public long Total;
}

/// <summary>A day that is over.</summary>
internal readonly record struct DayBar(DateOnly Date, decimal Open, decimal High, decimal Low, long Close, long Volume);

/// <summary>Shares traded between two prices.</summary>
/// <param name="Ahead">How they were drawn.</param>
/// <param name="MeanCount">How many prints were expected of them.</param>
/// <param name="Underlying">The price, in units of 0.0001 USD.</param>
/// <param name="SharesToday">Shares traded in the day up to that price.</param>
/// <param name="From">Prints come after this, in ticks.</param>
internal record struct ShareSpan(SharesAhead Ahead, double MeanCount, long Underlying, long SharesToday, long From)
{
    /// <summary>Prints come until then, in ticks; sooner than planned when trading stopped.</summary>
    public long To = Ahead.To;
}

/// <summary>What a ticker's options traded in a minute.</summary>
internal struct FlowMinute
{
    public long Start;
    public NetFlow Net;
    public IntervalFlow All;
}

/// <summary>A ticker's gamma exposure.</summary>
/// <param name="At">Milliseconds since the Unix epoch, a whole second.</param>
/// <param name="Price">The price to give with it, see <see cref="ExposureFrame.PriceOf"/>.</param>
/// <param name="Exposure">The sums over its chain.</param>
internal readonly record struct ExposureMinute(long At, long Price, GammaExposure Exposure);

/// <summary>A ticker's exposure per strike.</summary>
/// <param name="At">Milliseconds since the Unix epoch, a whole second.</param>
/// <param name="Price">The price to give with it, see <see cref="ExposureFrame.PriceOf"/>.</param>
/// <param name="Rows">The strikes in ascending order.</param>
internal sealed record StrikeRows(long At, long Price, StrikeExposure[] Rows);
