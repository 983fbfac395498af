namespace Tidewire.Simulation;

/// <summary>
/// Publishes sums of the option trades: every two seconds the increments of net flow, of the universe and of watched
/// tickers; every five minutes the statistics of each ticker of the universe. Tickers outside the universe are in neither
/// market-wide feed, since whether they trade depends on who watches.
/// </summary>
internal sealed class FlowTape(MarketSchedule schedule, TickerDirectory tickers, MarketPast past)
{
    // The statistics of an interval come a little after it ended.
    private const long IntervalDelay = 400;

    private readonly WatchedSymbols _watched = new();

    /// <summary>Plans what comes first.</summary>
    public void Begin()
    {
        PlanNet();
        PlanInterval();
    }

    /// <summary>Counts someone who asks for the net flow of a ticker in (1) or out (-1).</summary>
    public void Count(SimulatedFeed feed, string symbol, int change)
    {
        if (feed == SimulatedFeed.NetFlow)
        {
            _watched.Count(symbol, change);
        }
    }

    /// <summary>Publishes the increments of the span that has ended.</summary>
    public void PublishNet(IMarketTape tape)
    {
        var ended = schedule.Milliseconds / TickerFlow.NetLength * TickerFlow.NetLength;
        var market = default(NetFlow);
        var outOfTheMoney = default(NetFlow);
        foreach (var ticker in tickers.Listed)
        {
            var net = ticker.Flow.NetUntil(ended);
            market.Add(net.All);
            outOfTheMoney.Add(net.OutOfTheMoney);
            ticker.Past.Flow(net.All, ticker.Flow.TakeUntil(ended), ended);
        }

        foreach (var unlisted in tickers.Unlisted)
        {
            if (unlisted.OptionsWatched)
            {
                var flow = unlisted.Ticker.Flow;
                unlisted.Ticker.Past.Flow(flow.NetUntil(ended).All, flow.TakeUntil(ended), ended);
            }
        }

        past.Flow(market, outOfTheMoney, ended);
        tape.MarketTide(market, ended);
        foreach (var symbol in _watched.Symbols)
        {
            tape.NetFlow(symbol, tickers.FindOrAdd(symbol, schedule.Now).Flow.NetUntil(ended).All, ended);
        }

        PlanNet();
    }

    /// <summary>Publishes the statistics of the interval that has ended.</summary>
    public void PublishIntervals(IMarketTape tape)
    {
        var ended = schedule.Milliseconds / TickerFlow.IntervalLength * TickerFlow.IntervalLength;
        foreach (var ticker in tickers.Listed)
        {
            var (all, outOfTheMoney) = ticker.Flow.IntervalUntil(ended);
            tape.IntervalFlow(ticker, outOfTheMoney: false, all, ended);
            tape.IntervalFlow(ticker, outOfTheMoney: true, outOfTheMoney, ended);
        }

        PlanInterval();
    }

    private void PlanNet() => schedule.AtNext(TickerFlow.NetLength, OccurrenceKind.NetFlow);

    private void PlanInterval() => schedule.AtNext(TickerFlow.IntervalLength, OccurrenceKind.IntervalFlow, IntervalDelay);
}
