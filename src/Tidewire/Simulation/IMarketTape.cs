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
}
