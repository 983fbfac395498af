namespace Tidewire.Server.ServerSentEvents;

/// <summary>Registers server-sent events and where they are.</summary>
internal static class ServerSentEventsRoutes
{
    public static IServiceCollection AddServerSentEvents(this IServiceCollection services)
        => services.AddSingleton<SseWire>().AddSingleton<ServerSentEventsServer>();

    public static void MapServerSentEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/stream/sse/{feed}/{ticker?}", (HttpContext context, string feed, string? ticker, ServerSentEventsServer server)
            => server.ServeAsync(context, ticker is null ? feed : $"{feed}:{ticker}"));

        routes.MapGet("/stream/flow", (HttpContext context, ServerSentEventsServer server) => server.ServeAsync(context, "flow"));
    }
}
