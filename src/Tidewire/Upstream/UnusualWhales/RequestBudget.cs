using System.Diagnostics.CodeAnalysis;
using Tidewire.Market;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The one ledger of REST requests, shared by every caller: nothing is sent to the provider without a lease from here.
/// It keeps nine tenths of the provider's limits per minute and per day and its limit in flight, through restarts and
/// kills, whatever headers and clocks say. Thread-safe.
/// </summary>
/// <remarks>
/// <para>Counted is what may have been sent: from before a request leaves until it is known that it did not. The store
/// is written ahead in blocks, so that a killed process forgets nothing it could have spent.</para>
/// <para>The provider's headers can only make the count worse: see <see cref="ToldNumber"/>, <see cref="DayUse"/> and
/// <see cref="MinuteUse"/>, and for the decisions <see cref="BudgetState"/>.</para>
/// <para>Nothing runs while nobody asks: decisions are made on the caller's thread, on the thread that ends a request or
/// on the timer's. A write of the ledger has its task, awaited on dispose.</para>
/// </remarks>
public sealed class RequestBudget : IAsyncDisposable
{
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly RequestBudgetOptions _options;
    private readonly MarketCalendar _calendar;
    private readonly IRequestLedgerStore _store;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly long _start;
    private readonly RequestQueue _queue = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private BudgetState _state;
    private TaskCompletionSource _stored = new();
    private TimeSpan _storeAgain;
    private DateTimeOffset _problemUntil;
    private string? _problem;
    private bool _open;
    private bool _disposed;

    /// <summary>Makes the budget; the ledger is read when the first request is asked for.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="calendar">When the market is open and the provider resets its day.</param>
    /// <param name="store">Keeps the ledger. Not disposed here.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Spreads waits after a refusal. Used under the budget's lock only.</param>
    /// <exception cref="ArgumentException">The options cannot be kept.</exception>
    public RequestBudget(RequestBudgetOptions options, MarketCalendar calendar, IRequestLedgerStore store, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Check() is { } wrong)
        {
            throw new ArgumentException(wrong, nameof(options));
        }

        (_options, _calendar, _store, _time, _random) = (options, calendar, store, time, random);
        _stored.SetResult();
        _start = time.GetTimestamp();
        _state = new BudgetState(options, calendar, Now());
        _timer = time.CreateTimer(static budget => ((RequestBudget)budget!).Serve(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Waits for the right to send one request. Null when waiting would not help: nothing of the day is left for this
    /// purpose, the provider forbade requests for minutes or until its reset, or the budget is disposed.
    /// </summary>
    /// <param name="purpose">What the request is for. Within their shares of the minute the more urgent go first; nobody is kept from their share.</param>
    /// <param name="cancellation">Gives up waiting; nothing is spent.</param>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ValueTask<RequestLease?> AcquireAsync(RequestPurpose purpose, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RequestLease?>(cancellation);
        }

        RequestQueue.Waiter waiter;
        lock (_gate)
        {
            if (_disposed)
            {
                return ValueTask.FromResult<RequestLease?>(null);
            }

            waiter = _queue.Add(purpose);
        }

        Serve();
        if (!waiter.Lease.IsCompleted)
        {
            waiter.CancelledBy(cancellation.UnsafeRegister((_, token) => GiveUp(waiter, token), null));
        }

        return new(waiter.Lease);
    }

    /// <summary>How things stand. Before the first request nothing is known of the past.</summary>
    public RequestBudgetSnapshot Snapshot()
    {
        lock (_gate)
        {
            return _state.Snapshot(Now()) with { Problem = _problem };
        }
    }

