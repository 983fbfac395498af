using Tidewire.Protocol;

namespace Tidewire.Client;

/// <summary>What one subscription wants; without any, everything from now on.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>Resume after this position. Nothing after it is missing, or a <see cref="Reset"/> says why.</summary>
    public StreamPosition? Since { get; init; }

    /// <summary>Only publications that pass this filter, such as <c>total_premium >= 100K and ticker in (SPY, TSLA)</c>.</summary>
    public string? Filter { get; init; }

    /// <summary>Of a state feed: flushes a second at most; 0 for no throttle; null for the server's default of 10. Only the WebSocket throttles.</summary>
    public double? MaxRate { get; init; }

    /// <summary>First up to so many publications of the past, 0 to 1000. Not together with <see cref="Since"/>.</summary>
    public int History { get; init; }
}
