using System.Text.Json;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Status;

/// <summary>What the server tells of itself over HTTP: status, channels, statistics, health, metrics.</summary>
internal static class StatusRoutes
{
    public static IServiceCollection AddStatus(this IServiceCollection services)
    {
        services.AddSingleton<StatusReport>().AddSingleton<Readiness>().AddSingleton<ServerMetrics>();
        services.AddSingleton(static provider =>
        {
            provider.GetRequiredService<UpstreamMetrics>(); // otherwise made by the pump, and without an upstream there is none
            provider.GetService<RestMetrics>();
            return ActivatorUtilities.CreateInstance<MetricsReader>(provider);
        });
        return services.AddHostedService(static provider => provider.GetRequiredService<MetricsReader>());
    }

    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/stream/status", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteStatus));
        routes.MapGet("/api/stream/channels", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteChannels));
        routes.MapGet("/api/ws/stats", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteStatistics));
        routes.MapGet("/health", (HttpContext context, StatusReport report) => AnswerAsync(context, report.WriteHealth));
        routes.MapGet("/health/live", (HttpContext context, Readiness readiness) => AnswerAsync(context, readiness.WriteLive));
        routes.MapGet("/health/ready", (HttpContext context, Readiness readiness) => AnswerAsync(context, json =>
            context.Response.StatusCode = readiness.WriteReady(json) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        routes.MapGet("/metrics", WriteMetricsAsync);
    }

    private static async Task WriteMetricsAsync(HttpContext context, MetricsReader reader)
    {
        var text = await reader.ScrapeAsync(context.RequestAborted);
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(text, context.RequestAborted);
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
