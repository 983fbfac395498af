using System.Collections.Concurrent;
using Tidewire.Fanout;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Upstream;

/// <summary>What was measured of a channel, whatever its documentation says. On the wire in lower case as <c>measured</c>.</summary>
public enum Measured
{
    /// <summary>Nothing was measured yet.</summary>
    Unknown,

    /// <summary>Its data has been seen on the provider's socket.</summary>
    Verified,

    /// <summary>Asked for, and nothing comes.</summary>
    Silent,

    /// <summary>The provider refuses it.</summary>
    Refused,

    /// <summary>REST feeds it.</summary>
    Fallback,

    /// <summary>Computed here from other channels.</summary>
    Derived,
}

/// <summary>The truth of one channel.</summary>
/// <param name="Measured">What was measured.</param>
/// <param name="Reason">One line for people; null when there is nothing to say. Never holds a token.</param>
/// <param name="Socket">How far the socket has got with it; null where it is never joined or no one wants it.</param>
/// <param name="Polled">How REST feeds it; null when it does not.</param>
public sealed record ChannelMeasure(Measured Measured, string? Reason, ChannelView? Socket, PolledView? Polled);

/// <summary>
/// Puts together what is measured of each channel: by its joins, its data, its silence and the answers of REST. Of a feed
/// the last that was measured is kept when no one reads it any more. Thread-safe.
/// </summary>
/// <param name="hub">The channels.</param>
/// <param name="demand">What the socket does.</param>
/// <param name="poller">What REST does; null when there is none.</param>
public sealed class ChannelTruth(Hub hub, Demand demand, UnusualWhalesPoller? poller)
{
    private readonly ConcurrentDictionary<string, Measured> _feeds = new(StringComparer.Ordinal);

    /// <summary>Measures every channel that is there, by name.</summary>
    public IReadOnlyDictionary<string, ChannelMeasure> Look()
    {
        var sockets = demand.Channels.ToDictionary(static view => view.Form, StringComparer.Ordinal);
        var polls = (poller?.Channels ?? []).ToDictionary(static view => view.Channel, StringComparer.Ordinal);
        var all = new Dictionary<string, ChannelMeasure>(StringComparer.Ordinal);
        var byFeed = new Dictionary<string, Measured>(StringComparer.Ordinal);
        foreach (var (name, feed) in hub.Logs.Select(static log => (Name: log.Name.ToString(), log.Feed)).Concat(sockets.Values.Select(static view => (Name: view.Form, view.Feed))))
        {
            if (all.ContainsKey(name))
            {
                continue;
            }

            var measure = Measure(feed, sockets.GetValueOrDefault(name), polls.GetValueOrDefault(name));
            all[name] = measure;
            byFeed[feed.Name] = Better(byFeed.GetValueOrDefault(feed.Name), measure.Measured);
        }

        foreach (var (feed, measured) in byFeed)
        {
            if (measured != Measured.Unknown)
            {
                _feeds[feed] = measured;
            }
        }

        return all;
    }

    /// <summary>What was measured last of a feed, by the best of its channels.</summary>
    /// <param name="feed">The feed.</param>
    public Measured OfFeed(Feed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return feed.Origin == FeedOrigin.Derived ? Measured.Derived : _feeds.GetValueOrDefault(feed.Name);
    }

    private static ChannelMeasure Measure(Feed feed, ChannelView? socket, PolledView? polled)
    {
        if (feed.Origin == FeedOrigin.Derived)
        {
            return new(Measured.Derived, feed.DerivedFrom is { } from ? $"Computed here from {from}." : "Computed here.", null, null);
        }

        if (polled is { Answers: > 0 })
        {
            return new(Measured.Fallback, polled.Problem is { } problem ? $"{Why(socket)} REST stood in and brings nothing now: {problem}." : $"{Why(socket)} REST feeds it.", socket, polled);
        }

        if (feed.Origin == FeedOrigin.Rest)
        {
            return polled switch
            {
                { Outcome: RestOutcomeKind.NotEntitled or RestOutcomeKind.NotFound or RestOutcomeKind.BadRequest } => new(Measured.Refused, $"REST refuses it: {polled.Problem}.", null, polled),
                { Problem: { } problem } => new(Measured.Silent, $"REST brings nothing: {problem}.", null, polled),
                _ => new(Measured.Unknown, null, null, polled),
            };
        }

        var measured = socket switch
        {
            { State: ChannelState.Refused } => Measured.Refused,
            { State: ChannelState.Silent } => Measured.Silent,
            { Count: > 0 } => Measured.Verified,
            _ => Measured.Unknown,
        };
        return new(measured, measured == Measured.Verified ? null : Tail(Why(socket), polled), socket, polled);
    }

    private static string? Tail(string why, PolledView? polled) => polled?.Problem is { } problem ? $"{why} REST does not stand in: {problem}." : why.Length > 0 ? why : null;

    private static string Why(ChannelView? socket) => socket switch
    {
        null => "No socket channel of this name is known.",
        { State: ChannelState.Refused } => "The provider refused the join.",
        { State: ChannelState.Silent, Count: > 0, SilentAfter: { } limit } => FormattableString.Invariant($"Nothing has come since {socket.LastDataAt:HH:mm:ss} UTC, longer than the {limit.TotalSeconds:0.#} s its own gaps explain."),
        { State: ChannelState.Silent } => "The provider took the request and sends nothing.",
        { State: ChannelState.Waiting } => "The socket has no session or no channel left for it.",
        _ => "",
    };

    private static Measured Better(Measured one, Measured other) => Rank(one) >= Rank(other) ? one : other;

    private static int Rank(Measured measured) => measured switch
    {
        Measured.Verified => 5,
        Measured.Fallback => 4,
        Measured.Silent => 3,
        Measured.Refused => 2,
        Measured.Derived => 1,
        _ => 0,
    };
}
