using System.ComponentModel.DataAnnotations;

namespace Tidewire.Simulation;

/// <summary>How the simulated market behaves. Read once, when the market is opened.</summary>
public sealed class SimulationOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Simulation";

    /// <summary>
    /// Seed of everything random, any number. Default 1. The same seed, opened at the same time and advanced to the same
    /// times, gives the same bytes.
    /// </summary>
    public long Seed { get; set; } = 1;

    /// <summary>
    /// Multiplies how often options and shares trade, alerts and headlines appear, prices tick and tickers are halted. What
    /// comes by the clock stays: gamma exposure every 10 s, net flow every 2 s, interval flow every 5 min, screeners every 5
    /// and 30 s, periscope every minute.
    /// From 0.01 to 10000, default 1: about 300 option trades, 150 prints on exchanges and 20 off them, 76 trades of futures,
    /// 1 flow alert and, for SPY, 0.57 prices a second; a headline a minute, and a halt in 20 minutes. Alerts are at the lively end of what the
    /// provider sends, so that someone who looks for the first time sees a living tape.
    /// More than the machine can simulate is left out, not queued.
    /// </summary>
    [Range(0.01, 10_000)]
    public double Rate { get; set; } = 1;

    /// <summary>
    /// How many tickers of the universe trade options, the most popular first; the others exist once they are asked for.
    /// From 1; default none, which means all 60. Fewer tickers share the same number of trades.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? Tickers { get; set; }
}
