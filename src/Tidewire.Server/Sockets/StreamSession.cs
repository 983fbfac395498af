using System.Globalization;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary><c>/api/stream/ws/{feed}</c>: one channel from the first byte to the last; nothing needs to be sent.</summary>
internal sealed class StreamSession(Connection connection, Hub hub, FeedCatalogue catalogue, TimeProvider time, string channel, IQueryCollection query) : ISocketSession
{
    public void Opened()
    {
        var error = Read(out var since, out var history);
        if (error is null)
        {
            error = catalogue.Resolve(channel, ticker: null, out var feed, out var name);
            if (error is null)
            {
                error = connection.Subscribe(feed!, name, since, history, out var subscription);
                if (error is null)
                {
                    Start(subscription!, since is not null);
                    return;
                }
            }
        }

        hub.Counters.Error();
        Unreadable(error);
        connection.Close(Disconnect.Policy.Because(error.Message));
    }

    public void Received(ReadOnlySpan<byte> message)
    {
        // Nothing is expected here; what comes all the same, such as a keep-alive, harms nothing.
    }

    public void Unreadable(ProtocolError error) => connection.Send(WebSocketFrame.Text(MessageWriter.Error(error, time.GetUtcNow())));

    private void Start(Subscription subscription, bool resumed)
    {
        if (resumed && !subscription.Start.Recovered)
        {
            connection.Send(WebSocketFrame.Text(MessageWriter.Subscribed(
                subscription.Log.Name, connection.PositionOf(subscription), recovered: false, subscription.Start.Reason, id: null, time.GetUtcNow())));
        }

        connection.Begin(subscription);
    }

    private ProtocolError? Read(out StreamPosition? since, out int history)
    {
        since = null;
        history = 0;
        if (query["since"].ToString() is { Length: > 0 } text)
        {
            if (!StreamPosition.TryParse(text, out var position))
            {
                return new ProtocolError(ErrorCode.BadValue, "The parameter 'since' must be a position, epoch:offset, as it came with a message.", "since");
            }

            since = position;
        }

        if (query["history"].ToString() is { Length: > 0 } count
            && !(int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out history) && history <= ProtocolLimits.MaxHistory))
        {
            return new ProtocolError(ErrorCode.BadValue, $"The parameter 'history' must be a whole number from 0 to {ProtocolLimits.MaxHistory}.", "history");
        }

        return query.ContainsKey("filter")
            ? new ProtocolError(ErrorCode.NotSupported, "The parameter 'filter' is not supported by this version: leave it out.", "filter")
            : null;
    }
}
