using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// A market that follows from a seed: tickers whose prices walk, the tapes of their options and shares, sums and gamma
/// exposure that follow from these, headlines and halts.
/// </summary>
/// <remarks>
/// <para>It reads no clock. Its owner advances it to a time, and it reports what happened up to then in order of market
/// time; in how many steps it is advanced makes no difference. It is always in session.</para>
/// <para>What is watched decides what is computed and reported, never what happens: tickers outside the universe, which
/// exist once they are watched, draw from random sequences of their own.</para>
/// <para>Not thread-safe, except <see cref="TryGetReference"/>. It is advanced under <see cref="Gate"/>; whoever asks about it from
/// another thread takes the gate, and is kept waiting for one step at most. That costs the market one lock per step, and
/// what is kept for them (<see cref="Past"/>, <see cref="TickerPast"/>) is written without any.</para>
/// </remarks>
internal sealed class SimulatedMarket
{
    private const double UnlistedOrdersPerSecond = 0.5;
    private const long LatestAlertTicks = 5 * TimeSpan.TicksPerSecond;

    private readonly MarketSchedule _schedule;
    private readonly TickerDirectory _tickers;
    private readonly OptionTape _options;
    private readonly ShareTape _shares;
    private readonly ExposureTape _exposures;
    private readonly FlowTape _flows;
    private readonly Newsroom _news;
    private readonly TradingHalts _halts;
    private readonly CongressDesk _congress;
    private readonly AccountDesk _account;
    private readonly FuturesTape _futures;
    private readonly Board[] _boards;
    private readonly double _fullRate;

    private SimulatedMarket(SimulationOptions options, long start)
    {
        _fullRate = options.Rate;
        Seed = options.Seed;
        _schedule = new(options.Rate, start);
        _tickers = new(options.Tickers ?? int.MaxValue, options.Seed, start);
        _options = new(_schedule, _tickers.Listed, options.Seed);
        _shares = new(_schedule, _tickers.Listed);
        _exposures = new(_schedule, _tickers);
        _flows = new(_schedule, _tickers, Past);
        _news = new(_schedule, _tickers.Listed, options.Seed);
        _halts = new(_schedule, _tickers.Listed, options.Seed);
        _congress = new(_schedule, _tickers.Listed, options.Seed, Past);
        _account = new(options.Seed);
        _futures = new(_schedule, _tickers.Listed, options.Seed);
        _boards = [new ContractBoard(_schedule, _tickers.Listed), new StockBoard(_schedule, _tickers.Listed), new PeriscopeBoard(_schedule, _tickers.Listed)];
    }

    /// <summary>The time up to which everything has happened.</summary>
    public DateTimeOffset Now => new(_schedule.Now, TimeSpan.Zero);

    /// <summary>What everything random follows from.</summary>
    public long Seed { get; }

    /// <summary>Held while the market changes, by the thread that advances it, and by whoever looks into it from another.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What is kept for those who ask afterwards. Under <see cref="Gate"/>.</summary>
    public MarketPast Past { get; } = new();

    /// <summary>The tickers of the universe, the most popular first. Under <see cref="Gate"/>.</summary>
    public IReadOnlyList<SimulatedTicker> Listed => _tickers.Listed;

    /// <summary>Opens a market whose preceding minute has happened already, so that alerts are due at once.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="now">Its first moment.</param>
    public static SimulatedMarket Open(SimulationOptions options, DateTimeOffset now)
    {
        var market = new SimulatedMarket(options, now.UtcTicks - TimeSpan.TicksPerMinute);
        market.Begin();
        market.AdvanceUnseen(now);
        return market;
    }

    /// <summary>Advances to a time and reports what happens until then. A time that is not ahead does nothing.</summary>
    public void Advance(DateTimeOffset until, IMarketTape tape)
    {
        lock (Gate)
        {
            while (_schedule.Agenda.TryTake(until.UtcTicks, out var at, out var occurrence))
            {
                _schedule.Now = at;
                Happen(occurrence, tape);
            }

            _schedule.Now = Math.Max(_schedule.Now, until.UtcTicks);
        }
    }

    /// <summary>Advances to a time without reporting, at no more than the ordinary rate: alerts are to be due, no more.</summary>
    public void AdvanceUnseen(DateTimeOffset until)
    {
        _schedule.Rate = Math.Min(_fullRate, 1);
        Advance(until, new SilentTape());
        _schedule.Rate = _fullRate;
    }

