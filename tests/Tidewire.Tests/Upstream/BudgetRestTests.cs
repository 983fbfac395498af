using System.Globalization;
using System.Text;
using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>The client over real sockets, against a provider that keeps its own count.</summary>
public sealed class BudgetRestTests : IAsyncDisposable
{
    private const string Token = "secret-token-of-the-owner";
    private static readonly DateTimeOffset Start = new(2026, 6, 5, 15, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly FakeUnusualWhalesRest _vendor;
    private readonly RequestBudget _budget;
    private readonly UnusualWhalesRest _rest;

    public BudgetRestTests()
    {
        _vendor = FakeUnusualWhalesRest.StartNew(new RightTime(_time, Start));
        var options = new RequestBudgetOptions();
        _budget = new RequestBudget(options, MarketCalendar.Load(), new KillableStore(() => 0, () => { }).Life, _time, new Random(1));
        _rest = new UnusualWhalesRest(_vendor.Address, Token, _budget, options, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _budget.DisposeAsync();
        await _vendor.DisposeAsync();
    }

    [Fact]
    public async Task A_request_carries_what_the_provider_asks_for()
    {
        var outcome = await Get("/api/news/headlines?limit=50");
        Assert.Equal((RestOutcomeKind.Ok, """{"data":[]}"""), (outcome.Kind, Encoding.UTF8.GetString(outcome.Body.Span)));
        var request = Assert.Single(_vendor.Requests);
        Assert.Equal(("GET", "/api/news/headlines?limit=50"), (request.Method, request.Target));
        Assert.Equal($"Bearer {Token}", request.Headers["Authorization"]);
        Assert.Equal("application/json", request.Headers["Accept"]);
        Assert.StartsWith("Tidewire/", request.Headers["User-Agent"], StringComparison.Ordinal);
    }

    public static TheoryData<RestScript, RestOutcomeKind, string> Answers => new()
    {
        { RestScript.Unauthorized, RestOutcomeKind.NotEntitled, "HTTP 401" },
        { RestScript.Unauthorized with { Status = 403 }, RestOutcomeKind.NotEntitled, "HTTP 403" },
        { RestScript.Invalid("Invalid path input: MSFT12 (valid example: AAPL)"), RestOutcomeKind.BadRequest, "MSFT12" },
        { RestScript.Failure, RestOutcomeKind.ServerError, "HTTP 500" },
        { new RestScript(404, "{}"), RestOutcomeKind.NotFound, "no such path" },
        { new RestScript(302, "") { Headers = new Dictionary<string, string?> { ["Location"] = "/elsewhere" } }, RestOutcomeKind.ServerError, "HTTP 302" },
        { new RestScript(304, ""), RestOutcomeKind.NotModified, "not modified" },
        { RestScript.TooManyInFlight, RestOutcomeKind.RateLimited, "at the same time" },
        { RestScript.TooManyInMinute, RestOutcomeKind.RateLimited, "in a minute" },
        { RestScript.TooManyInDay, RestOutcomeKind.RateLimited, "in its day" },
        { new RestScript(422, $$"""{"msg":"no token={{Token}} here, nor {{Token}}"}"""), RestOutcomeKind.BadRequest, "no token=***" },
        { RestScript.Ok() with { Drops = true }, RestOutcomeKind.Network, "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_is_an_outcome_without_the_token_and_counts_once(RestScript answer, RestOutcomeKind kind, string reason)
    {
        _vendor.Script("/api/a", answer);
        var outcome = await Get("/api/a");
        Assert.Equal(kind, outcome.Kind);
        Assert.Contains(reason, outcome.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, outcome.ToString(), StringComparison.Ordinal);
        Assert.Equal((1, 1L), (_vendor.Limits.Arrived, _budget.Snapshot().Used));
    }

    [Fact]
    public async Task An_entity_tag_is_kept_and_sent_back()
    {
        _vendor.Script("/api/a", RestScript.Ok() with { Headers = new Dictionary<string, string?> { ["ETag"] = "\"v1\"" } });
        var outcome = await Get("/api/a");
        Assert.Equal("\"v1\"", outcome.ETag);
        await _rest.GetAsync("/api/a", RequestPurpose.Poll, outcome.ETag, CancellationToken.None).WithinBound("an answer");
        Assert.Equal("\"v1\"", _vendor.Requests[^1].Headers["If-None-Match"]);
    }

    [Fact]
    public async Task A_request_that_found_no_connection_costs_nothing()
    {
        var nowhere = new UnusualWhalesRest(new Uri($"http://127.0.0.1:{FreePort.Next()}"), Token, _budget, new RequestBudgetOptions(), _time);
        var outcome = await nowhere.GetAsync("/api/a", RequestPurpose.Poll, null, CancellationToken.None).WithinBound("the refusal");
        Assert.Equal((RestOutcomeKind.Network, 0L), (outcome.Kind, _budget.Snapshot().Used));
    }

    [Fact]
    public async Task A_slow_answer_is_given_up_and_stays_spent()
    {
        _vendor.Script("*", RestScript.Ok() with { Delay = TimeSpan.FromMinutes(1) });
        var slow = Get("/api/slow");
        await _vendor.WaitForRequestsAsync(1);
        _time.Advance(TimeSpan.FromSeconds(11));
        var outcome = await slow.WithinBound("the timeout");
        Assert.Equal((RestOutcomeKind.Network, "no answer within 10 s", 1L), (outcome.Kind, outcome.Reason, _budget.Snapshot().Used));

        using var cancellation = new CancellationTokenSource();
        var cancelled = _rest.GetAsync("/api/slow", RequestPurpose.Poll, null, cancellation.Token);
        await _vendor.WaitForRequestsAsync(2);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinBound("the cancellation"));
        Assert.Equal((2L, 0), (_budget.Snapshot().Used, _budget.Snapshot().InFlight));
    }

    [Fact]
    public async Task Three_slow_answers_keep_the_fourth_at_home()
    {
        _vendor.Script("*", RestScript.Ok() with { Delay = TimeSpan.FromSeconds(1) });
        var requests = Enumerable.Range(0, 9).Select(each => Get($"/api/{each}")).ToList();
        for (var arrived = 3; arrived <= 9; arrived += 3)
        {
            await _vendor.WaitForRequestsAsync(arrived);
            Assert.Equal((arrived, 3), (_vendor.Requests.Count, _budget.Snapshot().InFlight));
            await _time.WaitForTimersAsync(6); // three timeouts, three slow answers
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAll(requests.GetRange(arrived - 3, 3)).WithinBound("three answers");
            _time.Advance(TimeSpan.FromSeconds(0.2));
        }

        Assert.Equal((3, 0), (_vendor.Limits.MostInFlight, _vendor.Limits.Violations));
    }

    [Theory]
    [InlineData("//elsewhere.example/api")]
    [InlineData("/\\elsewhere.example/api")]
    [InlineData("https://elsewhere.example/api")]
    [InlineData("api/a")]
    public async Task The_token_goes_to_no_other_host(string path) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _rest.GetAsync(path, RequestPurpose.Poll, null, CancellationToken.None));

    [Fact]
    public async Task A_thousand_requests_at_once_keep_every_limit_of_a_provider_that_lies_and_fails()
    {
        const int Wanted = 1_000;
        var random = new Random(21);
        RestScript[] answers = [RestScript.Failure, RestScript.Invalid("no"), RestScript.TooManyInFlight, RestScript.TooManyInMinute, RestScript.Ok() with { Drops = true }];
        _vendor.Script("*", () => Locked(random, () => random.Next(20) == 0 ? answers[random.Next(answers.Length)] : RestScript.Ok()));
        _vendor.Headers = truth => Locked(random, () => random.Next(5) == 0 ? RestScript.LieOf(truth, random) : truth);
        var outcomes = new Dictionary<RestOutcomeKind, int>();
        var requests = Enumerable.Range(0, Wanted).Select(async each =>
        {
            var outcome = await _rest.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/stock/T{each % 500}/stock-state"), (RequestPurpose)(each % 4), null, CancellationToken.None);
            Locked(outcomes, () => outcomes[outcome.Kind] = outcomes.GetValueOrDefault(outcome.Kind) + 1);
        }).ToList();
        var all = Task.WhenAll(requests);
        var simulated = TimeSpan.Zero;
        while (!all.IsCompleted)
        {
            // The clock moves only while nothing is on the way: real sockets take no simulated time.
            if (_budget.Snapshot().InFlight == 0 && _time.NextTimer is { } timer)
            {
                var by = timer - _time.GetUtcNow();
                _time.Advance(by > TimeSpan.Zero ? by : TimeSpan.Zero);
                simulated += by;
            }

            await Task.Yield();
        }

        await all.WithinBound("all answers");
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
            $"figure: over sockets: {Wanted} requests in {simulated.TotalMinutes:0.0} simulated minutes, {_vendor.Limits.Violations} violations, at most {_vendor.Limits.MostInMinute} a minute and {_vendor.Limits.MostInFlight} in flight, ledger {_budget.Snapshot().Used}, provider {_vendor.Limits.Day}; {string.Join(", ", outcomes.OrderBy(each => each.Key).Select(each => $"{each.Key} {each.Value}"))}"));
        Assert.Equal(0, _vendor.Limits.Violations);
        Assert.InRange(_vendor.Limits.MostInMinute, 1, 108);
        Assert.InRange(_vendor.Limits.MostInFlight, 1, 3);
        Assert.Equal(Wanted - outcomes.GetValueOrDefault(RestOutcomeKind.NoBudget), _vendor.Limits.Arrived);
        Assert.Equal(_vendor.Limits.Day, _budget.Snapshot().Used);
    }

    private static T Locked<T>(object gate, Func<T> action)
    {
        lock (gate)
        {
            return action();
        }
    }

    private Task<RestOutcome> Get(string path) => _rest.GetAsync(path, RequestPurpose.Poll, null, CancellationToken.None).WithinBound("an answer");
}
