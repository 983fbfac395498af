using Microsoft.Extensions.FileProviders;

namespace Tidewire.Server.Dashboard;

/// <summary>Serves the page at <c>/</c> and <c>/dashboard</c>.</summary>
internal static class DashboardRoutes
{
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
