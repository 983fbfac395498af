namespace Tidewire.Simulation;

/// <summary>
/// Told what happens in a <see cref="SimulatedMarket"/>, in order of market time, on the thread that advances it.
/// </summary>
internal interface IMarketTape
{
    /// <summary>An option trade was reported.</summary>
    void Trade(in OptionTrade trade);

    /// <summary>An alert was published; its trades were reported some seconds ago.</summary>
    void Alert(FlowAlert alert);

    /// <summary>A ticker has a new price.</summary>
    /// <param name="ticker">The ticker, as it now is.</param>
    /// <param name="at">Milliseconds since the Unix epoch.</param>
    void Price(SimulatedTicker ticker, long at);

    /// <summary>The gamma exposure of a watched ticker was computed.</summary>
    void Exposure(ExposureUpdate update);

    /// <summary>Some rows of a watched ticker's gamma exposure per strike.</summary>
    void StrikeExposures(ExposureBurst burst, ReadOnlySpan<StrikeExposure> rows);

    /// <summary>Shares were traded.</summary>
    void Print(in SharePrint print);

    /// <summary>A headline appeared.</summary>
    void News(NewsItem item);

    /// <summary>A ticker was halted or trades again.</summary>
    void Halt(in HaltNotice notice);

    /// <summary>What the options of the universe traded in a span of two seconds.</summary>
    /// <param name="sum">The span's increment.</param>
    /// <param name="ended">When the span ended, in milliseconds since the Unix epoch.</param>
    void MarketTide(in NetFlow sum, long ended);

    /// <summary>What the options of a watched ticker traded in a span of two seconds.</summary>
    /// <param name="symbol">The name under which it was asked for.</param>
    /// <param name="sum">The span's increment.</param>
    /// <param name="ended">When the span ended, in milliseconds since the Unix epoch.</param>
    void NetFlow(string symbol, in NetFlow sum, long ended);

    /// <summary>What the options of a ticker traded in five minutes.</summary>
    /// <param name="ticker">The ticker.</param>
    /// <param name="outOfTheMoney">Whether only trades out of the money were counted.</param>
    /// <param name="sum">The interval's statistics.</param>
    /// <param name="ended">When the interval ended, in milliseconds since the Unix epoch.</param>
    void IntervalFlow(SimulatedTicker ticker, bool outOfTheMoney, in IntervalFlow sum, long ended);

    /// <summary>One of the contracts most traded.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="day">What it traded since the market opened.</param>
    /// <param name="now">The market's time in ticks.</param>
    void HotContract(OptionContract contract, ContractDay day, long now);

    /// <summary>What the options of a ticker did today.</summary>
    void Stock(in StockDay day);

    /// <summary>A frame of a snapshot of an index.</summary>
    void Periscope(in PeriscopePart part, ReadOnlySpan<StrikeExposure> rows);

    /// <summary>A future was traded.</summary>
    void Future(in FuturesTrade trade);

    /// <summary>Something of which the account asked to be told.</summary>
    void AccountAlert(in AccountAlert alert);
}

/// <summary>A ticker's gamma exposure.</summary>
/// <param name="Symbol">The name under which it was asked for.</param>
/// <param name="Ticker">The ticker, as it now is.</param>
/// <param name="At">Milliseconds since the Unix epoch, a whole second.</param>
/// <param name="Exposure">The sums over its chain.</param>
internal sealed record ExposureUpdate(string Symbol, SimulatedTicker Ticker, long At, Market.GammaExposure Exposure);

/// <summary>Listens to nothing: for a stretch of the market that no one is to see.</summary>
internal sealed class SilentTape : IMarketTape
{
    public void Trade(in OptionTrade trade)
    {
    }

    public void Alert(FlowAlert alert)
    {
    }

    public void Price(SimulatedTicker ticker, long at)
    {
    }

    public void Exposure(ExposureUpdate update)
    {
    }

    public void StrikeExposures(ExposureBurst burst, ReadOnlySpan<StrikeExposure> rows)
    {
    }

    public void Print(in SharePrint print)
    {
    }

    public void News(NewsItem item)
    {
    }

    public void Halt(in HaltNotice notice)
    {
    }

    public void MarketTide(in NetFlow sum, long ended)
    {
    }

    public void NetFlow(string symbol, in NetFlow sum, long ended)
    {
    }

    public void IntervalFlow(SimulatedTicker ticker, bool outOfTheMoney, in IntervalFlow sum, long ended)
    {
    }

    public void HotContract(OptionContract contract, ContractDay day, long now)
    {
    }

    public void Stock(in StockDay day)
    {
    }

    public void Periscope(in PeriscopePart part, ReadOnlySpan<StrikeExposure> rows)
    {
    }

    public void Future(in FuturesTrade trade)
    {
    }

    public void AccountAlert(in AccountAlert alert)
    {
    }
}
