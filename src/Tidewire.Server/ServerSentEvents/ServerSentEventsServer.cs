using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.ServerSentEvents;

/// <summary>Serves one channel as server-sent events, from the request to the end.</summary>
internal sealed class ServerSentEventsServer(Hub hub, FeedCatalogue catalogue, SseWire wire, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>How long a browser waits before it connects again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Serves a request until either side ends it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="channel">The channel as it stands in the path.</param>
    public async Task ServeAsync(HttpContext context, string channel)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await StreamAnswer.RefuseGoingAwayAsync(context);
            return;
        }

        if (ChannelRequest.Read(catalogue, channel, context.Request.Query, out var asked, context.Request.Headers[ChannelRequest.LastEventId]) is { } error)
        {
            hub.Counters.Error();
            await StreamAnswer.RefuseAsync(context, error);
            return;
        }

        var transport = new ServerSentEventsTransport(context, hub.Options.CloseLimit, time);
        if (!hub.TryConnect(transport, wire, out var connection))
        {
            await StreamAnswer.RefuseTooManyAsync(context, hub.Options.MaxConnections);
            return;
        }

        using (connection)
        using (context.RequestAborted.UnsafeRegister(static gone => ((ServerSentEventsTransport)gone!).Abort(), transport))
        {
            // Refused only when it is being closed already: the client is told so, as the first event.
            if (connection.Subscribe(asked!.Feed, asked.Name, asked.Since, asked.History, asked.Terms, out var subscription) is null
                && await connection.StartedAsync(subscription!))
            {
                connection.Send(Opening(asked, subscription!, connection.PositionOf(subscription!)));
                connection.Begin(subscription!);
            }

            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                connection.Close(Disconnect.GoingAway); // it began while the others were being closed
            }

            await transport.Ended;
            if (subscription is not null)
            {
                hub.Hold(subscription.Log); // a browser comes back by itself, with the position it was told
            }
        }
    }

    private byte[] Opening(ChannelRequest asked, Subscription subscription, StreamPosition position)
    {
        var refused = asked.Since is not null && !subscription.Start.Recovered
            ? MessageWriter.Subscribed(asked.Name, position, recovered: false, subscription.Start.Reason, id: null, time.GetUtcNow())
            : [];
        return SseWire.Opening(position, hub.Simulated, Retry, refused);
    }
}
