using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class MarketSessionsTests
{
    private readonly MarketCalendar _calendar = MarketCalendar.Load();

    [Theory]
    [InlineData("2026-11-18T03:59:59.9999999-05:00", MarketSession.Closed)]
    [InlineData("2026-11-18T04:00-05:00", MarketSession.PreMarket)]
    [InlineData("2026-11-18T09:29:59.9999999-05:00", MarketSession.PreMarket)]
    [InlineData("2026-11-18T09:30-05:00", MarketSession.Open)]
    [InlineData("2026-11-18T15:59:59.9999999-05:00", MarketSession.Open)]
    [InlineData("2026-11-18T16:00-05:00", MarketSession.AfterHours)]
    [InlineData("2026-11-18T19:59:59.9999999-05:00", MarketSession.AfterHours)]
    [InlineData("2026-11-18T20:00-05:00", MarketSession.Closed)]
    [InlineData("2026-11-27T12:59:59.9999999-05:00", MarketSession.Open)]
    [InlineData("2026-11-27T13:00-05:00", MarketSession.AfterHours)]
    [InlineData("2026-11-27T16:59:59.9999999-05:00", MarketSession.AfterHours)]
    [InlineData("2026-11-27T17:00-05:00", MarketSession.Closed)]
    [InlineData("2026-11-26T10:00-05:00", MarketSession.Closed)]
    [InlineData("2026-11-21T10:00-05:00", MarketSession.Closed)]
    [InlineData("2025-01-09T15:00Z", MarketSession.Closed)]
    [InlineData("2026-11-18T14:30Z", MarketSession.Open)]
    [InlineData("2026-11-18T23:30+09:00", MarketSession.Open)]
    public void A_session_begins_at_its_first_instant_and_ends_before_the_next(string at, MarketSession session)
        => Assert.Equal(session, _calendar.SessionAt(At(at)));

    [Theory]
    [InlineData("2026-03-06", "14:30", "21:00")]
    [InlineData("2026-03-09", "13:30", "20:00")]
    [InlineData("2026-10-30", "13:30", "20:00")]
    [InlineData("2026-11-02", "14:30", "21:00")]
    [InlineData("2006-04-03", "13:30", "20:00")]
    [InlineData("2006-10-30", "14:30", "21:00")]
    public void The_hours_move_with_New_Yorks_clocks(string day, string open, string close)
    {
        var hours = _calendar.DayOf(DateOnly.Parse(day, CultureInfo.InvariantCulture))!;
        Assert.Equal((At($"{day}T{open}Z"), At($"{day}T{close}Z")), (hours.Open, hours.Close));
        Assert.Equal((new TimeSpan(9, 30, 0), new TimeSpan(16, 0, 0)), (hours.Open.TimeOfDay, hours.Close.TimeOfDay));
    }

    [Theory]
    [InlineData("2026-11-18T09:29-05:00", "2026-11-18T09:30-05:00", "2026-11-18T16:00-05:00")]
    [InlineData("2026-11-18T09:30-05:00", "2026-11-19T09:30-05:00", "2026-11-18T16:00-05:00")]
    [InlineData("2026-11-18T16:00-05:00", "2026-11-19T09:30-05:00", "2026-11-19T16:00-05:00")]
    [InlineData("2026-11-25T18:00-05:00", "2026-11-27T09:30-05:00", "2026-11-27T13:00-05:00")]
    [InlineData("2026-03-07T12:00-05:00", "2026-03-09T09:30-04:00", "2026-03-09T16:00-04:00")]
    [InlineData("2026-12-31T23:59-05:00", "2027-01-04T09:30-05:00", "2027-01-04T16:00-05:00")]
    [InlineData("2027-12-31T16:00-05:00", "2028-01-03T09:30-05:00", "2028-01-03T16:00-05:00")]
    [InlineData("2024-02-28T20:00-05:00", "2024-02-29T09:30-05:00", "2024-02-29T16:00-05:00")]
    [InlineData("2012-10-26T16:00-04:00", "2012-10-31T09:30-04:00", "2012-10-31T16:00-04:00")]
    [InlineData("2025-01-08T16:00-05:00", "2025-01-10T09:30-05:00", "2025-01-10T16:00-05:00")]
    public void The_next_open_and_close_skip_what_does_not_trade(string at, string open, string close)
        => Assert.Equal((At(open), At(close)), (_calendar.NextOpen(At(at)), _calendar.NextClose(At(at))));

    [Fact]
    public void The_next_open_is_the_first_open_of_a_trading_day_after_the_instant() => Prop.ForAll(Instants.Any, at =>
    {
        var next = _calendar.NextOpen(at);
        return next > at
            && _calendar.DayOf(_calendar.NewYorkDate(next))?.Open == next
            && (_calendar.SessionAt(next), _calendar.SessionAt(next.AddTicks(-1))) == (MarketSession.Open, MarketSession.PreMarket)
            && Days(at, next).All(day => day.Open <= at || day.Open == next);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_next_close_is_the_first_close_of_a_trading_day_after_the_instant() => Prop.ForAll(Instants.Any, at =>
    {
        var next = _calendar.NextClose(at);
        return next > at
            && _calendar.DayOf(_calendar.NewYorkDate(next))?.Close == next
            && (_calendar.SessionAt(next), _calendar.SessionAt(next.AddTicks(-1))) == (MarketSession.AfterHours, MarketSession.Open)
            && (next < _calendar.NextOpen(at)) == (_calendar.SessionAt(at) == MarketSession.Open)
            && Days(at, next).All(day => day.Close <= at || day.Close == next);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Between_two_changes_one_session_holds() => Prop.ForAll(Instants.Any, at =>
    {
        var next = _calendar.NextChange(at);
        var session = _calendar.SessionAt(at);
        return next > at
            && _calendar.SessionAt(next) != session
            && Enumerable.Range(0, 50).All(part => _calendar.SessionAt(at + ((next - at) / 50 * part)) == session)
            && _calendar.SessionAt(next.AddTicks(-1)) == session;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Sessions_partition_the_day_in_their_order() => Prop.ForAll(Instants.Days, date =>
    {
        // 19 h of the day's clock from 03:00 are 1,140 minutes on every day, also where the clocks change at 2:00.
        var from = (_calendar.DayOf(date)?.PreMarketOpen ?? _calendar.DailyResetAfter(Noon(date)).AddHours(-16)).AddHours(-1);
        var sessions = Enumerable.Range(0, 1140).Select(minute => _calendar.SessionAt(from.AddMinutes(minute))).ToList();
        int Minutes(MarketSession session) => sessions.Count(other => other == session);
        var (open, after) = _calendar.DayOf(date) switch { null => (0, 0), { IsEarlyClose: true } => (210, 240), _ => (390, 240) };
        MarketSession[] order = open == 0 ? [MarketSession.Closed] : [MarketSession.Closed, MarketSession.PreMarket, MarketSession.Open, MarketSession.AfterHours, MarketSession.Closed];
        return (Minutes(MarketSession.PreMarket), Minutes(MarketSession.Open), Minutes(MarketSession.AfterHours)) == (open == 0 ? 0 : 330, open, after)
            && order.SequenceEqual(sessions.Where((session, minute) => minute == 0 || sessions[minute - 1] != session));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_daily_reset_is_at_eight_in_the_evening_on_every_day() => Prop.ForAll(Instants.Any, at =>
    {
        var (before, after) = (_calendar.DailyResetBefore(at), _calendar.DailyResetAfter(at));
        return before <= at && at < after
            && (before.TimeOfDay, after.TimeOfDay) == (TimeSpan.FromHours(20), TimeSpan.FromHours(20))
            && _calendar.NewYorkDate(after) == _calendar.NewYorkDate(before).AddDays(1)
            && _calendar.DailyResetBefore(after) == after
            && _calendar.DailyResetAfter(before) == after;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("2026-03-08T12:00Z", 23)]
    [InlineData("2026-11-01T12:00Z", 25)]
    [InlineData("2026-11-18T12:00Z", 24)]
    public void A_day_of_the_daily_counters_is_as_long_as_New_Yorks(string at, int hours)
        => Assert.Equal(TimeSpan.FromHours(hours), _calendar.DailyResetAfter(At(at)) - _calendar.DailyResetBefore(At(at)));

    [Theory]
    [InlineData("2026-01-01T04:59:59Z", "2025-12-31")]
    [InlineData("2026-01-01T05:00Z", "2026-01-01")]
    [InlineData("2026-07-01T03:59:59Z", "2026-06-30")]
    [InlineData("2026-07-01T04:00Z", "2026-07-01")]
    [InlineData("2024-03-01T04:59Z", "2024-02-29")]
    public void The_date_is_New_Yorks(string at, string date)
        => Assert.Equal(DateOnly.Parse(date, CultureInfo.InvariantCulture), _calendar.NewYorkDate(At(at)));

    private IEnumerable<TradingDay> Days(DateTimeOffset from, DateTimeOffset to)
    {
        for (var date = _calendar.NewYorkDate(from); date <= _calendar.NewYorkDate(to); date = date.AddDays(1))
        {
            if (_calendar.DayOf(date) is { } day)
            {
                yield return day;
            }
        }
    }

    // Noon by universal time is the morning of the same date in New York.
    private static DateTimeOffset Noon(DateOnly date) => new(date, new(12, 0), TimeSpan.Zero);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
