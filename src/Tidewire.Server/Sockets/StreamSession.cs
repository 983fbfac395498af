using System.Globalization;
using Tidewire.Fanout;
using Tidewire.Fanout.Filtering;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary><c>/api/stream/ws/{feed}</c>: one channel from the first byte to the last; nothing needs to be sent.</summary>
internal sealed class StreamSession(Connection connection, TidewireWire wire, Hub hub, FeedCatalogue catalogue, TimeProvider time, string channel, IQueryCollection query) : ISocketSession
{
    public void Opened()
    {
        var error = ChannelRequest.Read(catalogue, channel, query, out var asked);
        if (error is null)
        {
            error = connection.Subscribe(asked!.Feed, asked.Name, asked.Since, asked.History, asked.Terms, out var subscription);
            if (error is null)
            {
                _ = StartAsync(subscription!, asked.Since is not null); // ends by itself
                return;
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

    public void Unreadable(ProtocolError error) => connection.Send(wire.Frame(MessageWriter.Error(error, time.GetUtcNow())));

    private async Task StartAsync(Subscription subscription, bool resumed)
    {
        if (!await connection.StartedAsync(subscription))
        {
            return;
        }

        if (resumed && !subscription.Start.Recovered)
        {
            connection.Send(wire.Frame(MessageWriter.Subscribed(
                subscription.Log.Name, connection.PositionOf(subscription), recovered: false, subscription.Start.Reason, id: null, time.GetUtcNow())));
        }

        connection.Begin(subscription);
    }
}

/// <summary>What a reader of one channel asks for over HTTP: which channel, and where in it to begin.</summary>
/// <param name="Feed">The channel's feed.</param>
/// <param name="Name">The canonical channel.</param>
/// <param name="Since">The position to resume after.</param>
/// <param name="History">Entries before the tail to begin with.</param>
/// <param name="Terms">What it is to be given of the channel.</param>
internal sealed record ChannelRequest(Feed Feed, ChannelName Name, StreamPosition? Since, int History, SubscriptionTerms Terms)
{
    /// <summary>The header with which a browser resumes a stream of events.</summary>
    public const string LastEventId = "Last-Event-ID";

    /// <summary>Reads a request.</summary>
    /// <param name="catalogue">The feeds.</param>
    /// <param name="channel">The channel as it stands in the path.</param>
    /// <param name="query">The parameters.</param>
    /// <param name="request">The request when the answer is null.</param>
    /// <param name="lastEventId">The value of that header; it takes the place of the parameter <c>since</c>.</param>
    /// <returns>Null, or what was wrong.</returns>
    public static ProtocolError? Read(FeedCatalogue catalogue, string channel, IQueryCollection query, out ChannelRequest? request, string? lastEventId = null)
    {
        request = null;
        if (ReadPosition(query, lastEventId, out var since) is { } badPosition)
        {
            return badPosition;
        }

        if (ReadNumber(query, "history", least: 0, most: ProtocolLimits.MaxHistory, otherwise: 0, out var history) is { } badHistory)
        {
            return badHistory;
        }

        if (ReadFilter(query["filter"], "parameter", out var filter) is { } badFilter)
        {
            return badFilter;
        }

        if (catalogue.Resolve(channel, ticker: null, out var feed, out var name) is { } unknown)
        {
            return unknown;
        }

        request = new ChannelRequest(feed!, name, since, history, new SubscriptionTerms(filter));
        return null;
    }

    /// <summary>Reads a filter.</summary>
    /// <param name="text">The expression; null or empty for none.</param>
    /// <param name="kind">What it came as: a field or a parameter.</param>
    /// <param name="filter">The filter; null for none.</param>
    /// <returns>Null, or what was wrong and where.</returns>
    public static ProtocolError? ReadFilter(string? text, string kind, out Filter? filter)
    {
        filter = null;
        return string.IsNullOrWhiteSpace(text) || Filter.TryParse(text, out filter, out var wrong)
            ? null
            : new ProtocolError(ErrorCode.BadValue, $"The {kind} 'filter' is no filter: {wrong}", "filter");
    }

    /// <summary>Reads a parameter that is a whole number.</summary>
    /// <param name="query">The parameters.</param>
    /// <param name="name">Its name.</param>
    /// <param name="least">The least it may be.</param>
    /// <param name="most">The most it may be.</param>
    /// <param name="otherwise">Its value when it is left out.</param>
    /// <param name="number">The number when the answer is null.</param>
    /// <returns>Null, or what was wrong.</returns>
    public static ProtocolError? ReadNumber(IQueryCollection query, string name, int least, int most, int otherwise, out int number)
    {
        number = otherwise;
        return query[name].ToString() is not { Length: > 0 } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most)
            ? null
            : new ProtocolError(ErrorCode.BadValue, $"The parameter '{name}' must be a whole number from {least} to {most}.", name);
    }

    private static ProtocolError? ReadPosition(IQueryCollection query, string? lastEventId, out StreamPosition? since)
    {
        since = null;
        var isHeader = !string.IsNullOrEmpty(lastEventId);
        if ((isHeader ? lastEventId : query["since"].ToString()) is not { Length: > 0 } text)
        {
            return null;
        }

        if (StreamPosition.TryParse(text, out var position))
        {
            since = position;
            return null;
        }

        return isHeader
            ? new ProtocolError(ErrorCode.BadValue, $"The header '{LastEventId}' must be a position, epoch:offset, as it came with an event.", LastEventId)
            : new ProtocolError(ErrorCode.BadValue, "The parameter 'since' must be a position, epoch:offset, as it came with a message.", "since");
    }
}
