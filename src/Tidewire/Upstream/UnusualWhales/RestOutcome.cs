namespace Tidewire.Upstream.UnusualWhales;

/// <summary>How a REST request ended.</summary>
public enum RestOutcomeKind
{
    /// <summary>An answer with a body.</summary>
    Ok,

    /// <summary>What the entity tag named is still so.</summary>
    NotModified,

    /// <summary>A limit was exceeded by the provider's count (HTTP 429); the budget waits by itself.</summary>
    RateLimited,

    /// <summary>The budget has nothing left for this purpose, or the provider forbade requests for a while. Nothing was sent.</summary>
    NoBudget,

    /// <summary>The token or its plan does not open this resource (HTTP 401, 403).</summary>
    NotEntitled,

    /// <summary>The parameters are wrong (HTTP 422, 400); asking again will not help.</summary>
    BadRequest,

    /// <summary>No such path (HTTP 404).</summary>
    NotFound,

    /// <summary>The provider failed (HTTP 5xx), or answered what no one expects.</summary>
    ServerError,

    /// <summary>No connection, a broken one, or no answer in time.</summary>
    Network,
}

/// <summary>The outcome of one REST request.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Reason">One line for an operator; never holds the token.</param>
public sealed record RestOutcome(RestOutcomeKind Kind, string Reason)
{
    /// <summary>The body of <see cref="RestOutcomeKind.Ok"/>, as sent; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The entity tag to ask with next time; null when the provider gave none.</summary>
    public string? ETag { get; init; }

    /// <summary>The limit of <see cref="RestOutcomeKind.RateLimited"/>; null otherwise.</summary>
    public RequestLimit? Limit { get; init; }
}