    /// <summary>
    /// How long to wait between two rounds of polls: <see cref="RequestBudgetOptions.UpdateInterval"/> while the market is
    /// open and <see cref="RequestBudgetOptions.AfterHoursInterval"/> else, stretched alike so that what the day has left
    /// for polls lasts until the reset. Ask again for each round: it shortens when others leave their shares.
    /// </summary>
    /// <param name="requestsPerRound">Requests that one round makes, of all feeds and tickers together.</param>
    public TimeSpan PollInterval(int requestsPerRound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requestsPerRound, 1);
        lock (_gate)
        {
            return _state.PollInterval(requestsPerRound, Now());
        }
    }

    /// <summary>The shortest interval between two rounds of polls now, before it is stretched.</summary>
    public TimeSpan ShortestInterval
    {
        get
        {
            lock (_gate)
            {
                return _state.ShortestInterval(Now());
            }
        }
    }

    /// <summary>Refuses those who wait and writes the exact count, so that nothing is lost.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The last write is a courtesy: when it fails, the next start counts the reserved block as spent.")]
    public async ValueTask DisposeAsync()
    {
        Task storing;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _queue.Close();
            storing = _stored.Task;
        }

        await _timer.DisposeAsync();
        await _stopping.CancelAsync();
        await storing;
        _stopping.Dispose();
        if (!_open)
        {
            return;
        }

        try
        {
            RequestLedger ledger;
            lock (_gate)
            {
                ledger = _state.ToWrite(clean: true, Now());
            }

            await _store.WriteAsync(ledger, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _problem = Told(exception);
        }
    }

    internal void Returned(RequestPurpose purpose) => After(() => _state.Returned(purpose, Now()));

    internal void GivenUp(RequestPurpose purpose, long sent) => After(() => _state.GivenUp(purpose, _time.GetElapsedTime(sent), Now()));

    internal long Timestamp() => _time.GetTimestamp();

    internal void Answered(RequestPurpose purpose, VendorAnswer answer) => After(() => _state.Answered(purpose, answer, _random.NextDouble(), Now()));

    private static string Told(Exception exception) => $"The request ledger cannot be kept: {exception.Message} No REST request is made until it can be.";

    private void After(Action change)
    {
        lock (_gate)
        {
            change();
        }

        Serve();
    }

    private BudgetTime Now() => new(_time.GetElapsedTime(_start), _time.GetUtcNow());

    /// <summary>Decides until nothing more can be decided now. A completed waiter goes on on another thread, never under the lock.</summary>
    private void Serve()
    {
        RequestLedger? ledger;
        lock (_gate)
        {
            if (!NeedsStoreLocked(out ledger))
            {
                return;
            }

            _stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = StoreAsync(ledger); // ends by completing _stored, which dispose awaits
    }

    /// <summary>Serves those who wait until the store is needed: to be read, or to be written with a ledger.</summary>
    private bool NeedsStoreLocked(out RequestLedger? ledger)
    {
        ledger = null;
        while (!_disposed && _stored.Task.IsCompleted)
        {
            var now = Now();
            var waiting = _queue.Waiting;
            var decision = _open ? _state.Decide(waiting, now) : new BudgetDecision(waiting == 0 ? BudgetStep.Idle : BudgetStep.Write);
            switch (decision.Step)
            {
                case BudgetStep.Grant or BudgetStep.Refuse:
                    _queue.Complete(decision.Purpose, decision.Step == BudgetStep.Grant ? new RequestLease(this, decision.Purpose) : null);
                    continue;
                case BudgetStep.Write when now.Elapsed < _storeAgain:
                    WakeLocked(_storeAgain - now.Elapsed);
                    return false;
                case BudgetStep.Write:
                    ledger = _open ? _state.ToWrite(clean: false, now) : null;
                    return true;
                case BudgetStep.Wait when decision.Wait != TimeSpan.MaxValue:
                    WakeLocked(decision.Wait);
                    return false;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Reads the ledger when there is none to write, else writes it; then serves on.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Stores are drivers of others: whatever they fail with, nothing is spent and it is tried again.")]
    private async Task StoreAsync(RequestLedger? ledger)
    {
        LedgerReading? reading = null;
        string? problem = null;
        try
        {
            if (ledger is null)
            {
                reading = await _store.ReadAsync(_stopping.Token);
                problem = reading.Problem;
            }
            else
            {
                await _store.WriteAsync(ledger, CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            problem = Told(exception);
        }

        lock (_gate)
        {
            var failed = ledger is null ? reading is null or { Kind: LedgerReadingKind.Busy } : problem is not null;
            if (failed)
            {
                _storeAgain = Now().Elapsed + StoreRetry;
            }
            else if (ledger is null)
            {
                _open = true;
                _state = BudgetState.From(reading!, _options, _calendar, Now());
            }
            else
            {
                _state.Written(ledger);
            }

            // What was found unreadable stays worth knowing until the day it costs is over.
            _problem = problem ?? (_problemUntil > Now().Wall ? _problem : null);
            if (reading is { Kind: LedgerReadingKind.Unreadable })
            {
                _problemUntil = _state.Snapshot(Now()).ResetsAt;
            }

            _stored.SetResult();
        }

        Serve();
    }

    private void GiveUp(RequestQueue.Waiter waiter, CancellationToken token)
    {
        lock (_gate)
        {
            RequestQueue.GiveUp(waiter, token);
        }
    }

    /// <summary>A timer may not be set for too long; waking too early does no harm, and a little late makes sure that the time has come.</summary>
    private void WakeLocked(TimeSpan wait) => _timer.Change((wait < LongestTimer ? wait : LongestTimer) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
}
