namespace Tidewire.Server.Access;

/// <summary>
/// Lets through only requests that name one of our own addresses as <c>Host</c>, and, from a browser, come from a page of
/// ours or of an allowed origin. Without it any web page the user visits could read the stream from loopback, by a
/// request of its own or by a name rebound to 127.0.0.1. Checked on everything, before an upgrade.
/// </summary>
internal sealed partial class HostGuard(RequestDelegate next, OriginPolicy policy, ILogger<HostGuard> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var port = context.Connection.LocalPort;
        if (!OriginPolicy.IsOurs(request.Host, context.Connection.LocalIpAddress, port, request.IsHttps))
        {
            Log.Refused(logger, "Host", request.Path);
            return Refuse(context, "The Host header names no address of this server. Use http://127.0.0.1 or http://localhost with its port.");
        }

        foreach (var origin in request.Headers.Origin)
        {
            if (origin is null || !policy.IsAllowed(origin, port))
            {
                Log.Refused(logger, "Origin", request.Path);
                return Refuse(context, "This origin may not use the server. Add it to TIDEWIRE_ALLOWED_ORIGINS, as SCHEME://HOST:PORT.");
            }
        }

        return next(context);
    }

    private static Task Refuse(HttpContext context, string message)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new RefusedAnswer("forbidden", message), AnswerJson.Default.RefusedAnswer);
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "Refused a request for {Path}: its {Header} is not allowed.", EventName = "RequestRefused")]
        public static partial void Refused(ILogger logger, string header, PathString path);
    }
}
