namespace Tidewire.Fanout;

/// <summary>How the publications of a feed may be treated when a reader lags.</summary>
public enum FeedClass
{
    /// <summary>Every publication matters, in order, never merged.</summary>
    Event,

    /// <summary>Only the newest per key matters; a lagging reader gets the newest and the count of what was merged.</summary>
    State,
}

/// <summary>Whether channels of a feed carry a symbol.</summary>
public enum TickerUse
{
    /// <summary>Never: <c>flow-alerts</c>.</summary>
    None,

    /// <summary>With or without: <c>option_trades</c>, <c>option_trades:SPY</c>.</summary>
    Optional,

    /// <summary>Always: <c>gex:SPY</c>.</summary>
    Required,
}

/// <summary>What is known of a feed before anything was measured.</summary>
public enum FeedStatus
{
    /// <summary>Documented by the provider, or seen in captures of real traffic.</summary>
    Verified,

    /// <summary>Reported or presumed; shown only to those who opt in.</summary>
    Experimental,
}

/// <summary>How a feed is obtained.</summary>
public enum FeedOrigin
{
    /// <summary>Joined on the provider's socket.</summary>
    Join,

    /// <summary>Polled over REST; its name is never joined.</summary>
    Rest,

    /// <summary>Computed here from another feed.</summary>
    Derived,
}

/// <summary>One feed of the catalogue: what a provider publishes under one name.</summary>
public sealed record Feed
{
    /// <summary>The canonical name, also the provider's wire name: <c>flow-alerts</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A short name for people.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence on what it carries.</summary>
    public required string Description { get; init; }

    /// <summary>How a lagging reader is treated.</summary>
    public required FeedClass Class { get; init; }

    /// <summary>Whether its channels carry a symbol.</summary>
    public required TickerUse Ticker { get; init; }

    /// <summary>What is known of it beforehand.</summary>
    public required FeedStatus Status { get; init; }

    /// <summary>How it is obtained.</summary>
    public required FeedOrigin Origin { get; init; }

    /// <summary>The payload field that identifies a publication; null where there is none.</summary>
    public string? IdField { get; init; }

    /// <summary>The payload fields that make the key of a state feed, or the composite identity of an event feed without an id.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The payload field that holds the provider's own time; null where unknown.</summary>
    public string? TimeField { get; init; }

    /// <summary>Other names under which clients may ask for it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The name in <c>/api/stream/ws/{route}</c> that documentation shows; the canonical name works too.</summary>
    public required string Route { get; init; }

    /// <summary>How it is had over REST; null where it is not.</summary>
    public FeedPoll? Poll { get; init; }

    /// <summary>
    /// How long one of its channels may show nothing after a join, in market hours, before it counts as silent; once the
    /// channel's own gaps are known, these decide. Null for a feed that is never judged by silence, because nothing may have happened.
    /// </summary>
    public TimeSpan? SilentAfter { get; init; }

    /// <summary>For <see cref="FeedOrigin.Derived"/>: the feed it is computed from.</summary>
    public string? DerivedFrom { get; init; }

    /// <summary>The <c>type</c> of its messages on <c>/api/ws</c> when the payload's fields stand at the top; null for <c>message</c>.</summary>
    public string? MessageType { get; init; }

    /// <summary>Whether it belongs to the owner of the provider's token and to no one else.</summary>
    public bool OwnerOnly { get; init; }
}
