namespace Tidewire.Simulation;

/// <summary>
/// The option trades of the universe: orders whose number swings between calm and burst, runs of trades in one contract,
/// and the alerts that follow from the runs. A halted ticker has none.
/// </summary>
internal sealed class OptionTape
{
    private const double TradesPerSecond = 300;
    private const double AlertsPerSecond = 1;
    private const double CalmIntensity = 0.85;
    private const double BurstIntensity = 3;

    // Bursts fill 7 % of the time, so that the mean of both intensities is 1.
    private const double MeanCalmSeconds = 9.3;
    private const double MeanBurstSeconds = 0.7;
    private const double OrderPopularity = 1.1;
    private const double AlertPopularity = 0.55;

    // Orders make the trades that the runs do not.
    private const double OrdersPerSecond = (TradesPerSecond - (AlertsPerSecond * RepeatedHits.MeanTrades)) / OrderFlow.TradesPerOrder;

    private readonly MarketSchedule _schedule;
    private readonly SimulatedTicker[] _tickers;
    private readonly SeededRandom _random;
    private readonly OrderFlow _orders;
    private readonly AlertDelay _delay;
    private readonly ZipfDistribution _orderRank;
    private readonly ZipfDistribution _alertRank;
    private double _intensity = CalmIntensity;

    public OptionTape(MarketSchedule schedule, SimulatedTicker[] tickers, long seed)
    {
        _schedule = schedule;
        _tickers = tickers;
        _random = SeededRandom.For(seed, "market");
        _orders = new(_random);
        _delay = new(SeededRandom.For(seed, "alert delay"));
        _orderRank = new(tickers.Length, OrderPopularity);
        _alertRank = new(tickers.Length, AlertPopularity);
    }

    /// <summary>Plans what comes first.</summary>
    public void Begin()
    {
        PlanOrder();
        PlanRun();
        _schedule.After(_random.Exponential(MeanCalmSeconds), OccurrenceKind.Mood);
    }

    /// <summary>The next order.</summary>
    public void Order(IMarketTape tape)
    {
        var ticker = _tickers[_orderRank.Draw(_random)];
        if (!ticker.Halted)
        {
            _orders.Place(ticker, _schedule.Now, tape);
        }

        PlanOrder();
    }

    /// <summary>The next run begins.</summary>
    public void BeginRun(IMarketTape tape)
    {
        var ticker = _tickers[_alertRank.Draw(_random)];
        if (!ticker.Halted)
        {
            Hit(RepeatedHits.Begin(ticker, _random, _orders, _schedule.Now), tape);
        }

        PlanRun();
    }

    /// <summary>The next trade of a run. A halt ends the run, and there is no alert of it.</summary>
    public void Hit(RepeatedHits run, IMarketTape tape)
    {
        if (run.Ticker.Halted)
        {
            return;
        }

        var next = run.Hit(_random, _orders, _schedule.Now, tape);
        if (!run.Done)
        {
            _schedule.Agenda.Add(next, new(OccurrenceKind.RunTrade, run));
            return;
        }

        var alert = run.ToAlert(_random.Id());
        _schedule.Agenda.Add(_delay.Due(SimulatedClock.FromUnixMilliseconds(alert.EndTime)), new(OccurrenceKind.Alert, alert));
    }

    /// <summary>Publishes an alert.</summary>
    public void Publish(FlowAlert alert, IMarketTape tape)
    {
        _delay.Passed(_schedule.Now);
        tape.Alert(alert);
    }

    /// <summary>Forgets which alerts were due up to a time.</summary>
    public void Passed(long now) => _delay.Passed(now);

    /// <summary>Calm turns to burst or back.</summary>
    public void ChangeMood()
    {
        var calm = _intensity == BurstIntensity;
        _intensity = calm ? CalmIntensity : BurstIntensity;
        _schedule.After(_random.Exponential(calm ? MeanCalmSeconds : MeanBurstSeconds), OccurrenceKind.Mood);
    }

    private void PlanOrder() => _schedule.After(_random.Exponential(1 / (OrdersPerSecond * _intensity * _schedule.Rate)), OccurrenceKind.Order);

    private void PlanRun() => _schedule.After(_random.Between(0.5, 1.5) / (AlertsPerSecond * _schedule.Rate), OccurrenceKind.RunBegins);
}
