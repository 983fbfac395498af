using System.Net;
using Tidewire.Client.Subscriptions;
using Tidewire.Protocol;

namespace Tidewire.Client.Wires;

/// <summary><c>/api/stream/sse</c>: one channel as server-sent events.</summary>
internal sealed class StreamChannel(Session session)
{
    /// <summary>Reads one stream to its end.</summary>
    public async Task<HttpEnd> RunAsync(Subscription subscription, Action heard, CancellationToken cancellation)
    {
        using var deadline = session.Limit(session.Options.ConnectTimeout, cancellation);
        var token = await session.Credentials.GetAsync(cancellation).ConfigureAwait(false);
        deadline.Extend(session.Options.ConnectTimeout); // the token's time is its own
        var asked = subscription.Position;
        using var request = Endpoint.Get(session.Endpoint.Stream("sse", subscription), "text/event-stream", token);
        session.Tally.Sent();
        using var response = await session.Http.SendAsync(request, deadline.Token).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            session.Tally.Error();
            return await HttpRefusal.ReadAsync(response, deadline.Token).ConfigureAwait(false);
        }

        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            session.Tally.Error();
            return new HttpEnd(new WireEnd("what was answered is no stream of events") { IsAgainstTheWire = true });
        }

        session.Tally.Connected();
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await ReadAsync(new EventStream(stream), subscription, asked, heard, deadline).ConfigureAwait(false);
        }
    }

    private async Task<HttpEnd> ReadAsync(EventStream events, Subscription subscription, StreamPosition? asked, Action heard, Deadline deadline)
    {
        // The server tells a position at least every 10 s: silence beyond the heartbeat is a connection that is half-open.
        var quiet = session.Options.HeartbeatInterval + session.Options.HeartbeatTimeout;
        var isConfirmed = false;
        var messages = new List<ServerMessage>();
        while (await events.NextAsync(() => deadline.Extend(quiet), deadline.Token).ConfigureAwait(false) is { } read)
        {
            heard();
            var hasId = StreamPosition.TryParse(read.Id, out var at);
            messages.Clear();
            if (read.Data is null && hasId)
            {
                messages.Add(ServerMessage.PositionAt(at.Epoch, at.Offset));
            }
            else if (read is { Data: not null, Name: not ("" or "message" or "gap" or "position" or "subscription" or "closing") })
            {
                continue; // an event that came after this client
            }
            else if (read.Data is not null && !ServerMessage.TryReadAll(read.Data, messages))
            {
                session.Tally.Error();
            }

            foreach (var message in messages)
            {
                session.Tally.Received(message);
                if (message.Type == "closing")
                {
                    return new HttpEnd(WireEnd.Closed(message.Code ?? 0, message.Reason, message.Reconnect));
                }

                if (!isConfirmed && (message.IsOfTheLog || message.Type == "subscription"))
                {
                    isConfirmed = true;
                    if (Confirm(subscription, message, asked))
                    {
                        continue;
                    }
                }

                if (session.Deliver(subscription, message, at.Epoch ?? "") is Verdict.Hole or Verdict.Full)
                {
                    return new HttpEnd(new WireEnd("the channel is read again from its position") { Showed = true });
                }
            }
        }

        return new HttpEnd(new WireEnd("the server ended the stream") { Showed = isConfirmed, IsAgainstTheWire = !isConfirmed });
    }

    /// <summary>Takes the first event. False when it is an entry as well.</summary>
    private static bool Confirm(Subscription subscription, ServerMessage message, StreamPosition? asked)
    {
        if (message is not { Epoch: { } epoch, Offset: { } offset })
        {
            return false;
        }

        var isEntry = message.Type is not ("position" or "subscription");
        var at = new StreamPosition(epoch, isEntry ? offset - 1 - message.Merged - message.Filtered : offset - (message.Merged + message.Filtered));
        var recovered = message.Type == "subscription" ? message.Recovered == true : asked is { } from && from.Epoch == epoch;
        subscription.Confirm(message.Channel ?? subscription.Requested, isEntry && recovered ? asked!.Value : at, asked, recovered, message.Reason);
        return !isEntry && message.Merged + message.Filtered == 0;
    }
}
