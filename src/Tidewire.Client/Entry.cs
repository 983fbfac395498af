using Tidewire.Protocol;

namespace Tidewire.Client;

/// <summary>
/// What a subscription yields, in order. Closed: every entry is a <see cref="Publication"/>, <see cref="Gap"/>,
/// <see cref="Subscribed"/>, <see cref="Reset"/>, <see cref="Missed"/> or <see cref="Advanced"/>.
/// </summary>
/// <remarks>
/// Publications, gaps and advances keep the rule <c>offset = previous + 1 + merged + filtered</c> (an advance is no entry of
/// the log: without the 1). Where it would not hold, a <see cref="Missed"/> or a <see cref="Reset"/> stands in between.
/// </remarks>
public abstract record Entry
{
    private protected Entry(string channel) => Channel = channel;

    /// <summary>The canonical name of the channel, such as <c>flow-alerts</c> or <c>gex:SPY</c>.</summary>
    public string Channel { get; }
}

/// <summary>An entry of the log that says: between two times something is missing here.</summary>
public sealed record Gap : Entry
{
    internal Gap(string channel)
        : base(channel)
    {
    }

    /// <summary>Its place in the log.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>Something may be missing from here.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>Nothing is missing from here on.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>Why, such as <c>upstream_down</c>, <c>not_joined</c>, <c>silent</c>, <c>dropped_by_us</c> or <c>store_lost</c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How many are missing, or, where some of them follow, how many follow; null when that cannot be known.</summary>
    public long? Count { get; init; }

    /// <summary>Whether what was missing follows from elsewhere.</summary>
    public bool IsBackfilled { get; init; }

    /// <summary>How many entries before it are not shown because newer ones have replaced them, or because the log lost them.</summary>
    public long Merged { get; init; }

    /// <summary>How many entries before it the subscription's filter kept back.</summary>
    public long Filtered { get; init; }
}

/// <summary>The server has confirmed the subscription: at its beginning, and after each time that it was resumed.</summary>
public sealed record Subscribed : Entry
{
    internal Subscribed(string channel)
        : base(channel)
    {
    }

    /// <summary>What follows begins after this position.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>Whether it was resumed with nothing missing.</summary>
    public bool IsRecovered { get; init; }
}

/// <summary>A subscription could not be resumed where it was: what was in between is lost to it, and it goes on from <see cref="Position"/>.</summary>
public sealed record Reset : Entry
{
    internal Reset(string channel)
        : base(channel)
    {
    }

    /// <summary>What follows begins after this position.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>Why, in the server's words, such as <c>the epoch has changed: the log's past was lost</c>.</summary>
    public required string Reason { get; init; }
}

/// <summary>
/// Offsets that should have come and did not: the rule of offsets did not hold. The client asks once more from its last good
/// position; what it then gets follows. The server never lets this happen; a proxy or a fault may.
/// </summary>
public sealed record Missed : Entry
{
    internal Missed(string channel)
        : base(channel)
    {
    }

    /// <summary>The epoch of the offsets.</summary>
    public required string Epoch { get; init; }

    /// <summary>The first offset that did not come.</summary>
    public long From { get; init; }

    /// <summary>The last offset that did not come.</summary>
    public long To { get; init; }
}

/// <summary>Nothing to show, but the position has moved on: entries were kept back by the filter or replaced by newer ones.</summary>
public sealed record Advanced : Entry
{
    internal Advanced(string channel)
        : base(channel)
    {
    }

    /// <summary>The position to resume from.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>How many entries since the last were replaced by newer ones.</summary>
    public long Merged { get; init; }

    /// <summary>How many entries since the last the filter kept back.</summary>
    public long Filtered { get; init; }
}
