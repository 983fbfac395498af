using Tidewire.Fanout;
using Tidewire.Server.UnusualWhales;

namespace Tidewire.Server.Sockets;

/// <summary>What is spoken at one address.</summary>
/// <param name="Wire">What the client will be sent.</param>
/// <param name="Begin">Makes the session of a connection.</param>
internal readonly record struct SocketEndpoint(WireFormat Wire, Func<Connection, ISocketSession> Begin);

/// <summary>The addresses that speak WebSocket, whatever carries them.</summary>
internal sealed class SocketEndpoints(JsonWire json, EnvelopeWire envelope, UnusualWhalesWire provider, Hub hub, FeedCatalogue catalogue, TimeProvider time)
{
    /// <summary><c>/api/ws</c>: many channels.</summary>
    public const string TidewirePath = "/api/ws";

    /// <summary><c>/api/stream/ws/{feed}</c>: one channel.</summary>
    public const string StreamPath = "/api/stream/ws/";

    /// <summary><c>/socket</c>: the provider's own protocol.</summary>
    public const string ProviderPath = "/socket";

    public SocketEndpoint Tidewire() => new(json, connection => new TidewireSession(connection, hub, catalogue, time));

    /// <param name="channel">The feed or channel as it stands in the path.</param>
    /// <param name="query">The parameters.</param>
    public SocketEndpoint Stream(string channel, IQueryCollection query)
        => new(envelope, connection => new StreamSession(connection, hub, catalogue, time, channel, query));

    public SocketEndpoint Provider() => new(provider, connection => new UnusualWhalesSession(connection, hub, catalogue));
}
