namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What a REST request is for, the most urgent first. Each has a share of the day and of the minute.</summary>
public enum RequestPurpose
{
    /// <summary>Filling the gap that a reconnect left.</summary>
    Backfill,

    /// <summary>Standing in for a socket feed that is silent or refused.</summary>
    Fallback,

    /// <summary>The feeds that exist over REST only.</summary>
    Poll,

    /// <summary>History a reader asked for.</summary>
    History,
}

/// <summary>A number for each <see cref="RequestPurpose"/>.</summary>
/// <param name="Backfill">Of <see cref="RequestPurpose.Backfill"/>.</param>
/// <param name="Fallback">Of <see cref="RequestPurpose.Fallback"/>.</param>
/// <param name="Poll">Of <see cref="RequestPurpose.Poll"/>.</param>
/// <param name="History">Of <see cref="RequestPurpose.History"/>.</param>
public readonly record struct PurposeCounts(long Backfill, long Fallback, long Poll, long History)
{
    internal const int Purposes = 4;

    /// <summary>Of all together.</summary>
    public long Total => Backfill + Fallback + Poll + History;

    internal static PurposeCounts Of(ReadOnlySpan<long> counts) => new(counts[0], counts[1], counts[2], counts[3]);

    internal void CopyTo(Span<long> counts) => (counts[0], counts[1], counts[2], counts[3]) = (Backfill, Fallback, Poll, History);
}
