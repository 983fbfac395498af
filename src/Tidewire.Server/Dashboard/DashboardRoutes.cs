using Microsoft.Extensions.FileProviders;

namespace Tidewire.Server.Dashboard;

/// <summary>Serves the page at <c>/</c> and <c>/dashboard</c>, and tells browsers how little it may do.</summary>
internal static class DashboardRoutes
{
    /// <summary>The page loads nothing from elsewhere and speaks to no one but this server.</summary>
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void UseSafeHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    });

    public static void MapDashboard(this WebApplication app)
    {
        var files = app.Environment.WebRootFileProvider;
        app.UseStaticFiles(new StaticFileOptions
        {
            // Built files carry a hash of their content in the name; the page that names them does not.
            OnPrepareResponse = static served => served.Context.Response.Headers.CacheControl =
                served.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
        foreach (var path in (string[])["/", "/dashboard"])
        {
            app.MapGet(path, (HttpContext context) => PageAsync(context, files.GetFileInfo("index.html")));
        }
    }

    private static Task PageAsync(HttpContext context, IFileInfo page)
    {
        context.Response.Headers.CacheControl = "no-cache";
        if (page.Exists)
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.SendFileAsync(page, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("The dashboard is not built. Start the server with ./run.sh, which builds it.", context.RequestAborted);
    }
}
