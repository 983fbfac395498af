using Tidewire.Fanout;
using Tidewire.Server.UnusualWhales;

namespace Tidewire.Server.Sockets;

/// <summary>What is spoken at one address.</summary>
/// <param name="Wire">What the client will be sent.</param>
/// <param name="Begin">Makes the session of a connection.</param>
/// <param name="Subprotocol">The one to be agreed on; null for none.</param>
internal readonly record struct SocketEndpoint(WireFormat Wire, Func<Connection, ISocketSession> Begin, string? Subprotocol = null);

/// <summary>The addresses that speak WebSocket, whatever carries them.</summary>
internal sealed class SocketEndpoints(TidewireWires wires, UnusualWhalesWire provider, Hub hub, FeedCatalogue catalogue, TimeProvider time)
{
    /// <summary><c>/api/ws</c>: many channels.</summary>
    public const string TidewirePath = "/api/ws";

    /// <summary><c>/api/stream/ws/{feed}</c>: one channel.</summary>
    public const string StreamPath = "/api/stream/ws/";

    /// <summary><c>/socket</c>: the provider's own protocol.</summary>
    public const string ProviderPath = "/socket";

    /// <param name="offered">The subprotocols that the client offers; null for none.</param>
    public SocketEndpoint Tidewire(string? offered)
    {
        var subprotocol = Subprotocol.Choose(offered);
        var wire = wires.ManyChannels(subprotocol);
        return new(wire, connection => new TidewireSession(connection, wire, hub, catalogue, time), subprotocol);
    }

    /// <param name="channel">The feed or channel as it stands in the path.</param>
    /// <param name="query">The parameters.</param>
    /// <param name="offered">The subprotocols that the client offers; null for none.</param>
    public SocketEndpoint Stream(string channel, IQueryCollection query, string? offered)
    {
        var subprotocol = Subprotocol.Choose(offered);
        var wire = wires.OneChannel(subprotocol);
        return new(wire, connection => new StreamSession(connection, wire, hub, catalogue, time, channel, query), subprotocol);
    }

    public SocketEndpoint Provider() => new(provider, connection => new UnusualWhalesSession(connection, hub, catalogue));
}
