using System.Globalization;

namespace Tidewire.Fanout;

/// <summary>How the rows of a REST answer relate to the publications of a feed. The answer is <c>{"data": …}</c>.</summary>
public enum PollRows
{
    /// <summary>A list of things that happened, in either order; a row that was not there before is published.</summary>
    Events,

    /// <summary>A list of what is, one row per key; a row whose bytes changed is published.</summary>
    State,

    /// <summary>A list over time of which only the newest row is of interest.</summary>
    Newest,

    /// <summary>The data itself is one payload; published when its bytes changed.</summary>
    Whole,

    /// <summary>One row per minute, the last of which still grows: a row is published once a later one exists.</summary>
    Minutes,

    /// <summary>Running totals of the session per minute: what is published is the difference to the minute before.</summary>
    Totals,
}

/// <summary>How a feed is had over REST: as the only way, or while the socket does not carry it.</summary>
public sealed record FeedPoll
{
    /// <summary>Path and query at the provider; <c>{ticker}</c> stands for the channel's symbol.</summary>
    public required string Path { get; init; }

    /// <summary>The shortest time between two requests for one channel. It is stretched with what is left of the request budget.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>What the rows are.</summary>
    public PollRows Rows { get; init; }

    /// <summary>The row's fields that identify it, in the order of <see cref="Feed.Key"/> where REST spells them differently; empty for the feed's own.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Fields spelled alike by socket and REST that together tell one event from another, for where the identities of the two may differ.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>The row's field that holds the provider's time; null for the feed's own.</summary>
    public string? TimeField { get; init; }

    /// <summary>The query parameter that leaves out rows as old as a time and newer, so that one can page back; null where the provider has none.</summary>
    public string? Older { get; init; }

    /// <summary>How many rows one answer holds at most, as the path says it; null where it does not.</summary>
    public int? Limit => Path.IndexOf("limit=", StringComparison.Ordinal) is >= 0 and var at
        && int.TryParse(Path.AsSpan(at + 6) is var rest && rest.IndexOf('&') is >= 0 and var end ? rest[..end] : rest, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    /// <summary>The path for a symbol.</summary>
    /// <param name="symbol">The channel's symbol; null where it has none.</param>
    public string PathOf(string? symbol) => Path.Replace("{ticker}", Uri.EscapeDataString(symbol ?? ""), StringComparison.Ordinal);

    /// <summary>Whether the path names the symbol, so that only channels with one can be polled.</summary>
    public bool NeedsSymbol => Path.Contains("{ticker}", StringComparison.Ordinal);
}
