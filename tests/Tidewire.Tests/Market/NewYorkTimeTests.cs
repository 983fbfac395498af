using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class NewYorkTimeTests
{
    private static readonly DateTimeOffset First = new(2003, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2041, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly NewYorkTime _rule = NewYorkTime.ByRule();

    [Fact]
    public void The_rule_agrees_with_the_systems_zone_at_every_half_hour_from_2003_to_2040()
    {
        var system = SystemZone();
        for (var at = First; at < End; at = at.AddMinutes(30))
        {
            var expected = TimeZoneInfo.ConvertTime(at, system);
            if (!_rule.Local(at).EqualsExact(expected))
            {
                Assert.Fail($"{at:O}: {_rule.Local(at):O} by rule, {expected:O} by the system.");
            }
        }
    }

    [Fact]
    public void The_rule_places_local_times_where_the_systems_zone_does()
    {
        var system = SystemZone();
        TimeOnly[] times = [new(0, 0), new(1, 30), new(4, 0), new(9, 30), new(13, 0), new(16, 0), new(20, 0), new(23, 59)];
        for (var date = DateOnly.FromDateTime(First.DateTime); date.Year < 2041; date = date.AddDays(1))
        {
            foreach (var time in times)
            {
                var local = date.ToDateTime(time);
                if (!_rule.At(date, time).EqualsExact(new(local, system.GetUtcOffset(local))))
                {
                    Assert.Fail($"{local:O}: {_rule.At(date, time):O} by rule, {system.GetUtcOffset(local)} by the system.");
                }
            }
        }
    }

    [Theory]
    [InlineData(2026, 3, 8, 6, 59, -5)]
    [InlineData(2026, 3, 8, 7, 0, -4)]
    [InlineData(2026, 11, 1, 5, 59, -4)]
    [InlineData(2026, 11, 1, 6, 0, -5)]
    [InlineData(2006, 4, 2, 7, 0, -4)]
    [InlineData(2006, 10, 29, 6, 0, -5)]
    [InlineData(2040, 3, 11, 7, 0, -4)]
    [InlineData(2040, 11, 4, 6, 0, -5)]
    public void The_rule_changes_the_clocks_at_two_in_the_morning(int year, int month, int day, int hour, int minute, int offset)
        => Assert.Equal(TimeSpan.FromHours(offset), _rule.Local(new(year, month, day, hour, minute, 0, TimeSpan.Zero)).Offset);

    [Fact]
    public void Without_time_zone_data_the_rule_stands_in()
    {
        var july = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.True(NewYorkTime.FromSystem("America/Not_there").Local(july).EqualsExact(_rule.Local(july)));
    }

    [Fact]
    public void A_calendar_by_rule_gives_the_systems_hours()
    {
        _ = SystemZone();
        var (byRule, bySystem) = (new MarketCalendar([], _rule), new MarketCalendar([], NewYorkTime.FromSystem()));
        for (var date = new DateOnly(2007, 1, 1); date.Year < 2041; date = date.AddDays(1))
        {
            Assert.Equal(bySystem.DayOf(date), byRule.DayOf(date));
        }
    }

    private static TimeZoneInfo SystemZone()
    {
        Assert.SkipUnless(TimeZoneInfo.TryFindSystemTimeZoneById("America/New_York", out var zone), "This system has no time zone data.");
        return zone!;
    }
}
