using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// A market that follows from a seed: tickers whose prices walk, orders that become option trades, runs of trades that
/// become flow alerts, and the gamma exposure of the chains.
/// </summary>
/// <remarks>
/// <para>It reads no clock. Its owner advances it to a time, and it reports what happened up to then in order of market
/// time; in how many steps it is advanced makes no difference. It is always in session.</para>
/// <para>What is watched decides what is computed and reported, never what happens: tickers outside the universe, which
/// exist once they are watched, draw from random sequences of their own.</para>
/// <para>Not thread-safe, except <see cref="TryGetReference"/>.</para>
/// </remarks>
internal sealed class SimulatedMarket
{
    private const double TradesPerSecond = 300;
    private const double AlertsPerSecond = 1;
    private const double UnlistedOrdersPerSecond = 0.5;
    private const double CalmIntensity = 0.85;
    private const double BurstIntensity = 3;

    // Bursts fill 7 % of the time, so that the mean of both intensities is 1.
    private const double MeanCalmSeconds = 9.3;
    private const double MeanBurstSeconds = 0.7;
    private const double OrderPopularity = 1.1;
    private const double AlertPopularity = 0.55;
    private const int SecondsPerExposure = 10;
    private const long LatestAlertTicks = 5 * TimeSpan.TicksPerSecond;

    // Orders make the trades that the runs do not.
    private const double OrdersPerSecond = (TradesPerSecond - (AlertsPerSecond * RepeatedHits.MeanTrades)) / OrderFlow.TradesPerOrder;

    private readonly Agenda _agenda = new();
    private readonly TickerDirectory _tickers;
    private readonly SeededRandom _random;
    private readonly OrderFlow _orders;
    private readonly AlertDelay _delay;
    private readonly ZipfDistribution _orderRank;
    private readonly ZipfDistribution _alertRank;
    private readonly SortedDictionary<string, int> _exposed = new(StringComparer.Ordinal);
    private readonly double _fullRate;
    private double _rate;
    private double _intensity = CalmIntensity;
    private long _now;

    private SimulatedMarket(SimulationOptions options, long start)
    {
        _fullRate = options.Rate;
        _rate = options.Rate;
        _now = start;
        _random = SeededRandom.For(options.Seed, "market");
        _orders = new(_random);
        _delay = new(SeededRandom.For(options.Seed, "alert delay"));
        _tickers = new(options.Tickers ?? int.MaxValue, options.Seed, start);
        _orderRank = new(_tickers.Listed.Length, OrderPopularity);
        _alertRank = new(_tickers.Listed.Length, AlertPopularity);
    }

    /// <summary>The time up to which everything has happened.</summary>
    public DateTimeOffset Now => new(_now, TimeSpan.Zero);

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
        while (_agenda.TryTake(until.UtcTicks, out var at, out var occurrence))
        {
            _now = at;
            Happen(occurrence, tape);
        }