    /// <summary>
    /// Leaves time out: nothing happens until <paramref name="until"/>, as if the market had been held still. What was under
    /// way within a second or two is given up, alerts that would be late by more than some seconds are never published.
    /// </summary>
    public void SkipTo(DateTimeOffset until)
    {
        lock (Gate)
        {
            if (until.UtcTicks > _schedule.Now)
            {
                SkipLocked(until.UtcTicks);
            }
        }
    }

    private void SkipLocked(long target)
    {
        var skipped = target - _schedule.Now;
        foreach (var ticker in _tickers.Listed)
        {
            ticker.Past.Cut(_schedule.Now);
        }

        _schedule.Now = target;
        _options.Passed(target);
        _schedule.Agenda.Replan((at, occurrence) => occurrence.Kind switch
        {
            OccurrenceKind.RunTrade or OccurrenceKind.ExposureRows or OccurrenceKind.Print or OccurrenceKind.FuturesTrade => null,
            OccurrenceKind.Alert when at < target - LatestAlertTicks => null,
            OccurrenceKind.Alert or OccurrenceKind.Exposure or OccurrenceKind.Day => Math.Max(at, target),
            OccurrenceKind.NetFlow or OccurrenceKind.IntervalFlow or OccurrenceKind.Resume => Math.Max(at, target),
            OccurrenceKind.Board or OccurrenceKind.Futures => Math.Max(at, target),
            _ => at + skipped,
        });
    }

    /// <summary>Begins to serve what a form asks for. A ticker that is not in the universe comes into being.</summary>
    public void Watch(SimulatedForm form)
    {
        lock (Gate)
        {
            WatchLocked(form);
        }
    }

    private void WatchLocked(SimulatedForm form)
    {
        CountWhole(form.Feed, 1);
        if (form.Symbol is not { } symbol || form.Feed == SimulatedFeed.Futures)
        {
            return;
        }

        _tickers.FindOrAdd(symbol, _schedule.Now);
        _exposures.Count(form.Feed, symbol, 1);
        _flows.Count(form.Feed, symbol, 1);
        if (_tickers.TryFindUnlisted(symbol, out var unlisted))
        {
            unlisted.Count(form.Feed, 1);
            if (!unlisted.PricePlanned)
            {
                // Asked for just now: the first price comes soon.
                unlisted.PricePlanned = true;
                _schedule.After(unlisted.Random.Between(0.1, 0.6), OccurrenceKind.UnlistedPrice, unlisted);
            }

            if (unlisted.OptionsWatched && !unlisted.OrderPlanned)
            {
                unlisted.OrderPlanned = true;
                PlanUnlistedOrder(unlisted);
            }
        }
    }

    /// <summary>Ends what <see cref="Watch"/> began. The ticker stays for when it is asked for again.</summary>
    public void Unwatch(SimulatedForm form)
    {
        lock (Gate)
        {
            UnwatchLocked(form);
        }
    }

    private void UnwatchLocked(SimulatedForm form)
    {
        CountWhole(form.Feed, -1);
        if (form.Symbol is not { } symbol || form.Feed == SimulatedFeed.Futures)
        {
            return;
        }

        _exposures.Count(form.Feed, symbol, -1);
        _flows.Count(form.Feed, symbol, -1);
        if (_tickers.TryFindUnlisted(symbol, out var unlisted))
        {
            unlisted.Count(form.Feed, -1);
        }
    }

    private void CountWhole(SimulatedFeed feed, int change)
    {
        _shares.Count(feed, change);
        _futures.Count(feed, change);
        foreach (var board in _boards)
        {
            board.Count(feed, change);
        }
    }

    /// <inheritdoc cref="TickerDirectory.TryGetReference"/>
    public bool TryGetReference(string symbol, out ReferencePrice reference) => _tickers.TryGetReference(symbol, out reference);

    /// <summary>A ticker by its name, or by that of its options; one outside the universe comes into being. Under <see cref="Gate"/>.</summary>
    public SimulatedTicker Find(string symbol) => _tickers.FindOrAdd(symbol, _schedule.Now);

    /// <summary>Gamma exposure of a ticker, the newest first and not older than ten seconds. Under <see cref="Gate"/>.</summary>
    public Ring<ExposureMinute> ExposuresOf(SimulatedTicker ticker)
    {
        _exposures.Refresh(ticker);
        return ticker.Past.Exposures;
    }

    /// <summary>Gamma exposure of a ticker per strike, not older than ten seconds. Under <see cref="Gate"/>.</summary>
    public StrikeRows StrikesOf(SimulatedTicker ticker) => _exposures.RefreshByStrike(ticker);

