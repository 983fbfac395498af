using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <content>Who wants which channel: what the logs tell of their subscribers.</content>
public sealed partial class Demand
{
    private void Consider(ChannelLog log)
    {
        if (FormOf(log) is not var (form, name, feed))
        {
            return;
        }

        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var wanted = log.Subscribers > 0;
            if (!_channels.TryGetValue(form, out var channel))
            {
                if (!wanted)
                {
                    return;
                }

                channel = new DemandedChannel(form, name, feed, ++_order, now);
                _channels[form] = channel;
            }

            _ = wanted ? channel.WantedBy.Add(log) : channel.WantedBy.Remove(log);
            channel.KeptUntil = Later(channel.KeptUntil, log.PositionToldAt + _options.KeepPositions); // of a log that holds nothing yet, which goes with its last subscriber
            _version++;
            if (!channel.IsSubscribed && !channel.IsKept)
            {
                _unwanted += channel.UnwantedSince is null ? 1 : 0;
                channel.UnwantedSince ??= now;
                _toJoin.Remove(channel);
                if (!channel.HoldsSlot && (_open || !HasPositionsLocked(channel, now) || HasEnoughLeftLocked()))
                {
                    ForgetLocked(channel); // nothing to linger for
                    return;
                }
            }
            else
            {
                _unwanted -= channel.UnwantedSince is null ? 0 : 1;
                channel.UnwantedSince = null;
                if (_open && !channel.HoldsSlot && channel.State == ChannelState.Waiting)
                {
                    _toJoin.Add(channel);
                }
            }

            NudgeLocked();
        }
    }

    /// <summary>What a log needs of the provider: its own form, or that of the feed it is derived from.</summary>
    private (string Form, ChannelName Name, Feed Feed)? FormOf(ChannelLog log)
    {
        var feed = log.Feed;
        if (feed is { Origin: FeedOrigin.Derived, DerivedFrom: { } from } && _catalogue.TryGet(from, out var origin))
        {
            feed = origin;
        }

        if (feed.Origin != FeedOrigin.Join)
        {
            return null;
        }

        var name = ChannelName.Of(feed.Name, log.Name.Symbol);
        return (name.ToString(), name, feed);
    }

    /// <summary>
    /// Whether a client was told a position of a channel and may still come back with it: then it stays joined while a
    /// slot is free, so that what comes meanwhile is there for the client.
    /// </summary>
    private bool HasPositionsLocked(DemandedChannel channel, DateTimeOffset now)
    {
        if (_options.KeepPositions <= TimeSpan.Zero)
        {
            return false;
        }

        if (now >= channel.KeptUntil)
        {
            channel.KeptUntil = Later(channel.KeptUntil, LogsLocked(channel).Max(static log => log.PositionToldAt) + _options.KeepPositions);
        }

        return now < channel.KeptUntil;
    }

    /// <summary>Whether as many are kept for positions alone as there could be slots: more would not be joined in any case.</summary>
    private bool HasEnoughLeftLocked() => _unwanted > _options.MaxChannels;

    private void ForgetLocked(DemandedChannel channel)
    {
        if (_channels.TryRemove(channel.Form, out _) && channel.UnwantedSince is not null)
        {
            _unwanted--;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;
}
