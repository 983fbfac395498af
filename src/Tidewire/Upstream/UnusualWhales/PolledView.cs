using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>One channel as it is fed over REST, at one instant.</summary>
public sealed record PolledView
{
    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>Its feed.</summary>
    public required Feed Feed { get; init; }

    /// <summary>Whether REST stands in for the socket; false for a feed that exists over REST only.</summary>
    public required bool IsFallback { get; init; }

    /// <summary>Since when it is polled.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The time between two requests now.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>When the next one is due.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Requests that were answered with data.</summary>
    public long Answers { get; init; }

    /// <summary>Rows that became publications.</summary>
    public long Rows { get; init; }

    /// <summary>When the last answer with data came; null before the first.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>How the last request ended; null before the first.</summary>
    public RestOutcomeKind? Outcome { get; init; }

    /// <summary>Why the last request brought nothing; null when it did. Never holds the token.</summary>
    public string? Problem { get; init; }
}
