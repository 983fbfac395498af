using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class ExchangeDatesTests
{
    private readonly MarketCalendar _calendar = MarketCalendar.Load();

    [Theory]
    [MemberData(nameof(PublishedCalendar.Years), MemberType = typeof(PublishedCalendar))]
    public void The_closures_of_a_year_are_those_the_exchange_publishes(int year)
        => Assert.Equal(PublishedCalendar.Closures[year], Weekdays(year).Where(day => !_calendar.IsTradingDay(day)).Select(Short));

    [Theory]
    [MemberData(nameof(PublishedCalendar.Years), MemberType = typeof(PublishedCalendar))]
    public void The_early_closes_of_a_year_are_those_the_exchange_publishes(int year)
    {
        var early = Weekdays(year).Select(_calendar.DayOf).OfType<TradingDay>().Where(day => day.IsEarlyClose).ToList();

        Assert.Equal(PublishedCalendar.EarlyCloses[year], early.Select(day => Short(day.Date)));
        Assert.All(early, day => Assert.Equal((13, 17), (day.Close.Hour, day.AfterHoursEnd.Hour)));
    }

    [Theory]
    [InlineData("2023-01-02", "New Year's Day")]
    [InlineData("2025-01-09", "Day of mourning for Jimmy Carter")]
    [InlineData("2026-01-19", "Martin Luther King, Jr. Day")]
    [InlineData("2026-02-16", "Washington's Birthday")]
    [InlineData("2026-04-03", "Good Friday")]
    [InlineData("2026-05-25", "Memorial Day")]
    [InlineData("2027-06-18", "Juneteenth National Independence Day")]
    [InlineData("2026-07-03", "Independence Day")]
    [InlineData("2026-09-07", "Labor Day")]
    [InlineData("2026-11-26", "Thanksgiving Day")]
    [InlineData("2027-12-24", "Christmas Day")]
    [InlineData("2026-12-24", null)]
    [InlineData("2026-07-04", null)]
    public void A_closure_says_why(string day, string? reason) => Assert.Equal(reason, _calendar.ClosureOn(Day(day)));

    [Theory]
    [InlineData("2004-06-11")]
    [InlineData("2007-01-02")]
    [InlineData("2012-10-29")]
    [InlineData("2012-10-30")]
    [InlineData("2018-12-05")]
    [InlineData("2025-01-09")]
    public void A_special_closure_is_a_closure(string day)
    {
        Assert.False(_calendar.IsTradingDay(Day(day)));
        Assert.Null(_calendar.DayOf(Day(day)));
        Assert.NotNull(_calendar.ClosureOn(Day(day)));
    }

    [Theory]
    [InlineData("2010-12-31")]
    [InlineData("2021-12-31")]
    [InlineData("2027-12-31")]
    public void A_new_year_on_a_Saturday_leaves_the_Friday_before_a_full_trading_day(string day)
        => Assert.False(_calendar.DayOf(Day(day))!.IsEarlyClose);

    [Theory]
    [InlineData("2021-06-18", true)]
    [InlineData("2022-06-20", false)]
    public void Juneteenth_is_a_holiday_from_2022_on(string day, bool trades) => Assert.Equal(trades, _calendar.IsTradingDay(Day(day)));

    [Theory]
    [InlineData("2019-07-03", "Day before Independence Day")]
    [InlineData("2020-07-02", null)]
    [InlineData("2021-07-02", null)]
    [InlineData("2020-12-24", "Christmas Eve")]
    [InlineData("2021-12-23", null)]
    [InlineData("2022-12-23", null)]
    [InlineData("2019-11-29", "Day after Thanksgiving")]
    [InlineData("2003-12-26", "Day after Christmas")]
    [InlineData("2008-12-26", null)]
    [InlineData("2025-12-26", null)]
    public void A_day_beside_a_holiday_is_short_only_where_the_exchange_makes_it_so(string day, string? reason)
        => Assert.Equal(reason, _calendar.DayOf(Day(day))!.EarlyCloseReason);

    [Fact]
    public void A_leap_day_on_a_weekday_trades()
    {
        Assert.True(_calendar.IsTradingDay(new(2024, 2, 29)));
        Assert.True(_calendar.IsTradingDay(new(2028, 2, 29)));
        Assert.False(_calendar.IsTradingDay(new(2032, 2, 29)));
    }

    [Theory]
    [InlineData("1818-03-22")]
    [InlineData("1954-04-18")]
    [InlineData("1981-04-19")]
    [InlineData("2000-04-23")]
    [InlineData("2008-03-23")]
    [InlineData("2011-04-24")]
    [InlineData("2038-04-25")]
    [InlineData("2049-04-18")]
    [InlineData("2285-03-22")]
    public void Easter_falls_where_the_church_says(string day) => Assert.Equal(Day(day), ExchangeHolidays.EasterSunday(Day(day).Year));

    [Fact]
    public void No_weekend_trades_and_no_week_is_without_a_trading_day() => Prop.ForAll(Instants.Days, date =>
    {
        var week = Enumerable.Range(0, 7).Select(date.AddDays).ToList();
        return week.Where(day => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday).All(day => !_calendar.IsTradingDay(day) && _calendar.ClosureOn(day) is null)
            && week.Count(_calendar.IsTradingDay) >= 3;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_weekday_trades_or_says_why_not() => Prop.ForAll(Instants.Days, date =>
        date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
        || (_calendar.IsTradingDay(date) == (_calendar.ClosureOn(date) is null) && _calendar.IsTradingDay(date) == (_calendar.DayOf(date) is not null)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_year_has_nine_or_ten_holidays_by_rule()
        => Assert.All(Enumerable.Range(2022, 200), year =>
            Assert.Equal(new DateOnly(year, 1, 1).DayOfWeek == DayOfWeek.Saturday ? 9 : 10, Weekdays(year).Count(day => ExchangeHolidays.ClosureOn(day) is not null)));

    private static IEnumerable<DateOnly> Weekdays(int year)
        => Enumerable.Range(0, 366).Select(new DateOnly(year, 1, 1).AddDays)
            .Where(day => day.Year == year && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));

    private static string Short(DateOnly day) => day.ToString("MM-dd", CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
