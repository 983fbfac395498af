namespace Tidewire.Simulation;

/// <summary>
/// The shares' tape: prints on exchanges and off them, at the prices of the market. Indices have no shares, and a halted
/// ticker has no prints. The day's volume grows whether anyone looks or not; single prints are made for someone who does.
/// </summary>
internal sealed class ShareTape
{
    /// <summary>Prints on exchanges per second at rate 1.</summary>
    public const double LitPerSecond = 150;

    /// <summary>Prints off the exchanges per second at rate 1, blocks not counted.</summary>
    public const double OffLitPerSecond = 18;

    // Shares are spread over more tickers than options are.
    private const double Popularity = 0.8;

    private readonly MarketSchedule _schedule;
    private readonly Dictionary<SimulatedTicker, double> _printsPerSecond;
    private readonly double _rate;
    private int _watchers;
    private int _session;

    public ShareTape(MarketSchedule schedule, IEnumerable<SimulatedTicker> tickers)
    {
        _schedule = schedule;

        // Not the pace of a stretch that no one is to see: what it leaves behind is to have as many prints as what follows.
        _rate = schedule.Rate;
        var traded = tickers.Where(ticker => ticker.Listing.Kind != ListingKind.Index).ToList();
        var shares = traded.Select((_, index) => Math.Pow(index + 1, -Popularity)).ToList();
        _printsPerSecond = traded.Zip(shares).ToDictionary(pair => pair.First, pair => (LitPerSecond + OffLitPerSecond) * pair.Second / shares.Sum());
    }

    /// <summary>Counts someone who asks for prints in (1) or out (-1).</summary>
    public void Count(SimulatedFeed feed, int change)
    {
        if (feed is not (SimulatedFeed.LitPrints or SimulatedFeed.OffLitPrints))
        {
            return;
        }

        _watchers += change;
        if (change > 0 && _watchers == 1)
        {
            _session++;
            foreach (var (ticker, perSecond) in _printsPerSecond)
            {
                Begin(ticker, perSecond);
            }
        }
    }

    /// <summary>A ticker has a price: keeps what its prints until the next follow from, and plans them if anyone looks.</summary>
    public void Follow(SimulatedTicker ticker)
    {
        if (!ticker.Halted && _printsPerSecond.TryGetValue(ticker, out var perSecond))
        {
            Keep(ticker, perSecond);
            Begin(ticker, perSecond);
        }
    }

    /// <summary>A ticker's day has begun between two of its prices.</summary>
    public void BeginDay(SimulatedTicker ticker)
    {
        if (ticker.Ahead.To > _schedule.Now && !ticker.Halted && _printsPerSecond.TryGetValue(ticker, out var perSecond))
        {
            Keep(ticker, perSecond);
        }
    }

    /// <summary>The next print of a run.</summary>
    public void Print(PrintRun run, IMarketTape tape)
    {
        if (run.Ticker.Halted || _watchers == 0 || run.Session != _session)
        {
            return;
        }

        tape.Print(run.Take(_schedule.Now));
        Plan(run);
    }

    private double MeanCount(SimulatedTicker ticker, double perSecond) =>
        perSecond * _rate * (ticker.Ahead.To - ticker.Ahead.From) / TimeSpan.TicksPerSecond;

    private void Keep(SimulatedTicker ticker, double perSecond) =>
        ticker.Past.Shares.Add(new(ticker.Ahead, MeanCount(ticker, perSecond), ticker.Underlying, ticker.SharesToday, _schedule.Now));

    private void Begin(SimulatedTicker ticker, double perSecond)
    {
        if (_watchers > 0 && !ticker.Halted)
        {
            var run = new PrintRun(ticker, ticker.Ahead, MeanCount(ticker, perSecond), _session);
            while (run.Due <= _schedule.Now)
            {
                run.Take(_schedule.Now);
            }

            Plan(run);
        }
    }

    private void Plan(PrintRun run)
    {
        if (run.Due is { } due)
        {
            _schedule.Agenda.Add(due, new(OccurrenceKind.Print, run));
        }
    }
}
