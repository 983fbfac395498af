using Tidewire.Market;

namespace Tidewire.Tests.Market;

public sealed class CalendarOverrideTests : IDisposable
{
    private const string Good = """{"overrides":[{"date":"2029-05-02","closed":true,"reason":"Storm"},{"date":"2029-05-03","close":"14:30","reason":"Snow"}]}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tidewire");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_adds_closures_and_early_closes_to_those_of_the_assembly()
    {
        var calendar = MarketCalendar.Load(Write(Good));

        Assert.Equal("Storm", calendar.ClosureOn(new(2029, 5, 2)));
        var day = calendar.DayOf(new(2029, 5, 3))!;
        Assert.Equal(("Snow", new TimeSpan(14, 30, 0), new TimeSpan(18, 30, 0)), (day.EarlyCloseReason, day.Close.TimeOfDay, day.AfterHoursEnd.TimeOfDay));
        Assert.Equal(day.Open, calendar.NextOpen(new(2029, 5, 1, 21, 0, 0, TimeSpan.Zero)));
        Assert.False(calendar.IsTradingDay(new(2025, 1, 9)));
        Assert.True(MarketCalendar.Load().IsTradingDay(new(2029, 5, 2)));
    }

    [Fact]
    public void A_full_day_can_be_made_of_a_holiday_and_of_half_a_day()
    {
        var calendar = MarketCalendar.Load(Write("""
            {"overrides":[{"date":"2029-06-19","close":"16:00","reason":"No longer a holiday"},{"date":"2029-07-03","close":"16:00","reason":"No longer short"}]}
            """));

        Assert.All((DateOnly[])[new(2029, 6, 19), new(2029, 7, 3)], date =>
        {
            var day = calendar.DayOf(date)!;
            Assert.False(day.IsEarlyClose);
            Assert.Equal((16, 20), (day.Close.Hour, day.AfterHoursEnd.Hour));
            Assert.Null(calendar.ClosureOn(date));
        });
    }

    [Fact]
    public void The_file_wins_over_the_assembly_and_the_configuration_over_the_file()
    {
        var file = Write(Good.Replace("2029-05-02", "2025-01-09", StringComparison.Ordinal));
        CalendarOverride[] configured = [new(new(2029, 5, 3), null, "Blackout")];

        Assert.Equal("Storm", MarketCalendar.Load(file).ClosureOn(new(2025, 1, 9)));
        Assert.Equal("Blackout", MarketCalendar.Load(file, configured).ClosureOn(new(2029, 5, 3)));
        Assert.Equal("Storm", MarketCalendar.Load(file, configured).ClosureOn(new(2025, 1, 9)));
    }

    [Theory]
    [InlineData("\"2029-05-02\"", "\"2029-02-29\"", "override 1", "date", "2025-01-09")]
    [InlineData("\"2029-05-02\"", "\"5/2/2029\"", "override 1", "date", "2025-01-09")]
    [InlineData("\"2029-05-02\"", "20290502", "override 1", "date", "2025-01-09")]
    [InlineData("\"2029-05-02\"", "\"2029-05-05\"", "override 1 (2029-05-05)", "date", "Saturday")]
    [InlineData("\"2029-05-02\"", "\"2029-05-03\"", "override 2 (2029-05-03)", "date", "twice")]
    [InlineData("\"closed\":true", "\"closed\":false", "override 1 (2029-05-02)", "closed", "true")]
    [InlineData("\"closed\":true,", "", "override 1 (2029-05-02)", "closed", "close")]
    [InlineData("\"closed\":true", "\"closed\":true,\"close\":\"13:00\"", "override 1 (2029-05-02)", "closed", "not both")]
    [InlineData("\"closed\":true", "\"shut\":true", "override 1 (2029-05-02)", "shut", "date, closed, close, reason")]
    [InlineData("\"14:30\"", "\"2:30 pm\"", "override 2 (2029-05-03)", "close", "13:00")]
    [InlineData("\"14:30\"", "1430", "override 2 (2029-05-03)", "close", "13:00")]
    [InlineData("\"14:30\"", "null", "override 2 (2029-05-03)", "close", "13:00")]
    [InlineData("\"14:30\"", "\"09:30\"", "override 2 (2029-05-03)", "close", "16:00")]
    [InlineData("\"14:30\"", "\"16:01\"", "override 2 (2029-05-03)", "close", "16:00")]
    [InlineData("\"Snow\"", "\" \"", "override 2 (2029-05-03)", "reason", "")]
    [InlineData("\"Snow\"", "7", "override 2 (2029-05-03)", "reason", "")]
    [InlineData(",\"reason\":\"Storm\"", "", "override 1 (2029-05-02)", "reason", "")]
    public void A_bad_override_is_refused_with_the_file_the_override_and_the_field(string good, string bad, string which, string field, string allowed)
    {
        var file = Write(Good.Replace(good, bad, StringComparison.Ordinal));
        var exception = Assert.Throws<InvalidDataException>(() => MarketCalendar.Load(file));
        Assert.All((string[])[file, which, $"'{field}'", allowed], part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"overrides":{}}""")]
    [InlineData("""{"overrides":[5]}""")]
    public void A_file_of_another_shape_is_refused_by_name(string content)
    {
        var file = Write(content);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => MarketCalendar.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_name()
    {
        var file = Path.Combine(_folder.FullName, "nothing.json");
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => MarketCalendar.Load(file)).Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullName, Assert.Throws<InvalidDataException>(() => MarketCalendar.Load(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_configured_override_is_refused_with_its_field()
    {
        var exception = Assert.Throws<InvalidDataException>(() => MarketCalendar.Load(null, [new(new(2029, 5, 3), new(17, 0), "Late")]));
        Assert.Equal("The configured exchange calendar: override 1 (2029-05-03): 'close' must be after 09:30 and at most 16:00.", exception.Message);
    }

    private string Write(string content)
    {
        var file = Path.Combine(_folder.FullName, "exchange-calendar.json");
        File.WriteAllText(file, content);
        return file;
    }
}