    private void Begin()
    {
        _options.Begin();
        _exposures.Plan();
        _schedule.Agenda.Add(SimulatedClock.EndOf(SimulatedClock.DateAt(_schedule.Now)), new(OccurrenceKind.Day));
        foreach (var ticker in _tickers.Listed)
        {
            PlanPrice(ticker, OccurrenceKind.Price, ticker);
        }

        _flows.Begin();
        _news.Plan();
        _halts.Plan();
        _congress.Begin();
        _futures.Plan();
        foreach (var board in _boards)
        {
            board.Plan();
        }
    }

    private void Happen(Occurrence occurrence, IMarketTape tape)
    {
        switch (occurrence.Kind)
        {
            case OccurrenceKind.Order:
                _options.Order(tape);
                break;
            case OccurrenceKind.UnlistedOrder:
                PlaceUnlisted((UnlistedTicker)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.RunBegins:
                _options.BeginRun(tape);
                break;
            case OccurrenceKind.RunTrade:
                _options.Hit((RepeatedHits)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Alert:
                var alert = (FlowAlert)occurrence.Subject!;
                _options.Publish(alert, tape);
                Past.Alerts.Add(new(alert, _schedule.Now));
                _account.Take(alert, tape);
                break;
            case OccurrenceKind.Mood:
                _options.ChangeMood();
                break;
            case OccurrenceKind.Print:
                _shares.Print((PrintRun)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Price:
                var listed = (SimulatedTicker)occurrence.Subject!;
                Move(listed, tape);
                PlanPrice(listed, OccurrenceKind.Price, listed);
                _shares.Follow(listed);
                break;
            case OccurrenceKind.UnlistedPrice:
                MoveUnlisted((UnlistedTicker)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Exposure:
                _exposures.Measure(tape);
                break;
            case OccurrenceKind.ExposureRows:
                _exposures.Continue((ExposureBurst)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.NetFlow:
                _flows.PublishNet(tape);
                break;
            case OccurrenceKind.IntervalFlow:
                _flows.PublishIntervals(tape);
                break;
            case OccurrenceKind.News:
                Past.News.Add(_news.Publish(tape));
                break;
            case OccurrenceKind.Halt:
                Past.Halts.Add(_account.Take(_halts.Halt(tape), tape));
                break;
            case OccurrenceKind.Resume:
                Past.Halts.Add(_account.Take(_halts.Resume((SimulatedTicker)occurrence.Subject!, tape), tape));
                break;
            case OccurrenceKind.Board:
                ((Board)occurrence.Subject!).Publish(tape);
                break;
            case OccurrenceKind.Futures:
                _futures.BeginSecond();
                break;
            case OccurrenceKind.FuturesTrade:
                _futures.Trade((FuturesSecond)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Filing:
                _congress.Publish();
                break;
            default:
                BeginDay();
                break;
        }
    }

    private void Move(SimulatedTicker ticker, IMarketTape tape)
    {
        if (!ticker.Halted)
        {
            ticker.Walk(_schedule.Now);
            tape.Price(ticker, _schedule.Milliseconds);
        }
    }

    private void MoveUnlisted(UnlistedTicker unlisted, IMarketTape tape)
    {
        unlisted.PricePlanned = unlisted.Watched;
        if (unlisted.Watched)
        {
            Move(unlisted.Ticker, tape);
            PlanPrice(unlisted.Ticker, OccurrenceKind.UnlistedPrice, unlisted);
        }
    }

    private void PlaceUnlisted(UnlistedTicker unlisted, IMarketTape tape)
    {
        unlisted.OrderPlanned = unlisted.OptionsWatched;
        if (unlisted.OptionsWatched)
        {
            unlisted.Orders.Place(unlisted.Ticker, _schedule.Now, tape);
            PlanUnlistedOrder(unlisted);
        }
    }

    private void BeginDay()
    {
        var date = SimulatedClock.DateAt(_schedule.Now);
        foreach (var ticker in _tickers.All)
        {
            ticker.BeginDay(date);
            _shares.BeginDay(ticker);
        }

        _schedule.Agenda.Add(SimulatedClock.EndOf(date), new(OccurrenceKind.Day));
    }

    private void PlanPrice(SimulatedTicker ticker, OccurrenceKind kind, object subject) =>
        _schedule.Agenda.Add(ticker.NextTick(_schedule.Now, _schedule.Rate), new(kind, subject));

    private void PlanUnlistedOrder(UnlistedTicker unlisted) =>
        _schedule.After(unlisted.Random.Exponential(1 / (UnlistedOrdersPerSecond * _schedule.Rate)), OccurrenceKind.UnlistedOrder, unlisted);
}
