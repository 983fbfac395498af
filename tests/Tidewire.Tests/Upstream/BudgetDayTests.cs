namespace Tidewire.Tests.Upstream;

/// <summary>Whole days of hostile demand; the provider's own count is the judge.</summary>
public sealed class BudgetDayTests(ITestOutputHelper output)
{
    /// <summary>A Thursday evening in New York, a minute after the reset.</summary>
    private static readonly DateTimeOffset Evening = new(2026, 6, 4, 20, 1, 0, TimeSpan.FromHours(-4));
    private static readonly BudgetTroubles Everything = new() { Lies = true, Refusals = true, Kills = true, Restarts = true, ClockSteps = true };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_hostile_day_breaks_no_limit_and_lasts_to_the_close(int seed)
    {
        var day = new BudgetDay(seed, Evening, Everything);
        await day.RunAsync(TimeSpan.FromHours(23.9));
        Report($"hostile day, seed {seed}", day);

        Kept(day);
        Assert.True(day.LastPollInSession >= new DateTimeOffset(2026, 6, 5, 15, 50, 0, TimeSpan.FromHours(-4)), $"the last poll in session was at {day.LastPollInSession}");
        Assert.InRange(day.View.Used - day.Vendor.Day, 0, day.Kills * 23); // a block, and what was in flight without ever having left
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Where_nothing_is_lost_the_ledger_is_the_providers_own_count(int seed)
    {
        var day = new BudgetDay(seed, Evening, Everything with { Kills = false });
        await day.RunAsync(TimeSpan.FromHours(23.9));
        await day.SettleAsync();
        Report($"day without kills, seed {seed}", day);
        foreach (var (at, interval, view) in day.Hours.Where(_ => seed == 4))
        {
            output.WriteLine(FormattableString.Invariant($"figure: hour {at.ToOffset(TimeSpan.FromHours(-4)):HH:mm}, seed {seed}: used {view.Used}, remaining {view.Remaining}, poll interval {interval.TotalSeconds:0.0} s, {view.RatePerMinute:0.0} a minute, exhausted {view.ExhaustedAt?.ToOffset(TimeSpan.FromHours(-4)).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture) ?? "not before the reset"}"));
        }

        Kept(day);
        Assert.True(day.Restarts > 5);
        Assert.Equal(day.Vendor.Day, day.View.Used);
        Assert.Equal(500, day.TickersPolled.Count);
    }

    [Theory]
    [InlineData(6, "2026-03-07T12:00:00Z")]
    [InlineData(7, "2026-10-31T12:00:00Z")]
    public async Task Days_around_a_change_of_the_clocks_break_no_limit(int seed, string start)
    {
        var day = new BudgetDay(seed, DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture), Everything);
        await day.RunAsync(TimeSpan.FromHours(60));
        Report($"60 hours from {start}, seed {seed}", day);

        Kept(day);
    }

    private static void Kept(BudgetDay day)
    {
        Assert.Equal(0, day.Vendor.Violations);
        Assert.InRange(day.Vendor.MostInFlight, 1, 3);
        Assert.InRange(day.Vendor.MostInMinute, 1, 108);
        Assert.InRange(day.Vendor.MostInDay, 1, 13_500);
        Assert.True(day.LeastAhead >= 0, $"the provider's count was ahead of the ledger by {-day.LeastAhead}");
    }

    private void Report(string what, BudgetDay day) => output.WriteLine(FormattableString.Invariant(
        $"figure: {what}: {day.Vendor.Arrived} requests, {day.Vendor.Violations} violations, at most {day.Vendor.MostInDay} a day, {day.Vendor.MostInMinute} a minute, {day.Vendor.MostInFlight} in flight; ledger {day.View.Used}, provider {day.Vendor.Day}; {day.Kills} kills, {day.Restarts} restarts, {day.ClockSteps} clock steps, {day.View.Lost} lost, {day.Refused} not granted, ledger ahead by at least {day.LeastAhead}"));
}
