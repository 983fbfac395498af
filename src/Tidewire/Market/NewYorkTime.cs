namespace Tidewire.Market;

/// <summary>
/// New York's local time. The rule is the system's, so that a change of law arrives with its time zone data; where there
/// is none, as in slim containers, the rule in force since 2007 (and its predecessor) stands in.
/// </summary>
internal sealed class NewYorkTime
{
    private const string Id = "America/New_York";

    // TimeZoneInfo counts a month's weeks from 1 and takes 5 for the last.
    private const int LastWeek = 5;

    private readonly TimeZoneInfo _zone;

    private NewYorkTime(TimeZoneInfo zone) => _zone = zone;

    /// <summary>By the system's time zone data, or by rule where it has none.</summary>
    /// <param name="id">The zone's name in the data.</param>
    public static NewYorkTime FromSystem(string id = Id)
    {
        try
        {
            return new(TimeZoneInfo.FindSystemTimeZoneById(id));
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            return ByRule();
        }
    }

    /// <summary>By the law of the United States alone: second Sunday of March to first Sunday of November, each at 2:00.</summary>
    public static NewYorkTime ByRule() => new(TimeZoneInfo.CreateCustomTimeZone(
        Id, TimeSpan.FromHours(-5), "New York", "Eastern Standard Time", "Eastern Daylight Time",
        [
            Rule(new(1987, 1, 1), new(2006, 12, 31), (4, 1), (10, LastWeek)),
            Rule(new(2007, 1, 1), DateTime.MaxValue.Date, (3, 2), (11, 1)),
        ]));

    /// <summary>The instant as New York's clocks show it.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone);

    /// <summary>The instant at which New York's clocks show a time; for a time shown twice in a night, the later.</summary>
    public DateTimeOffset At(DateOnly date, TimeOnly time)
    {
        var local = date.ToDateTime(time);
        return new(local, _zone.GetUtcOffset(local));
    }

    private static TimeZoneInfo.AdjustmentRule Rule(DateTime from, DateTime to, (int Month, int Week) begin, (int Month, int Week) end)
    {
        static TimeZoneInfo.TransitionTime Sunday((int Month, int Week) on)
            => TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new(1, 1, 1, 2, 0, 0), on.Month, on.Week, DayOfWeek.Sunday);
        return TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(from, to, TimeSpan.FromHours(1), Sunday(begin), Sunday(end));
    }
}
