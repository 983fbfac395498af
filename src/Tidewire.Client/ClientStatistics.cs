namespace Tidewire.Client;

/// <summary>Counters of a client since it was made, and what it measured last.</summary>
public sealed record ClientStatistics
{
    /// <summary>Whether it is connected.</summary>
    public bool IsConnected { get; init; }

    /// <summary>Whether another connection is being opened or waited for.</summary>
    public bool IsReconnecting { get; init; }

    /// <summary>Attempts since it was last connected.</summary>
    public int ReconnectAttempts { get; init; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages and requests sent.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Publications and gaps that readers were given.</summary>
    public long UpdatesApplied { get; init; }

    /// <summary>Connections that were opened after the first.</summary>
    public long Reconnects { get; init; }

    /// <summary>Connections that failed, messages that could not be read, and errors the server told.</summary>
    public long Errors { get; init; }

    /// <summary>When the last message came; null before the first.</summary>
    public DateTimeOffset? LastMessageTime { get; init; }

    /// <summary>The channels that are subscribed to, as they were asked for.</summary>
    public IReadOnlyList<string> Subscriptions { get; init; } = [];

    /// <summary>Entries that wait for their readers.</summary>
    public int QueueSize { get; init; }

    /// <summary>Subscriptions that wait for their readers before they read on.</summary>
    public int PendingUpdates { get; init; }

    /// <summary>Positions remembered.</summary>
    public int CacheSize { get; init; }

    /// <summary>How long the server last took to answer, in milliseconds; null before it was measured.</summary>
    public double? RoundTripMs { get; init; }

    /// <summary>How far the server's clock is ahead of ours, in milliseconds; null before it was measured.</summary>
    public double? ClockSkewMs { get; init; }

    /// <summary>How old the last publication was when it came, by the server's clock, in milliseconds; null before the first.</summary>
    public double? LagMs { get; init; }

    /// <summary>Entries that came again and were dropped.</summary>
    public long Duplicates { get; init; }

    /// <summary>The wire in use.</summary>
    public Wire Wire { get; init; }
}
