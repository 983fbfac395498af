using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// The stock screener: every 30 seconds a row for each ticker of the universe. Neither the feed nor its rate is documented;
/// both are presumed.
/// </summary>
internal sealed class StockBoard(MarketSchedule schedule, SimulatedTicker[] tickers) : Board(schedule, SimulatedFeed.StockScreener, Length)
{
    private const long Length = 30_000;

    private protected override void Write(IMarketTape tape)
    {
        foreach (var ticker in tickers)
        {
            tape.Stock(StockDay.Of(ticker));
        }
    }
}

/// <summary>What the options of a ticker did today. Volumes in contracts; premiums in whole USD, since the market opened.</summary>
internal readonly record struct StockDay(SimulatedTicker Ticker, SideDay Calls, SideDay Puts)
{
    /// <summary>Sums up a ticker's chain.</summary>
    public static StockDay Of(SimulatedTicker ticker)
    {
        var (calls, puts) = (default(SideDay), default(SideDay));
        foreach (var contract in ticker.Chain.Contracts)
        {
            if (contract.Type == OptionType.Call)
            {
                calls = calls.With(contract);
            }
            else
            {
                puts = puts.With(contract);
            }
        }

        return new(ticker, calls, puts);
    }
}

/// <summary>The day of the calls or of the puts of a ticker.</summary>
internal readonly record struct SideDay(long Volume, long Premium, long NetPremium)
{
    /// <summary>The sum with one more contract.</summary>
    public SideDay With(OptionContract contract) => new(
        Volume + contract.Volume.Total,
        Premium + (contract.Day?.Premium ?? 0),
        NetPremium + (contract.Day is { } day ? day.AskPremium - day.BidPremium : 0));
}