        _now = Math.Max(_now, until.UtcTicks);
    }

    /// <summary>Advances to a time without reporting, at no more than the ordinary rate: alerts are to be due, no more.</summary>
    public void AdvanceUnseen(DateTimeOffset until)
    {
        _rate = Math.Min(_fullRate, 1);
        Advance(until, new SilentTape());
        _rate = _fullRate;
    }

    /// <summary>
    /// Leaves time out: nothing happens until <paramref name="until"/>, as if the market had been held still. Runs under way
    /// are given up, alerts that would be late by more than some seconds are never published.
    /// </summary>
    public void SkipTo(DateTimeOffset until)
    {
        var target = until.UtcTicks;
        var skipped = target - _now;
        if (skipped <= 0)
        {
            return;
        }

        _now = target;
        _delay.Passed(target);
        _agenda.Replan((at, occurrence) => occurrence.Kind switch
        {
            OccurrenceKind.RunTrade => null,
            OccurrenceKind.Alert when at < target - LatestAlertTicks => null,
            OccurrenceKind.Alert or OccurrenceKind.Exposure or OccurrenceKind.Day => Math.Max(at, target),
            _ => at + skipped,
        });
    }

    /// <summary>Begins to serve what a form asks for. A ticker that is not in the universe comes into being.</summary>
    public void Watch(SimulatedForm form)
    {
        if (form.Symbol is not { } symbol)
        {
            return;
        }

        var ticker = _tickers.FindOrAdd(symbol, _now);
        if (form.Feed == SimulatedFeed.Exposure)
        {
            _exposed[symbol] = _exposed.GetValueOrDefault(symbol) + 1;
        }

        if (_tickers.TryFindUnlisted(symbol, out var unlisted))
        {
            unlisted.Count(form.Feed, 1);
            if (!unlisted.PricePlanned)
            {
                // Asked for just now: the first price comes soon.
                unlisted.PricePlanned = true;
                Plan(unlisted.Random.Between(0.1, 0.6), OccurrenceKind.UnlistedPrice, unlisted);
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
        if (form.Symbol is not { } symbol)
        {
            return;
        }

        if (form.Feed == SimulatedFeed.Exposure && _exposed.TryGetValue(symbol, out var watchers))
        {
            if (watchers > 1)
            {
                _exposed[symbol] = watchers - 1;
            }
            else
            {
                _exposed.Remove(symbol);
            }
        }

        if (_tickers.TryFindUnlisted(symbol, out var unlisted))
        {
            unlisted.Count(form.Feed, -1);
        }
    }

    /// <inheritdoc cref="TickerDirectory.TryGetReference"/>
    public bool TryGetReference(string symbol, out ReferencePrice reference) => _tickers.TryGetReference(symbol, out reference);

    private void Begin()
    {
        PlanOrder();
        PlanRun();
        Plan(_random.Exponential(MeanCalmSeconds), OccurrenceKind.Mood);
        _agenda.Add(NextExposure(), new(OccurrenceKind.Exposure));
        _agenda.Add(SimulatedClock.EndOf(SimulatedClock.DateAt(_now)), new(OccurrenceKind.Day));
        foreach (var ticker in _tickers.Listed)
        {
            Plan(ticker.NextTick() / _rate, OccurrenceKind.Price, ticker);
        }
    }

    private void Happen(Occurrence occurrence, IMarketTape tape)
    {
        switch (occurrence.Kind)
        {
            case OccurrenceKind.Order:
                _orders.Place(_tickers.Listed[_orderRank.Draw(_random)], _now, tape);
                PlanOrder();
                break;
            case OccurrenceKind.UnlistedOrder:
                PlaceUnlisted((UnlistedTicker)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.RunBegins:
                Hit(RepeatedHits.Begin(_tickers.Listed[_alertRank.Draw(_random)], _random, _orders, _now), tape);
                PlanRun();
                break;
            case OccurrenceKind.RunTrade:
                Hit((RepeatedHits)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Alert:
                _delay.Passed(_now);
                tape.Alert((FlowAlert)occurrence.Subject!);
                break;
            case OccurrenceKind.Price:
                var listed = (SimulatedTicker)occurrence.Subject!;
                Move(listed, tape);
                Plan(listed.NextTick() / _rate, OccurrenceKind.Price, listed);
                break;
            case OccurrenceKind.UnlistedPrice:
                MoveUnlisted((UnlistedTicker)occurrence.Subject!, tape);
                break;
            case OccurrenceKind.Exposure:
                MeasureExposure(tape);
                _agenda.Add(NextExposure(), occurrence);
                break;
            case OccurrenceKind.Mood:
                var calm = _intensity == BurstIntensity;
                _intensity = calm ? CalmIntensity : BurstIntensity;
                Plan(_random.Exponential(calm ? MeanCalmSeconds : MeanBurstSeconds), OccurrenceKind.Mood);
                break;
            default:
                BeginDay();
                break;
        }
    }

    private void Hit(RepeatedHits run, IMarketTape tape)
    {
        var next = run.Hit(_random, _orders, _now, tape);
        if (!run.Done)
        {
            _agenda.Add(next, new(OccurrenceKind.RunTrade, run));
            return;
        }

        var alert = run.ToAlert(_random.Id());
        _agenda.Add(_delay.Due(SimulatedClock.FromUnixMilliseconds(alert.EndTime)), new(OccurrenceKind.Alert, alert));
    }

    private void Move(SimulatedTicker ticker, IMarketTape tape)
    {
        ticker.Walk(_now);
        tape.Price(ticker, SimulatedClock.ToUnixMilliseconds(_now));
    }

    private void MoveUnlisted(UnlistedTicker unlisted, IMarketTape tape)
    {
        unlisted.PricePlanned = unlisted.Watched;
        if (unlisted.Watched)
        {
            Move(unlisted.Ticker, tape);
            Plan(unlisted.Ticker.NextTick() / _rate, OccurrenceKind.UnlistedPrice, unlisted);
        }
    }

    private void PlaceUnlisted(UnlistedTicker unlisted, IMarketTape tape)
    {
        unlisted.OrderPlanned = unlisted.OptionsWatched;
        if (unlisted.OptionsWatched)
        {
            unlisted.Orders.Place(unlisted.Ticker, _now, tape);
            PlanUnlistedOrder(unlisted);
        }
    }

    private void MeasureExposure(IMarketTape tape)
    {
        // Each ticker has a second of its own within the ten, as at the provider.
        var second = (ulong)(_now / TimeSpan.TicksPerSecond);
        var at = SimulatedClock.ToUnixMilliseconds((long)second * TimeSpan.TicksPerSecond);
        foreach (var symbol in _exposed.Keys.Where(symbol => (SeededRandom.StableHash(symbol) + second) % SecondsPerExposure == 0))
        {
            var ticker = _tickers.FindOrAdd(symbol, _now);
            tape.Exposure(new(symbol, ticker, at, ticker.Chain.Exposure(ticker.Spot, _now)));
        }
    }

    private void BeginDay()
    {
        var date = SimulatedClock.DateAt(_now);
        foreach (var ticker in _tickers.All)
        {
            ticker.BeginDay(date);
        }

        _agenda.Add(SimulatedClock.EndOf(date), new(OccurrenceKind.Day));
    }

    private long NextExposure() => _now - (_now % TimeSpan.TicksPerSecond) + TimeSpan.TicksPerSecond;

    private void PlanOrder() => Plan(_random.Exponential(1 / (OrdersPerSecond * _intensity * _rate)), OccurrenceKind.Order);

    private void PlanRun() => Plan(_random.Between(0.5, 1.5) / (AlertsPerSecond * _rate), OccurrenceKind.RunBegins);

    private void PlanUnlistedOrder(UnlistedTicker unlisted) =>
        Plan(unlisted.Random.Exponential(1 / (UnlistedOrdersPerSecond * _rate)), OccurrenceKind.UnlistedOrder, unlisted);

    private void Plan(double seconds, OccurrenceKind kind, object? subject = null) =>
        _agenda.Add(_now + SimulatedClock.Seconds(seconds), new(kind, subject));
}
