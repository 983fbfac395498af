namespace Tidewire.Simulation;

/// <summary>The days on which options expire, seen from one day. Exchange holidays are not left out.</summary>
internal static class Expiries
{
    private const int Dailies = 5;
    private const int Weeklies = 4;
    private const int Monthlies = 4;

    /// <summary>
    /// The expiries that trade on <paramref name="date"/>, nearest first: for a daily listing the next weekdays (today's
    /// first), then Fridays, third Fridays of the months, and the third Friday of a January.
    /// </summary>
    public static IReadOnlyList<DateOnly> On(DateOnly date, bool daily)
    {
        var expiries = new SortedSet<DateOnly>();
        for (var day = date; daily && expiries.Count < Dailies; day = day.AddDays(1))
        {
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            {
                expiries.Add(day);
            }
        }

        var friday = date.AddDays((DayOfWeek.Friday - date.DayOfWeek + 7) % 7);
        for (var week = 0; week < Weeklies; week++)
        {
            expiries.Add(friday.AddDays(7 * week));
        }

        var month = new DateOnly(date.Year, date.Month, 1);
        if (ThirdFriday(month) < date)
        {
            month = month.AddMonths(1);
        }

        for (var count = 0; count < Monthlies; count++)
        {
            expiries.Add(ThirdFriday(month.AddMonths(count)));
        }

        expiries.Add(ThirdFriday(new DateOnly(date.Year + (date.Month <= 6 ? 1 : 2), 1, 1)));
        return [.. expiries];
    }

    private static DateOnly ThirdFriday(DateOnly firstOfMonth) =>
        firstOfMonth.AddDays(((DayOfWeek.Friday - firstOfMonth.DayOfWeek + 7) % 7) + 14);
}
