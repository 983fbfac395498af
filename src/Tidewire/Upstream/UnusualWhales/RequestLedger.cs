namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What survives a restart. Written before what it counts is spent.</summary>
public sealed record RequestLedger
{
    /// <summary>The day it counts: the date in New York on whose 20:00 the provider resets its counter.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Requests of the day.</summary>
    public PurposeCounts Used { get; init; }

    /// <summary>Requests that earlier processes reserved and may have made before they were killed.</summary>
    public long Lost { get; init; }

    /// <summary>Requests that may be made after this was written. Whoever reads this without <see cref="Clean"/> counts them as made.</summary>
    public int Reserved { get; init; }

    /// <summary>Requests of the day that may already belong to the next one; they were made around its reset.</summary>
    public PurposeCounts Next { get; init; }

    /// <summary>Requests of others with the same token, by the provider's headers.</summary>
    public long Others { get; init; }

    /// <summary>The day's limit as the provider tells it; 0 before it told one.</summary>
    public long ToldLimit { get; init; }

    /// <summary>Requests of the last minute.</summary>
    public int Recent { get; init; }

    /// <summary>Requests that were in flight.</summary>
    public int InFlight { get; init; }

    /// <summary>The provider has refused until the day's reset.</summary>
    public bool DayRefused { get; init; }

    /// <summary>No request before this time; null when none was forbidden.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>How far the wall clock has been set back: a reset may be nearer than it says.</summary>
    public TimeSpan ClockDoubt { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset SavedAt { get; init; }

    /// <summary>The process that wrote it ended in order and made none of <see cref="Reserved"/>.</summary>
    public bool Clean { get; init; }

    /// <summary>Whether the numbers can be those of a ledger.</summary>
    internal bool IsPossible =>
        Math.Min(Math.Min(Used.Backfill, Used.Fallback), Math.Min(Used.Poll, Used.History)) >= 0
        && Math.Min(Math.Min(Next.Backfill, Next.Fallback), Math.Min(Next.Poll, Next.History)) >= 0
        && Math.Min(Lost, Others) >= 0 && ToldLimit >= 0 && Math.Min(Reserved, Math.Min(Recent, InFlight)) >= 0
        && Day.Year is > 2000 and < 9000 && SavedAt.Year is > 2000 and < 9000 && ClockDoubt >= TimeSpan.Zero
        && Math.Max(Math.Max(Used.Backfill, Used.Fallback), Math.Max(Used.Poll, Used.History)) < 1L << 40 && Math.Max(Lost, Others) < 1L << 40;
}

/// <summary>How reading a ledger went.</summary>
public enum LedgerReadingKind
{
    /// <summary>There is one.</summary>
    Found,

    /// <summary>There is none yet: nothing was ever spent from here.</summary>
    None,

    /// <summary>There is something that is no ledger. The day counts as spent.</summary>
    Unreadable,

    /// <summary>It cannot be read now, or another process spends from it. Nothing is spent; it is tried again.</summary>
    Busy,
}

/// <summary>The outcome of reading a ledger.</summary>
/// <param name="Kind">How it went.</param>
/// <param name="Ledger">The ledger, when there is one.</param>
/// <param name="Problem">What an operator should know; null when all is well.</param>
public sealed record LedgerReading(LedgerReadingKind Kind, RequestLedger? Ledger = null, string? Problem = null);

/// <summary>
/// Keeps one ledger. Implementations: a file; later a store that a cluster shares. Called by one budget, never twice at
/// a time.
/// </summary>
public interface IRequestLedgerStore
{
    /// <summary>Reads the ledger and keeps other processes from spending from it until this one ends. Every expected failure is an outcome.</summary>
    /// <param name="cancellation">Gives up reading.</param>
    ValueTask<LedgerReading> ReadAsync(CancellationToken cancellation);

    /// <summary>Replaces the ledger whole or not at all, and returns once a killed process would not lose it. May throw: nothing is spent until a later call succeeds.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="cancellation">Gives up writing.</param>
    ValueTask WriteAsync(RequestLedger ledger, CancellationToken cancellation);
}
