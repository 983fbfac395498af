using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// The contracts of one ticker on one day. Made whole from the seed, the day and the opening price, so that it is the
/// same whenever it is first asked for.
/// </summary>
internal sealed class OptionChain
{
    private const int StrikesEachSide = 20;

    // As broad as the chains of the most traded funds and indices really are.
    private const int StrikesEachSideOfDailies = 90;
    private const int FarDays = 60;
    private const double MeanExpiryIndex = 1.7;
    private const double CallShare = 0.56;

    private readonly Ladder[] _ladders;

    private OptionChain(Ladder[] ladders) => _ladders = ladders;

    /// <summary>Makes the chain.</summary>
    /// <param name="ticker">The underlying.</param>
    /// <param name="date">The market's date.</param>
    /// <param name="open">The underlying's opening price.</param>
    /// <param name="dayShare">How much of an ordinary day has been traded already.</param>
    /// <param name="random">A sequence for this chain alone.</param>
    public static OptionChain Make(SimulatedTicker ticker, DateOnly date, double open, double dayShare, SeededRandom random)
    {
        var listing = ticker.Listing;
        var ladders = new List<Ladder>();
        var reach = listing.ExpiresDaily ? StrikesEachSideOfDailies : StrikesEachSide;
        foreach (var day in Expiries.On(date, listing.ExpiresDaily))
        {
            var expiry = new ChainExpiry(day, SimulatedClock.EndOf(day));
            var days = day.DayNumber - date.DayNumber;
            var step = (int)(listing.StrikeStep * 1000) * (days > FarDays ? 2 : 1);
            var middle = (int)Math.Round(open * 1000 / step);
            var first = Math.Max(1, middle - reach);
            var contracts = new OptionContract[(middle + reach - first + 1) * 2];
            for (var index = 0; index < contracts.Length; index++)
            {
                var strike = (first + (index / 2)) * step;
                var type = (index & 1) == 0 ? OptionType.Call : OptionType.Put;
                var distance = Math.Log(strike / 1000.0 / open) / (listing.Volatility * Math.Sqrt((days + 3) / 365.0));

                // Round strikes and those out of the money are the crowded ones.
                var outside = type == OptionType.Call ? distance : -distance;
                var crowd = Math.Exp(-0.3 * distance * distance) * (strike % (step * 5) == 0 ? 2.2 : 1) * 1.7 / (1 + Math.Exp(-1.8 * outside));
                var openInterest = (int)(ticker.Crowd * crowd * random.LogNormal(1, 0.9));
                contracts[index] = new(ticker, expiry, type, strike)
                {
                    OpenInterest = openInterest,
                    Volume = TradedAlready(openInterest * dayShare * random.LogNormal(3.0 / (days + 2), 0.8), random),
                };
            }

            ladders.Add(new(expiry, first * step, step, contracts));
        }

        return new([.. ladders]);
    }

    /// <summary>Draws a contract as orders do: near expiries and strikes near the money first.</summary>
    public OptionContract Draw(SeededRandom random, double spot, double volatility, long now)
    {
        var ladder = _ladders[Math.Min((int)random.Exponential(MeanExpiryIndex), _ladders.Length - 1)];
        var type = random.Chance(CallShare) ? OptionType.Call : OptionType.Put;
        var width = volatility * Math.Sqrt(SimulatedClock.YearsUntil(ladder.Expiry.End, now) + (0.7 / 365));

        // A little out of the money is where most of the volume is.
        var distance = ((type == OptionType.Call ? 0.25 : -0.25) + (0.7 * random.Normal())) * width;
        return ladder.Nearest(type, spot * Math.Exp(distance));
    }

    /// <summary>The contract of the same type and expiry some strikes away, as the other leg of an order.</summary>
    public OptionContract Neighbour(OptionContract contract, int strikes)
    {
        var ladder = Array.Find(_ladders, candidate => candidate.Expiry == contract.Expiry)!;
        return ladder.Nearest(contract.Type, (contract.StrikeThousandths + (strikes * ladder.Step)) / 1000.0);
    }

    /// <summary>All contracts.</summary>
    public IEnumerable<OptionContract> Contracts => _ladders.SelectMany(ladder => ladder.Contracts);

    /// <summary>The dealers' exposure over all contracts.</summary>
    public GammaExposure Exposure(double spot, long now)
    {
        var exposure = new GammaExposure();
        foreach (var contract in Contracts)
        {
            var volume = contract.Volume;
            exposure.Add(contract.Type, spot, contract.ValueAt(now, out _), contract.OpenInterest, volume.Total, volume.Bid - volume.Ask);
        }

        return exposure;
    }

    /// <summary>The dealers' exposure per expiry and strike, an array per expiry.</summary>
    public IReadOnlyList<StrikeExposure[]> ExposureByExpiry(double spot, long now) => [.. _ladders.Select(ladder => Rows(ladder, spot, now))];

    /// <summary>The dealers' exposure per strike.</summary>
    public StrikeExposure[] ExposureByStrike(double spot, long now)
    {
        var byStrike = new SortedDictionary<int, StrikeExposure>();
        foreach (var row in _ladders.SelectMany(ladder => Rows(ladder, spot, now)))
        {
            byStrike[row.StrikeThousandths] = byStrike.TryGetValue(row.StrikeThousandths, out var other) ? other.With(row) : row;
        }

        return [.. byStrike.Values];
    }

    /// <summary>The strike nearest to the spot, in thousandths of a dollar.</summary>
    public int AtTheMoney(double spot) => _ladders[0].Nearest(OptionType.Call, spot).StrikeThousandths;

    private static StrikeExposure[] Rows(Ladder ladder, double spot, long now)
    {
        var rows = new StrikeExposure[ladder.Contracts.Length / 2];
        for (var rung = 0; rung < rows.Length; rung++)
        {
            var (call, put) = (ladder.Contracts[rung * 2], ladder.Contracts[(rung * 2) + 1]);
            rows[rung] = new(ladder.Expiry, call.StrikeThousandths, SideExposure.Of(call, spot, now), SideExposure.Of(put, spot, now));
        }

        return rows;
    }

    private static DayVolume TradedAlready(double contracts, SeededRandom random)
    {
        var total = (int)contracts;
        var ask = (int)(total * random.Between(0.30, 0.55));
        var bid = (int)(total * random.Between(0.30, 0.43));
        var noSide = total / 8000;
        return new(total, ask, bid, total - ask - bid - noSide, noSide, (int)(total * random.Between(0.02, 0.25)), total / 2500);
    }

    private sealed record Ladder(ChainExpiry Expiry, int First, int Step, OptionContract[] Contracts)
    {
        public OptionContract Nearest(OptionType type, double strike)
        {
            var rung = Math.Clamp((int)Math.Round(((strike * 1000) - First) / Step), 0, (Contracts.Length / 2) - 1);
            return Contracts[(rung * 2) + (int)type];
        }
    }
}
