namespace Tidewire.Server.Polling;

/// <summary>Registers long polling and where it is.</summary>
internal static class PollRoutes
{
    public static IServiceCollection AddPolling(this IServiceCollection services)
        => services.AddSingleton<PollWire>().AddSingleton<PollServer>();

    public static void MapPolling(this IEndpointRouteBuilder routes)
        => routes.MapGet("/api/stream/poll/{feed}/{ticker?}", (HttpContext context, string feed, string? ticker, PollServer server)
            => server.AnswerAsync(context, ticker is null ? feed : $"{feed}:{ticker}"));
}
