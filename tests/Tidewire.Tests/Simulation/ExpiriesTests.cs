using FsCheck;
using FsCheck.Fluent;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class ExpiriesTests
{
    [Fact]
    public void A_daily_listing_expires_today_and_on_the_next_weekdays()
    {
        // A Wednesday.
        var expiries = Expiries.On(new(2026, 11, 18), daily: true);

        Assert.Equal([new(2026, 11, 18), new(2026, 11, 19), new(2026, 11, 20), new(2026, 11, 23), new(2026, 11, 24)], expiries.Take(5));
        Assert.Contains(new(2026, 12, 18), expiries);
        Assert.Equal(new(2028, 1, 21), expiries[^1]);
    }

    [Fact]
    public void On_a_weekend_the_next_expiry_is_on_Monday_or_Friday()
    {
        Assert.Equal(new(2026, 11, 23), Expiries.On(new(2026, 11, 21), daily: true)[0]);
        Assert.Equal(new(2026, 11, 27), Expiries.On(new(2026, 11, 21), daily: false)[0]);
    }

    [Fact]
    public void Expiries_rise_and_are_weekdays_from_today_on() => Prop.ForAll<PositiveInt, bool>((days, daily) =>
    {
        var today = new DateOnly(2024, 1, 1).AddDays(days.Get % 5_000);
        var expiries = Expiries.On(today, daily);
        return expiries.SequenceEqual(expiries.Distinct().Order())
            && expiries[0] >= today
            && expiries.All(day => daily ? day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) : day.DayOfWeek == DayOfWeek.Friday);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_markets_day_ends_at_five_in_the_morning_universal_time()
    {
        var end = new DateTime(2026, 11, 19, 5, 0, 0, DateTimeKind.Utc).Ticks;

        Assert.Equal(end, SimulatedClock.EndOf(new(2026, 11, 18)));
        Assert.Equal(new(2026, 11, 18), SimulatedClock.DateAt(end - 1));
        Assert.Equal(new(2026, 11, 19), SimulatedClock.DateAt(end));
    }
}
