using Tidewire.Protocol;

namespace Tidewire.Server.ServerSentEvents;

/// <summary>What the wires over plain HTTP answer alike: headers, and refusals before anything was sent.</summary>
internal static class StreamAnswer
{
    private const string RetrySeconds = "2";

    /// <summary>Live data: never from a cache, and readable by the page that asked. Its origin has passed the guard.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Origin";
        if (response.HttpContext.Request.Headers.Origin is [{ Length: > 0 } origin])
        {
            response.Headers.AccessControlAllowOrigin = origin;
        }
    }

    /// <summary>Says what was wrong with a request: 404 when it names no feed, else 400.</summary>
    public static Task RefuseAsync(HttpContext context, ProtocolError error)
        => RefuseAsync(context, error.Code == ErrorCode.UnknownChannel ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, new RefusedAnswer(error.Code.Name, error.Message, error.Field));

    /// <summary>Says that the server cannot serve the request now, and when to ask again.</summary>
    public static Task RefuseForNowAsync(HttpContext context, string error, string message)
    {
        context.Response.Headers.RetryAfter = RetrySeconds;
        return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, new RefusedAnswer(error, message));
    }

    /// <summary>The server is being stopped.</summary>
    public static Task RefuseGoingAwayAsync(HttpContext context)
        => RefuseForNowAsync(context, "going_away", "The server is shutting down; try again in a moment.");

    /// <summary>There are as many connections as there may be.</summary>
    public static Task RefuseTooManyAsync(HttpContext context, int allowed)
        => RefuseForNowAsync(context, "too_many_connections", $"Too many connections. Allowed: {allowed} at once over all wires.");

    private static Task RefuseAsync(HttpContext context, int status, RefusedAnswer answer)
    {
        SetHeaders(context.Response);
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, AnswerJson.Default.RefusedAnswer);
    }
}
