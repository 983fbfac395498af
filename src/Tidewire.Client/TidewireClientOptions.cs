
namespace Tidewire.Client;

/// <summary>How a client connects, waits and bounds itself. Every default suits a server nearby.</summary>
public sealed record TidewireClientOptions
{
    /// <summary>
    /// Gives the token, whenever a connection needs one: at first, shortly before the last one expires, and after the server
    /// called it expired. Null, the default: none is sent. A token is never written anywhere.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? Token { get; init; }

    /// <summary>The wire to begin with, and the best one to go back to. Default <see cref="Wire.WebSocket"/>.</summary>
    public Wire FirstWire { get; init; } = Wire.WebSocket;

    /// <summary>The second wait before another attempt; each further one is longer. The first is below 400 ms. Default 1 s.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much longer each wait is than the one before. Default 1.5.</summary>
    public double ReconnectBackoffMultiplier { get; init; } = 1.5;

    /// <summary>The longest wait before another attempt; a wait is anything between zero and what is due. Default 30 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long opening a connection may take, up to the server's first message. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without anything the server is asked; without an answer the connection counts as half-open and is replaced. Default 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long that answer may take. Default 5 s.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to stay on a lower wire before the better one is tried beside it; doubles up to 5 min. Default 30 s.</summary>
    public TimeSpan UpgradeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many entries of one subscription may wait for their reader. Beyond it the newest of each key of a state feed stays,
    /// and the others are counted; of an event feed the client stops reading, and reads on from its position once half of them
    /// were taken: nothing is lost, and memory stays bounded. Default 1000.
    /// </summary>
    public int MaxQueueSize { get; init; } = 1000;

    /// <summary>
    /// Asks for several messages per frame (subprotocol <c>tidewire.v1.json</c>); a server that does not know it sends one per
    /// frame. Default true.
    /// </summary>
    public bool UseBatching { get; init; } = true;

    /// <summary>Makes what HTTP and WebSocket requests go through: proxies, certificates. By default one that takes the system's proxy.</summary>
    public Func<HttpMessageHandler>? HttpHandler { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Chance, in waits. Default unseeded.</summary>
    public Random Random { get; init; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectDelay, TimeSpan.Zero, nameof(ReconnectDelay));
        Positive(MaxReconnectDelay, nameof(MaxReconnectDelay));
        Positive(ConnectTimeout, nameof(ConnectTimeout));
        Positive(HeartbeatInterval, nameof(HeartbeatInterval));
        Positive(HeartbeatTimeout, nameof(HeartbeatTimeout));
        Positive(UpgradeInterval, nameof(UpgradeInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectBackoffMultiplier, 1, nameof(ReconnectBackoffMultiplier));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueueSize, 1, nameof(MaxQueueSize));
    }

    private static void Positive(TimeSpan value, string name) => ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
}
