using Microsoft.Extensions.Options;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>The settings of the provider's REST side.</summary>
public sealed class RestSettingsTests : ServerTest
{
    [Theory]
    [InlineData("UW_REST_URL", "api.unusualwhales.com", "http://HOST")]
    [InlineData("UW_REST_URL", "ftp://api.unusualwhales.com", "http://HOST")]
    [InlineData("UW_REST_URL", "https://api.unusualwhales.com/api", "without path")]
    [InlineData("UW_REST_URL", "https://api.unusualwhales.com/?token=abc", "without path")]
    [InlineData("UW_REST_URL", "https://abc@api.unusualwhales.com", "without path")]
    [InlineData("REALTIME_UPDATE_INTERVAL", "0", "0.1 to 86400")]
    [InlineData("REALTIME_UPDATE_INTERVAL", "-5", "0.1 to 86400")]
    [InlineData("REALTIME_UPDATE_INTERVAL", "NaN", "0.1 to 86400")]
    [InlineData("REALTIME_UPDATE_INTERVAL", "soon", "0.1 to 86400")]
    [InlineData("REALTIME_UPDATE_INTERVAL", "1e9", "0.1 to 86400")]
    [InlineData("REALTIME_AFTER_HOURS_INTERVAL", "5,5", "0.1 to 86400")]
    [InlineData("REALTIME_AFTER_HOURS_INTERVAL", "00:01:00", "0.1 to 86400")]
    public async Task A_bad_one_is_named_with_what_is_allowed(string name, string value, string allowed)
    {
        var exception = await Assert.ThrowsAsync<SettingsException>(() => ServerUnderTest.BuildAsync(new Dictionary<string, string?> { ["UW_API_TOKEN"] = Token, [name] = value }));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.5", null, 7.5, 60)]
    [InlineData(null, "90", 5, 90)]
    [InlineData("", "", 5, 60)]
    public async Task The_shortest_intervals_are_seconds(string? update, string? after, double open, double other)
    {
        await StartAsync(("UW_REST_URL", "https://rest.invalid"), ("REALTIME_UPDATE_INTERVAL", update), ("REALTIME_AFTER_HOURS_INTERVAL", after), ("TIDEWIRE_DATA", Folder));
        var options = Server.Get<IOptions<RequestBudgetOptions>>().Value;
        Assert.Equal((open, other), (options.UpdateInterval.TotalSeconds, options.AfterHoursInterval.TotalSeconds));
    }

    [Fact]
    public async Task None_makes_no_request()
    {
        await StartAsync(("UW_REST_URL", "NONE"));
        Assert.Throws<InvalidOperationException>(() => Server.Get<UnusualWhalesPoller>());
    }
}
