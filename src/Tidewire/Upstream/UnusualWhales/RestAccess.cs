using System.Collections.Concurrent;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What was measured of a resource of the provider's REST side. On the wire in lower case.</summary>
public enum RestAccessState
{
    /// <summary>It was not asked for yet.</summary>
    Unknown,

    /// <summary>It answered.</summary>
    Open,

    /// <summary>The token or its plan does not open it.</summary>
    NotEntitled,

    /// <summary>The provider knows no such path.</summary>
    NotFound,

    /// <summary>It refused the parameters, failed, or could not be reached.</summary>
    Failing,
}

/// <summary>What a token opens of one feed over REST.</summary>
/// <param name="State">What was measured.</param>
/// <param name="At">When; null before it was.</param>
/// <param name="Reason">Why it is not open; null otherwise. Never holds the token.</param>
public sealed record RestAccessView(RestAccessState State, DateTimeOffset? At, string? Reason);

/// <summary>Which feeds' REST resources the token opens, by the last answer of each, whoever asked. Thread-safe.</summary>
/// <param name="time">The clock.</param>
public sealed class RestAccess(TimeProvider time)
{
    private static readonly RestAccessView NotAsked = new(RestAccessState.Unknown, null, null);

    private readonly ConcurrentDictionary<string, RestAccessView> _feeds = new(StringComparer.Ordinal);

    /// <summary>What was measured of a feed; null where it is not to be had over REST.</summary>
    /// <param name="feed">The feed.</param>
    public RestAccessView? Of(Feed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return feed.Poll is null ? null : _feeds.GetValueOrDefault(feed.Name, NotAsked);
    }

    /// <summary>Takes note of an answer. One that tells nothing of the resource, such as that a limit was exceeded, changes nothing.</summary>
    internal void Note(Feed feed, RestOutcome outcome)
    {
        RestAccessState? state = outcome.Kind switch
        {
            RestOutcomeKind.Ok or RestOutcomeKind.NotModified => RestAccessState.Open,
            RestOutcomeKind.NotEntitled => RestAccessState.NotEntitled,
            RestOutcomeKind.NotFound => RestAccessState.NotFound,
            RestOutcomeKind.RateLimited or RestOutcomeKind.NoBudget => null,
            _ => RestAccessState.Failing,
        };
        if (state is { } known)
        {
            _feeds[feed.Name] = new(known, time.GetUtcNow(), known == RestAccessState.Open ? null : outcome.Reason);
        }
    }
}
