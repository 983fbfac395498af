using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

public sealed class RequestBudgetTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 5, 16, 0, 0, TimeSpan.Zero));
    private readonly ListedStore _store = new();
    private readonly RequestBudget _budget;

    public RequestBudgetTests() => _budget = New();

    public ValueTask DisposeAsync() => _budget.DisposeAsync();

    [Fact]
    public async Task A_fourth_waits_until_one_of_three_is_over()
    {
        var leases = new[] { await Now(RequestPurpose.Poll), await Now(RequestPurpose.Poll), await Now(RequestPurpose.Poll) };
        var fourth = Ask(RequestPurpose.Backfill);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(fourth.IsCompleted);

        leases[1].Sent();
        leases[1].Answered(default);
        Assert.False(fourth.IsCompleted); // the provider frees a place only after its last byte
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(fourth.IsCompleted);
        Assert.Equal(3, _budget.Snapshot().InFlight);
    }

    [Fact]
    public async Task A_lease_that_was_not_used_goes_back_and_one_given_up_stays_spent()
    {
        (await Now(RequestPurpose.Poll)).Dispose();
        Assert.Equal((0L, 0, 0), (_budget.Snapshot().Used, _budget.Snapshot().MinuteUsed, _budget.Snapshot().InFlight));

        var lease = await Now(RequestPurpose.History);
        lease.Sent();
        lease.Dispose();
        lease.Dispose();
        Assert.Equal((1L, 1, 0), (_budget.Snapshot().Used, _budget.Snapshot().MinuteUsed, _budget.Snapshot().InFlight));
        Assert.Equal(1, _budget.Snapshot().ByPurpose.History);
        Assert.Throws<InvalidOperationException>(lease.Sent);
    }

    [Fact]
    public async Task Who_gives_up_waiting_spends_nothing_and_holds_up_nobody()
    {
        var leases = new[] { await Now(RequestPurpose.Poll), await Now(RequestPurpose.Poll), await Now(RequestPurpose.Poll) };
        using var cancellation = new CancellationTokenSource();
        var gone = _budget.AcquireAsync(RequestPurpose.Backfill, cancellation.Token).AsTask();
        var next = Ask(RequestPurpose.Backfill);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.WithinBound("the wait to be given up"));
        leases[0].Dispose();
        Assert.NotNull(await next.WithinBound("the next lease"));
        Assert.Equal(3, _budget.Snapshot().Used);
    }

    [Fact]
    public async Task The_ledger_is_written_before_what_it_counts_is_spent()
    {
        for (var i = 1; i <= 50; i++)
        {
            await Spend(RequestPurpose.Poll);
            var last = _store.Written[^1];
            Assert.InRange(i, 1, last.Used.Total + last.Reserved);
        }

        Assert.Equal(3, _store.Written.Count);
        await _budget.DisposeAsync();
        Assert.Equal((50L, 0, true), (_store.Written[^1].Used.Total, _store.Written[^1].Reserved, _store.Written[^1].Clean));
    }

    [Fact]
    public async Task While_the_store_fails_nothing_is_spent()
    {
        _store.Fails = true;
        var asked = Ask(RequestPurpose.Poll);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(asked.IsCompleted);
        Assert.Contains("disk full", _budget.Snapshot().Problem, StringComparison.Ordinal);
        _store.Fails = false;
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await asked.WithinBound("the lease"));
        Assert.Null(_budget.Snapshot().Problem);
    }

    [Fact]
    public async Task An_unreadable_ledger_means_that_the_day_is_spent()
    {
        _store.Reading = new(LedgerReadingKind.Unreadable, Problem: "no request ledger");
        Assert.Null(await Ask(RequestPurpose.Backfill).WithinBound("the refusal"));
        Assert.Equal("no request ledger", _budget.Snapshot().Problem);
        _time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(31));
        Assert.NotNull(await Ask(RequestPurpose.Backfill).WithinBound("the lease of the next day"));
    }

    [Fact]
    public async Task A_ledger_in_use_is_asked_for_again()
    {
        _store.Reading = new(LedgerReadingKind.Busy, Problem: "in use");
        var asked = Ask(RequestPurpose.Backfill);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(asked.IsCompleted);
        _store.Reading = new(LedgerReadingKind.None);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await asked.WithinBound("the lease"));
    }

    [Fact]
    public async Task Nobody_starves_while_the_most_urgent_want_everything()
    {
        var waiting = Enum.GetValues<RequestPurpose>().ToDictionary(purpose => purpose, purpose => Ask(purpose));
        var given = waiting.Keys.ToDictionary(purpose => purpose, _ => 0);
        for (var second = 0; second < 600; second++)
        {
            foreach (var purpose in given.Keys)
            {
                while (waiting[purpose].IsCompletedSuccessfully && await waiting[purpose] is { } lease)
                {
                    given[purpose]++;
                    lease.Sent();
                    lease.Answered(default);
                    waiting[purpose] = Ask(purpose);
                }
            }

            _time.Advance(TimeSpan.FromSeconds(0.25));
        }

        // 150 s: two and a half minutes' worth of 108, a tenth of it held open for those within their shares
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: granted in 150 s of full demand: {string.Join(", ", given.Select(each => $"{each.Key} {each.Value}"))}");
        Assert.True(given[RequestPurpose.Backfill] >= 54 && given[RequestPurpose.Fallback] >= 54 && given[RequestPurpose.Poll] >= 80 && given[RequestPurpose.History] >= 20, string.Join(", ", given));
    }

    [Fact]
    public async Task What_others_do_not_need_of_the_day_flows_on_as_it_goes_by()
    {
        await using var budget = new RequestBudget(new RequestBudgetOptions { DailyLimit = 1_000 }, MarketCalendar.Load(), new ListedStore(), _time, new Random(1));
        var polls = 0;
        while (await budget.AcquireAsync(RequestPurpose.History, CancellationToken.None).AsTask().WithinBound("a lease") is { } lease)
        {
            lease.Sent();
            lease.Answered(default);
            _time.Advance(TimeSpan.FromSeconds(1));
            polls++;
        }

        Assert.InRange(polls, 90 + 200, 650); // its own 90, and what the morning left of the others' 810
        _time.Advance(TimeSpan.FromHours(5));
        Assert.NotNull(await budget.AcquireAsync(RequestPurpose.History, CancellationToken.None).AsTask().WithinBound("a lease of the afternoon"));
    }

    private RequestBudget New() => new(new RequestBudgetOptions(), MarketCalendar.Load(), _store, _time, new Random(1));

    private Task<RequestLease?> Ask(RequestPurpose purpose) => _budget.AcquireAsync(purpose, CancellationToken.None).AsTask();

    private async Task<RequestLease> Now(RequestPurpose purpose)
    {
        var lease = await Ask(purpose).WithinBound("a lease");
        Assert.NotNull(lease);
        return lease;
    }

    private async Task Spend(RequestPurpose purpose)
    {
        using var lease = await Now(purpose);
        lease.Sent();
        lease.Answered(default);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private sealed class ListedStore : IRequestLedgerStore
    {
        public LedgerReading Reading { get; set; } = new(LedgerReadingKind.None);

        public List<RequestLedger> Written { get; } = [];

        public bool Fails { get; set; }

        public ValueTask<LedgerReading> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult(Reading);

        public ValueTask WriteAsync(RequestLedger ledger, CancellationToken cancellation)
        {
            if (Fails)
            {
                throw new IOException("disk full");
            }

            Written.Add(ledger);
            return ValueTask.CompletedTask;
        }
    }
}
