using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// Gamma exposure. What the socket published within the last ten seconds is told again; else it is computed, so that a ticker
/// no one follows has a row for each minute in which it was asked for.
/// </summary>
internal static class ExposureRows
{
    private const int Most = 500;

    /// <summary>A ticker's exposure, the last of each minute.</summary>
    public static RestRows PerMinute(RestQuery query, string path)
    {
        var symbol = query.TickerOf(path);
        var date = query.Date("date");
        return (market, to) =>
        {
            var day = date ?? SimulatedClock.DateAt(market.Now.UtcTicks);
            var minutes = market.ExposuresOf(market.Find(symbol)).NewestFirst();
            to.List(minutes.Where(minute => SimulatedClock.DateAt(SimulatedClock.FromUnixMilliseconds(minute.At)) == day).Reverse(), WriteMinute);
        };
    }

    /// <summary>A ticker's exposure per strike, in order of the strikes, by pages. Delta is not simulated and is 0, as on the socket.</summary>
    public static RestRows PerStrike(RestQuery query, string path)
    {
        var symbol = query.TickerOf(path);
        var date = query.Date("date");
        var (limit, page) = (query.Limit(Most, Most), query.Page());
        var (least, most) = (query.Number("min_strike", most: int.MaxValue) ?? 0, query.Number("max_strike", most: int.MaxValue) ?? int.MaxValue);
        return (market, to) =>
        {
            var strikes = market.StrikesOf(market.Find(symbol));
            var today = SimulatedClock.DateAt(SimulatedClock.FromUnixMilliseconds(strikes.At));
            to.List(
                strikes.Rows.Where(row => (date ?? today) == today && row.StrikeThousandths >= least * 1_000 && row.StrikeThousandths <= most * 1_000)
                    .Skip(page * limit).Take(limit),
                (text, row) => WriteStrike(text, strikes, row));
        };
    }

    private static void WriteMinute(RestText to, ExposureMinute minute)
    {
        WriteSum(to, "dir", minute.Exposure.Directional);
        WriteSum(to, "oi", minute.Exposure.OpenInterest);
        WriteSum(to, "vol", minute.Exposure.Volume);
        to.Fixed("price", minute.Price, 4, PlacesOf(minute.Price));
        to.Second("time", minute.At);
    }

    private static void WriteSum(RestText to, string by, in ExposureSum sum)
    {
        to.Digits("charm_per_one_percent_move_" + by, sum.Charm);
        to.Digits("gamma_per_one_percent_move_" + by, sum.Gamma);
        to.Digits("vanna_per_one_percent_move_" + by, sum.Vanna);
    }

    private static void WriteStrike(RestText to, StrikeRows strikes, StrikeExposure row)
    {
        WriteSide(to, "call", row.Call);
        WriteSide(to, "put", row.Put);
        to.Fixed("price", strikes.Price, 4, PlacesOf(strikes.Price));
        to.Fixed("strike", row.StrikeThousandths, 3, 0);
        to.Second("time", strikes.At);
    }

    private static void WriteSide(RestText to, string side, in SideExposure exposure)
    {
        foreach (var (by, sum) in new[] { ("ask", exposure.Ask), ("bid", exposure.Bid), ("oi", exposure.OpenInterest), ("vol", exposure.Volume) })
        {
            to.Digits($"{side}_charm_{by}", sum.Charm);
            to.Whole($"{side}_delta_{by}", 0);
            to.Digits($"{side}_gamma_{by}", sum.Gamma);
            to.Digits($"{side}_vanna_{by}", sum.Vanna);
        }
    }

    // Of an index the strike at the money stands in place of its price, and a strike has no places that are zeros.
    private static int PlacesOf(long price) => price % 10_000 == 0 ? 0 : 2;
}
