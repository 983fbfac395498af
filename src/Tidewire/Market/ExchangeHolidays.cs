namespace Tidewire.Market;

/// <summary>
/// The rules by which the New York Stock Exchange sets its holidays and early closes (its Rule 7.2 and its yearly
/// announcements). They hold from 2003 on; before, other days were half days.
/// </summary>
internal static class ExchangeHolidays
{
    private const int FirstJuneteenth = 2022;

    /// <summary>The holiday for which the exchange stays closed on a weekday; null on any other day.</summary>
    public static string? ClosureOn(DateOnly day) => day.Month switch
    {
        // A New Year's Day on a Saturday is not observed: the Friday before ends the year's books, and the exchange trades.
        1 when day == Observed(day.Year, 1, 1) => "New Year's Day",
        1 when IsNth(day, DayOfWeek.Monday, 3) => "Martin Luther King, Jr. Day",
        2 when IsNth(day, DayOfWeek.Monday, 3) => "Washington's Birthday",
        3 or 4 when day.DayOfWeek == DayOfWeek.Friday && day == EasterSunday(day.Year).AddDays(-2) => "Good Friday",
        5 when day.DayOfWeek == DayOfWeek.Monday && day.Day > 24 => "Memorial Day",
        6 when day.Year >= FirstJuneteenth && day == Observed(day.Year, 6, 19) => "Juneteenth National Independence Day",
        7 when day == Observed(day.Year, 7, 4) => "Independence Day",
        9 when IsNth(day, DayOfWeek.Monday, 1) => "Labor Day",
        11 when IsNth(day, DayOfWeek.Thursday, 4) => "Thanksgiving Day",
        12 when day == Observed(day.Year, 12, 25) => "Christmas Day",
        _ => null,
    };

    /// <summary>Why the exchange closes at 13:00 on a day; null on any other day.</summary>
    public static string? EarlyCloseOn(DateOnly day) => (day.Month, day.Day) switch
    {
        // On a Friday both are the observed holiday itself; on a weekend there is nothing to shorten, and the Friday before stays whole.
        (7, 3) when IsMondayToThursday(day) => "Day before Independence Day",
        (12, 24) when IsMondayToThursday(day) => "Christmas Eve",
        (11, _) when IsNth(day.AddDays(-1), DayOfWeek.Thursday, 4) => "Day after Thanksgiving",
        _ => null,
    };

    /// <summary>Easter Sunday of a Gregorian year, by the computus of Meeus, Jones and Butcher.</summary>
    internal static DateOnly EasterSunday(int year)
    {
        var golden = year % 19;
        var (century, inCentury) = Math.DivRem(year, 100);
        var moonCorrection = ((8 * century) + 13) / 25;
        var epact = ((19 * golden) + century - (century / 4) - moonCorrection + 15) % 30;
        var toSunday = (32 + (2 * (century % 4)) + (2 * (inCentury / 4)) - epact - (inCentury % 4)) % 7;
        var lateMoon = (golden + (11 * epact) + (22 * toSunday)) / 451;
        var (month, day) = Math.DivRem(epact + toSunday - (7 * lateMoon) + 114, 31);
        return new(year, month, day + 1);
    }

    // A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
    private static DateOnly Observed(int year, int month, int day)
    {
        var date = new DateOnly(year, month, day);
        return date.DayOfWeek switch
        {
            DayOfWeek.Saturday => date.AddDays(-1),
            DayOfWeek.Sunday => date.AddDays(1),
            _ => date,
        };
    }

    private static bool IsNth(DateOnly day, DayOfWeek weekday, int nth) => day.DayOfWeek == weekday && (day.Day - 1) / 7 == nth - 1;

    private static bool IsMondayToThursday(DateOnly day) => day.DayOfWeek is >= DayOfWeek.Monday and <= DayOfWeek.Thursday;
}
