using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

public sealed class BudgetLedgerFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tidewire-ledger-");
    private readonly string _path;

    private static readonly RequestLedger Ledger = new()
    {
        Day = new DateOnly(2026, 6, 5),
        Used = new PurposeCounts(1, 2, 3, 4),
        Next = new PurposeCounts(0, 0, 1, 0),
        Lost = 5,
        Reserved = 20,
        Others = 6,
        ToldLimit = 15_000,
        Recent = 7,
        InFlight = 2,
        DayRefused = true,
        HeldUntil = new DateTimeOffset(2026, 6, 5, 16, 0, 1, TimeSpan.Zero),
        ClockDoubt = TimeSpan.FromSeconds(90),
        SavedAt = new DateTimeOffset(2026, 6, 5, 16, 0, 0, TimeSpan.Zero),
    };

    public BudgetLedgerFileTests() => _path = Path.Combine(_folder.FullName, "data", "requests.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ledger_is_read_as_it_was_written(bool flush)
    {
        using (var store = new FileRequestLedgerStore(_path, flush))
        {
            Assert.Equal(LedgerReadingKind.None, (await store.ReadAsync(default)).Kind);
            await store.WriteAsync(Ledger with { Lost = 1 }, default);
            await store.WriteAsync(Ledger, default);
        }

        using var next = new FileRequestLedgerStore(_path);
        var reading = await next.ReadAsync(default);
        Assert.Equal((LedgerReadingKind.Found, Ledger), (reading.Kind, reading.Ledger));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1,2]")]
    [InlineData("{}")]
    [InlineData("""{"format":"something else","ledger":{}}""")]
    [InlineData("""{"format":"tidewire-request-ledger/1","ledger":{}}""")]
    [InlineData("""{"format":"tidewire-request-ledger/1","ledger":{"day":"2026-06-05","savedAt":"2026-06-05T16:00:00Z","lost":-5}}""")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task A_torn_or_foreign_file_is_refused_and_never_overwritten(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, content);
        using var store = new FileRequestLedgerStore(_path);
        var reading = await store.ReadAsync(default);
        Assert.Equal(LedgerReadingKind.Unreadable, reading.Kind);
        Assert.Contains(_path, reading.Problem, StringComparison.Ordinal);
        Assert.Contains("20:00 New York", reading.Problem, StringComparison.Ordinal);

        await store.WriteAsync(Ledger, default);
        Assert.Equal(content, await File.ReadAllTextAsync($"{_path}.refused"));
        Assert.Equal(LedgerReadingKind.Found, (await store.ReadAsync(default)).Kind);
    }

    [Fact]
    public async Task A_ledger_cut_anywhere_is_refused()
    {
        using var store = new FileRequestLedgerStore(_path);
        await store.ReadAsync(default);
        await store.WriteAsync(Ledger, default);
        var whole = await File.ReadAllBytesAsync(_path);
        for (var length = 0; length < whole.Length - 1; length++)
        {
            await File.WriteAllBytesAsync(_path, whole[..length]);
            Assert.Equal(LedgerReadingKind.Unreadable, (await store.ReadAsync(default)).Kind);
        }
    }

    [Fact]
    public async Task Two_processes_never_spend_from_one_ledger()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 5, 16, 0, 0, TimeSpan.Zero));
        var older = new FileRequestLedgerStore(_path);
        var old = new RequestBudget(new RequestBudgetOptions(), MarketCalendar.Load(), older, time, new Random(1));
        using (var lease = await old.AcquireAsync(RequestPurpose.Poll, default).AsTask().WithinBound("a lease"))
        {
            lease!.Sent();
            lease.Answered(default);
        }

        using var newer = new FileRequestLedgerStore(_path);
        await using var young = new RequestBudget(new RequestBudgetOptions(), MarketCalendar.Load(), newer, time, new Random(1));
        var waits = young.AcquireAsync(RequestPurpose.Poll, default).AsTask();
        Assert.False(waits.IsCompleted);
        Assert.Contains("in use by another process", young.Snapshot().Problem, StringComparison.Ordinal);

        await old.DisposeAsync();
        older.Dispose();
        time.Advance(TimeSpan.FromSeconds(6));
        (await waits.WithinBound("the lease after the older process has ended"))!.Dispose();
        Assert.Equal(1, young.Snapshot().Used);
    }

    [Fact]
    public async Task A_killed_process_forgets_no_more_than_it_reserved()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 5, 16, 0, 0, TimeSpan.Zero));
        var store = new FileRequestLedgerStore(_path);
        var budget = new RequestBudget(new RequestBudgetOptions(), MarketCalendar.Load(), store, time, new Random(1));
        for (var i = 0; i < 33; i++)
        {
            using var lease = await budget.AcquireAsync(RequestPurpose.Poll, default).AsTask().WithinBound("a lease");
            lease!.Sent();
            lease.Answered(default);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        store.Dispose(); // as the system does for a killed process; nothing is written any more
        using var next = new FileRequestLedgerStore(_path);
        await using var budgetAfter = new RequestBudget(new RequestBudgetOptions(), MarketCalendar.Load(), next, time, new Random(1));
        var waits = budgetAfter.AcquireAsync(RequestPurpose.Poll, default).AsTask();
        Assert.False(waits.IsCompleted); // three of the killed process may still be in flight
        time.Advance(TimeSpan.FromSeconds(16));
        (await waits.WithinBound("a lease"))!.Dispose();
        Assert.Equal((40L, 20L), (budgetAfter.Snapshot().Used, budgetAfter.Snapshot().Lost));
    }
}
