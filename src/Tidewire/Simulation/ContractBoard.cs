namespace Tidewire.Simulation;

/// <summary>
/// The contract screener: every five seconds the fifty contracts with the largest volume of the day among those that traded
/// since the market opened. How often the provider sends a row is not known.
/// </summary>
internal sealed class ContractBoard(MarketSchedule schedule, SimulatedTicker[] tickers) : Board(schedule, SimulatedFeed.ContractScreener, Length)
{
    private const long Length = 5_000;
    private const int Rows = 50;

    private protected override void Write(IMarketTape tape)
    {
        // Every contract of the market is looked at: the smallest of the hottest is kept at hand to compare with.
        var hottest = new PriorityQueue<OptionContract, int>(Rows + 1);
        foreach (var ticker in tickers)
        {
            foreach (var contract in ticker.Chain.Contracts)
            {
                if (contract.Day is not null)
                {
                    hottest.Enqueue(contract, contract.Volume.Total);
                    if (hottest.Count > Rows)
                    {
                        hottest.Dequeue();
                    }
                }
            }
        }

        var rows = new OptionContract[hottest.Count];
        for (var index = rows.Length - 1; index >= 0; index--)
        {
            rows[index] = hottest.Dequeue();
        }

        foreach (var contract in rows)
        {
            tape.HotContract(contract, contract.Day!, Now);
        }
    }
}
