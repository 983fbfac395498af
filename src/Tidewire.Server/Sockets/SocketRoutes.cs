using Microsoft.AspNetCore.Connections;
using Tidewire.Server.Sockets.Direct;
using Tidewire.Server.UnusualWhales;

namespace Tidewire.Server.Sockets;

/// <summary>Registers the wires over WebSocket and where they are.</summary>
internal static class SocketRoutes
{
    public static IServiceCollection AddSockets(this IServiceCollection services, bool direct)
    {
        services.AddSingleton<SocketServer>().AddSingleton<TidewireWires>().AddSingleton<UnusualWhalesWire>();
        services.AddSingleton<SocketEndpoints>();
        if (direct)
        {
            services.AddSingleton<DirectServer>();
            services.AddSingleton<IConnectionListenerFactory, DirectListenerFactory>();
        }

        return services;
    }

    /// <summary>What comes through the web server: over TLS, and every request that is not plain.</summary>
    public static void MapSockets(this IEndpointRouteBuilder routes)
    {
        routes.Map(SocketEndpoints.TidewirePath, (HttpContext context, SocketServer server, SocketEndpoints endpoints)
            => server.ServeAsync(context, endpoints.Tidewire(context.Request.Headers.SecWebSocketProtocol)));
        routes.Map(SocketEndpoints.StreamPath + "{feed}/{ticker?}", (HttpContext context, string feed, string? ticker, SocketServer server, SocketEndpoints endpoints)
            => server.ServeAsync(context, endpoints.Stream(ticker is null ? feed : $"{feed}:{ticker}", context.Request.Query, context.Request.Headers.SecWebSocketProtocol)));
        routes.Map(SocketEndpoints.ProviderPath, (HttpContext context, SocketServer server, SocketEndpoints endpoints) => server.ServeAsync(context, endpoints.Provider()));
    }
}
