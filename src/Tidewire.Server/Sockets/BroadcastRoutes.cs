using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary>
/// <c>POST /api/ws/broadcast/{kind}</c>: programs on this machine publish a price, a pattern, an alert, the market's status
/// or an announcement. While there is no sign-in, being on this machine is what allows it.
/// </summary>
internal static class BroadcastRoutes
{
    private const int MaxBodyBytes = 16 << 10;

    public static void MapBroadcast(this IEndpointRouteBuilder routes) => routes.MapPost("/api/ws/broadcast/{kind}", PublishAsync);

    private static async Task PublishAsync(HttpContext context, string kind, Hub hub, FeedCatalogue catalogue, TimeProvider time)
    {
        if (Broadcast.Find(kind) is not { } broadcast)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, new ProtocolError(ErrorCode.UnknownType,
                $"There is no such broadcast. Allowed: {string.Join(", ", Broadcast.Kinds.Select(static known => known.Name))}."));
            return;
        }

        // A form that a page elsewhere could post without asking is no JSON: this type makes browsers ask first.
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, new ProtocolError(ErrorCode.BadValue, "Content-Type must be application/json."));
            return;
        }

        if (await ReadBodyAsync(context) is not { } body)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, new ProtocolError(ErrorCode.TooLarge, $"The body is too large. Allowed: up to {MaxBodyBytes} bytes."));
            return;
        }

        if (broadcast.Read(body, out var payload, out var ticker) is { } fault)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        if (!catalogue.TryGet(broadcast.Feed, out var feed))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, new ProtocolError(ErrorCode.UnknownChannel, $"The catalogue has no feed '{broadcast.Feed}'."));
            return;
        }

        var log = hub.GetOrAdd(ChannelName.Of(feed.Name, feed.Ticker == TickerUse.None ? null : ticker), feed);
        if (await hub.PublishShownAsync(log, Publication.OfPayload(payload!, time.GetUtcNow(), PublicationSource.Derived)) is not { } position)
        {
            context.Abort(); // the recording has ended under a request that outlived the drain: no answer is right but none
            return;
        }

        await context.Response.WriteAsJsonAsync(new BroadcastAnswer("ok", log.Name.ToString(), position.Epoch, position.Offset, log.Subscribers), AnswerJson.Default.BroadcastAnswer);
    }

    /// <summary>The body; null when it is too large.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBodyBytes)
        {
            return null;
        }

        var buffer = new byte[MaxBodyBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length > MaxBodyBytes ? null : buffer[..length];
    }

    private static Task RefuseAsync(HttpContext context, int status, ProtocolError error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new RefusedAnswer(error.Code.Name, error.Message, error.Field), AnswerJson.Default.RefusedAnswer);
    }
}
