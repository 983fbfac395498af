using System.Globalization;
using System.Net;
using Tidewire.Market;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Simulation;

/// <summary>The limits that the simulated REST side keeps, and that the real client and its budget understand them.</summary>
public sealed class RestLimitsTests
{
    private static readonly Uri Address = new("https://simulated.invalid");

    [Fact]
    public async Task A_fourth_request_at_the_same_time_is_refused_at_once()
    {
        await using var world = new RestWorld(limits: new());
        var first = Enumerable.Range(0, 3).Select(_ => world.SendAsync("/api/news/headlines")).ToList();
        using var fourth = await world.SendAsync("/api/news/headlines");

        Assert.All(first, answer => Assert.False(answer.IsCompleted));
        Assert.Equal(HttpStatusCode.TooManyRequests, fourth.StatusCode);
        Assert.Contains("exceeded 3 concurrent requests", await fourth.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        world.Pass(TimeSpan.FromMilliseconds(80));
        foreach (var answer in first)
        {
            using var response = await answer;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(200, (await world.AskAsync("/api/news/headlines")).Status);
    }

    [Fact]
    public async Task An_answer_takes_twenty_to_eighty_milliseconds_and_a_cancelled_one_gives_its_place_back()
    {
        await using var world = new RestWorld(limits: new() { InFlightLimit = 1 });
        using var invoker = new HttpMessageInvoker(world.Rest, disposeHandler: false);
        using var cancel = new CancellationTokenSource();
        var given = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/api/news/headlines")), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        for (var time = 0; time < 20; time++)
        {
            var answer = world.SendAsync("/api/news/headlines");
            world.Time.Advance(TimeSpan.FromMilliseconds(19));
            Assert.False(answer.IsCompleted);
            world.Time.Advance(TimeSpan.FromMilliseconds(61));
            using var response = await answer;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_request_too_many_in_a_minute_is_refused_until_the_reset()
    {
        await using var world = new RestWorld(limits: new() { MinuteLimit = 5 });
        for (var request = 1; request <= 5; request++)
        {
            var answer = world.SendAsync("/api/news/headlines");
            world.Pass(TimeSpan.FromMilliseconds(100));
            using var response = await answer;
            Assert.Equal((5 - request).ToString(CultureInfo.InvariantCulture), Header(response, "x-uw-req-per-minute-remaining"));
            Assert.Equal(request.ToString(CultureInfo.InvariantCulture), Header(response, "x-uw-minute-req-counter"));
            Assert.Equal(request.ToString(CultureInfo.InvariantCulture), Header(response, "x-uw-daily-req-count"));
            Assert.Equal("15000", Header(response, "x-uw-token-req-limit"));
        }

        using var refused = await world.SendAsync("/api/news/headlines");
        var usage = VendorUsage.Read(name => Header(refused, name), world.Time.GetUtcNow());
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(RequestLimit.Minute, VendorAnswer.LimitOf(await refused.Content.ReadAsStringAsync()));
        Assert.InRange(usage.MinuteReset!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));

        world.Time.Advance(usage.MinuteReset.Value);
        Assert.Equal(200, (await world.AskAsync("/api/news/headlines")).Status);
    }

    [Theory]
    [InlineData("2026-11-18T15:30:00Z", "2026-11-19T01:00:00Z")]
    [InlineData("2026-07-01T15:30:00Z", "2026-07-02T00:00:00Z")]
    public async Task A_request_too_many_in_a_day_is_refused_until_eight_in_the_evening_in_new_york(string start, string reset)
    {
        await using var world = new RestWorld(limits: new() { DailyLimit = 2 }, opens: false);
        world.Time.StepWallClock(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture) - world.Time.GetUtcNow());
        Assert.Equal(200, (await world.AskAsync("/api/news/headlines")).Status);
        Assert.Equal(200, (await world.AskAsync("/api/news/headlines")).Status);
        using var refused = await world.SendAsync("/api/news/headlines");
        Assert.Equal(RequestLimit.Day, VendorAnswer.LimitOf(await refused.Content.ReadAsStringAsync()));

        world.Time.StepWallClock(DateTimeOffset.Parse(reset, CultureInfo.InvariantCulture) - world.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(429, (await world.AskAsync("/api/news/headlines")).Status);
        world.Time.StepWallClock(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await world.AskAsync("/api/news/headlines")).Status);
    }

    [Fact]
    public async Task The_real_client_gets_its_answers_through_its_budget_and_breaks_no_limit()
    {
        await using var world = new RestWorld(limits: new());
        world.Pass(TimeSpan.FromSeconds(10));
        var options = new RequestBudgetOptions();
        await using var budget = new RequestBudget(options, MarketCalendar.Load(), new Upstream.KillableStore(() => 0, () => { }).Life, world.Time, new Random(1));
        var rest = new UnusualWhalesRest(Address, "any-token", budget, options, world.Time, world.Rest);
        var asked = Enumerable.Range(0, 40)
            .Select(number => rest.GetAsync(number % 2 == 0 ? "/api/option-trades/flow-alerts?limit=3" : "/api/stock/SPY/stock-state", RequestPurpose.Poll, null, CancellationToken.None)).ToList();
        Assert.All(await world.PassUntilAsync(Task.WhenAll(asked)), outcome => Assert.Equal((RestOutcomeKind.Ok, "ok"), (outcome.Kind, outcome.Reason)));
        var wrong = rest.GetAsync("/api/darkpool/no-such-ticker-at-all", RequestPurpose.Poll, null, CancellationToken.None);
        var unknown = rest.GetAsync("/api/flow", RequestPurpose.Poll, null, CancellationToken.None);
        Assert.Equal(RestOutcomeKind.BadRequest, (await world.PassUntilAsync(wrong)).Kind);
        Assert.Contains("Invalid path input", (await wrong).Reason, StringComparison.Ordinal);
        Assert.Equal(RestOutcomeKind.NotFound, (await world.PassUntilAsync(unknown)).Kind);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
