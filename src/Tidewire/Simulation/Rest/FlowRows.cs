using System.Globalization;
using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>Net premium per minute: the market's as running totals of the day, a ticker's as increments. The last row still grows.</summary>
internal static class FlowRows
{
    private const long FiveMinutes = 300_000;

    private static readonly NewYorkTime NewYork = NewYorkTime.FromSystem();

    /// <summary>The market's totals at the end of each minute, or of each five, which name themselves by their beginning.</summary>
    public static RestRows Tide(RestQuery query, string path)
    {
        var date = query.Date("date");
        var outOfTheMoney = query.Truth("otm_only", standard: false);
        var interval = query.Truth("interval_5m", standard: true) ? FiveMinutes : 1;
        return (market, to) =>
        {
            var day = date ?? SimulatedClock.DateAt(market.Now.UtcTicks);
            var minutes = market.Past.Tide.NewestFirst().Where(minute => DateOf(minute.Start) == day).DistinctBy(minute => minute.Start / interval).Reverse();
            to.List(minutes, (row, minute) => WriteTide(row, minute.Start / interval * interval, outOfTheMoney ? minute.OutOfTheMoney : minute.All));
        };
    }

    /// <summary>A ticker's increments of each minute, as far as they were published.</summary>
    public static RestRows Minutes(RestQuery query, string path)
    {
        var symbol = query.TickerOf(path);
        var date = query.Date("date");
        return (market, to) =>
        {
            var day = date ?? SimulatedClock.DateAt(market.Now.UtcTicks);
            to.List(market.Find(symbol).Past.Minutes.NewestFirst().Where(minute => DateOf(minute.Start) == day).Reverse(), WriteMinute);
        };
    }

    private static void WriteTide(RestText to, long start, NetFlow sum)
    {
        var local = NewYork.Local(DateTimeOffset.FromUnixTimeMilliseconds(start));
        to.Text("date", local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        to.Fixed("net_call_premium", sum.CallPremium * 10_000, 4, 4);
        to.Fixed("net_put_premium", sum.PutPremium * 10_000, 4, 4);
        to.Count("net_volume", sum.CallVolume - sum.PutVolume);
        to.Text("timestamp", local.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
    }

    private static void WriteMinute(RestText to, FlowMinute minute)
    {
        var (net, all) = (minute.Net, minute.All);
        to.Count("call_volume", all.CallVolume);
        to.Count("call_volume_ask_side", all.CallAsk);
        to.Count("call_volume_bid_side", all.CallBid);
        to.Date("date", DateOf(minute.Start));
        to.Fixed("net_call_premium", net.CallPremium * 100, 2, 2);
        to.Count("net_call_volume", net.CallVolume);
        to.Digits("net_delta", all.Delta);
        to.Fixed("net_put_premium", net.PutPremium * 100, 2, 2);
        to.Count("net_put_volume", net.PutVolume);
        to.Count("put_volume", all.PutVolume);
        to.Count("put_volume_ask_side", all.PutAsk);
        to.Count("put_volume_bid_side", all.PutBid);
        to.Second("tape_time", minute.Start);
    }

    private static DateOnly DateOf(long milliseconds) => SimulatedClock.DateAt(SimulatedClock.FromUnixMilliseconds(milliseconds));
}
