namespace Tidewire.Client;

/// <summary>A way of speaking to the server, best first.</summary>
public enum Wire
{
    /// <summary><c>/api/ws</c>: all channels on one socket.</summary>
    WebSocket,

    /// <summary><c>/api/stream/sse</c>: server-sent events, one stream per channel.</summary>
    ServerSentEvents,

    /// <summary><c>/api/stream/poll</c>: long polling, for networks that let only short requests through.</summary>
    Polling,
}

/// <summary>What a client is doing.</summary>
public enum ClientPhase
{
    /// <summary>The first connection is being opened, or none was wanted yet.</summary>
    Connecting,

    /// <summary>Connected.</summary>
    Connected,

    /// <summary>Another connection is being opened.</summary>
    Reconnecting,

    /// <summary>Not connected; the next attempt is at <see cref="ClientState.RetryAt"/>.</summary>
    Offline,

    /// <summary>Disposed, or turned away for good.</summary>
    Closed,
}

/// <summary>The state of a client's connection.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Wire">The wire in use, or being opened.</param>
/// <param name="Attempt">Attempts since it was last connected.</param>
/// <param name="RetryAt">When the next attempt is due, while offline.</param>
public sealed record ClientState(ClientPhase Phase, Wire Wire, int Attempt = 0, DateTimeOffset? RetryAt = null);
