using System.Text.Json;

namespace Tidewire.Server.Status;

/// <summary>What the server tells of itself over HTTP: status, channels, statistics, health.</summary>
internal static class StatusRoutes
{
    public static IServiceCollection AddStatus(this IServiceCollection services) => services.AddSingleton<StatusReport>();

    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/stream/status", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteStatus));
        routes.MapGet("/api/stream/channels", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteChannels));
        routes.MapGet("/api/ws/stats", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteStatistics));
        routes.MapGet("/health", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteHealth));
    }

    private static async Task AnswerAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        write(json);
        await json.FlushAsync(context.RequestAborted);
    }
}
