using System.Globalization;
using System.Text.RegularExpressions;

namespace Tidewire.Simulation.Rest;

/// <summary>A ticker's last price with the day's, and candles of the prices it had. The simulated market is always in its regular session.</summary>
internal static partial class PriceRows
{
    private const int MostCandles = 2_500;
    private const long Minute = 60_000;

    private static readonly Dictionary<string, long> Sizes = new(StringComparer.Ordinal)
    {
        ["1m"] = 1, ["5m"] = 5, ["10m"] = 10, ["15m"] = 15, ["30m"] = 30, ["1h"] = 60, ["4h"] = 240, ["1d"] = 0, ["1w"] = 0,
    };

    /// <summary>The last price, the day's prices, and the shares of the last minute and of the day.</summary>
    public static RestRows State(RestQuery query, string path)
    {
        var symbol = query.TickerOf(path);
        return (market, to) =>
        {
            var ticker = market.Find(symbol);
            var (reference, bars) = (ticker.Reference, ticker.Past.Bars);
            to.Object(() =>
            {
                to.Fixed("close", ticker.Underlying, 4, 2);
                to.Decimal("high", reference.High);
                to.Decimal("low", reference.Low);
                to.Text("market_time", "regular");
                to.Decimal("open", reference.Open);
                to.Decimal("prev_close", reference.PreviousClose);
                to.Second("tape_time", bars.Count > 0 ? bars[0].LastAt : market.Now.ToUnixTimeMilliseconds());
                to.Count("total_volume", ticker.SharesToday);
                to.Count("volume", bars.Count > 0 ? bars[0].Volume : 0);
            });
        };
    }

    /// <summary>Candles, the newest first. The last one still changes; those of days and weeks have dates in place of times.</summary>
    public static RestRows Candles(RestQuery query, string path)
    {
        var parts = path.Split('/');
        var symbol = query.TickerOf(parts[0]);
        var size = query.OneOf(parts[1], Sizes.Keys);
        var limit = query.Limit(MostCandles, MostCandles);
        var (date, until) = (query.Date("date"), query.Date("end_date") ?? DateOnly.MaxValue);
        var timeframe = query.Last("timeframe") ?? "1Y";
        if (!Timeframe().IsMatch(timeframe))
        {
            query.Refuse("timeframe", timeframe, "2M");
        }

        return (market, to) =>
        {
            var ticker = market.Find(symbol);
            var today = SimulatedClock.DateAt(market.Now.UtcTicks);
            var since = Since(timeframe, date ?? (until < today ? until : today));
            bool Asked(DateOnly day) => date is { } only ? day == only : day > since && day <= until;
            if (Sizes[size] > 0)
            {
                to.List(Grouped(ticker.Past.Bars, Sizes[size] * Minute).Where(bar => Asked(DateOf(bar.Start))).Take(limit), (row, bar) => WriteBar(row, bar, Sizes[size] * Minute));
            }
            else
            {
                var days = ticker.Past.Days.NewestFirst().Prepend(Today(ticker)).Where(day => Asked(day.Date));
                to.List((size == "1w" ? Weeks(days) : days).Take(limit), WriteDay);
            }
        };
    }

    private static IEnumerable<PriceBar> Grouped(Ring<PriceBar> bars, long length) =>
        from bar in bars.NewestFirst()
        group bar by bar.Start / length into part
        select part.Reverse().Aggregate((one, next) => one with
        {
            High = Math.Max(one.High, next.High),
            Low = Math.Min(one.Low, next.Low),
            Close = next.Close,
            LastAt = next.LastAt,
            Volume = one.Volume + next.Volume,
            Total = next.Total,
        }) with
        { Start = part.Key * length };

    private static DayBar Today(SimulatedTicker ticker)
    {
        var reference = ticker.Reference;
        return new(ticker.Date, reference.Open, reference.High, reference.Low, ticker.Underlying, ticker.SharesToday);
    }

    private static IEnumerable<DayBar> Weeks(IEnumerable<DayBar> days) =>
        from day in days
        group day by Monday(day.Date) into week
        select new DayBar(week.Key, week.Last().Open, week.Max(day => day.High), week.Min(day => day.Low), week.First().Close, week.Sum(day => day.Volume));

    private static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % 7));

    private static DateOnly Since(string timeframe, DateOnly from)
    {
        if (timeframe == "YTD")
        {
            return new DateOnly(from.Year, 1, 1).AddDays(-1);
        }

        var count = int.Parse(timeframe[..^1], CultureInfo.InvariantCulture);
        return timeframe[^1] switch
        {
            'D' => from.AddDays(-count),
            'W' => from.AddDays(-7 * count),
            'M' => from.AddMonths(-count),
            _ => from.AddYears(-count),
        };
    }

    private static void WriteBar(RestText to, PriceBar bar, long length)
    {
        to.Fixed("close", bar.Close, 4, 2);
        to.Second("end_time", bar.Start + length);
        to.Fixed("high", bar.High, 4, 2);
        to.Fixed("low", bar.Low, 4, 2);
        to.Text("market_time", "r");
        to.Fixed("open", bar.Open, 4, 2);
        to.Second("start_time", bar.Start);
        to.Count("total_volume", bar.Total);
        to.Count("volume", bar.Volume);
    }

    private static void WriteDay(RestText to, DayBar day)
    {
        to.Fixed("close", day.Close, 4, 2);
        to.Date("date", day.Date);
        to.Decimal("high", day.High);
        to.Decimal("low", day.Low);
        to.Text("market_time", "r");
        to.Decimal("open", day.Open);
        to.Count("total_volume", day.Volume);
        to.Count("volume", day.Volume);
    }

    private static DateOnly DateOf(long milliseconds) => SimulatedClock.DateAt(SimulatedClock.FromUnixMilliseconds(milliseconds));

    [GeneratedRegex("^(YTD|[1-9][0-9]{0,2}[DWMY])$")]
    private static partial Regex Timeframe();
}
