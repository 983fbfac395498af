using Tidewire.Fanout;
using Tidewire.Server.UnusualWhales;

namespace Tidewire.Server.Sockets;

/// <summary>Registers the wires over WebSocket and where they are.</summary>
internal static class SocketRoutes
{
    public static IServiceCollection AddSockets(this IServiceCollection services)
        => services.AddSingleton<SocketServer>().AddSingleton<JsonWire>().AddSingleton<EnvelopeWire>().AddSingleton<UnusualWhalesWire>();

    public static void MapSockets(this IEndpointRouteBuilder routes)
    {
        routes.Map("/api/ws", (HttpContext context, SocketServer server, JsonWire wire, Hub hub, FeedCatalogue catalogue, TimeProvider time)
            => server.ServeAsync(context, wire, connection => new TidewireSession(connection, hub, catalogue, time)));

        routes.Map("/api/stream/ws/{feed}/{ticker?}", (HttpContext context, string feed, string? ticker, SocketServer server, EnvelopeWire wire, Hub hub, FeedCatalogue catalogue, TimeProvider time)
            => server.ServeAsync(context, wire, connection
                => new StreamSession(connection, hub, catalogue, time, ticker is null ? feed : $"{feed}:{ticker}", context.Request.Query)));

        routes.Map("/socket", (HttpContext context, SocketServer server, UnusualWhalesWire wire, Hub hub, FeedCatalogue catalogue)
            => server.ServeAsync(context, wire, connection => new UnusualWhalesSession(connection, hub, catalogue)));
    }
}
