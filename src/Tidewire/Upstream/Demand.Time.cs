using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <content>What time brings: lingers that are over, joins that were not answered, channels that have fallen silent.</content>
public sealed partial class Demand
{
    /// <summary>Looks at every channel for what time has brought: lingers over, joins unanswered, retries due.</summary>
    internal void Look()
    {
        lock (_gate)
        {
            if (_open)
            {
                LookLocked();
            }
        }
    }

    private void LookLocked()
    {
        var now = _time.GetUtcNow();
        foreach (var channel in _channels.Values)
        {
            if (channel.UnwantedSince is { } since)
            {
                if (now - since < _options.Linger)
                {
                    continue;
                }

                if (!HasPositionsLocked(channel, now))
                {
                    RemoveLocked(channel);
                    continue;
                }
            }

            if (channel.State is ChannelState.Joined or ChannelState.Live && _silence?.IsOverdue(channel, now) == true)
            {
                FallSilentLocked(channel, now);
                continue;
            }

            if (now < channel.RetryAt)
            {
                continue;
            }

            switch (channel.State)
            {
                case ChannelState.Requested when channel.InLine is null:
                    BecomeLocked(channel, ChannelState.Silent, now);
                    channel.RetryAt = now + _options.JoinRetry;
                    break;
                case ChannelState.Silent or ChannelState.Refused:
                    _toJoin.Add(channel);
                    break;
            }
        }
    }

    /// <summary>A joined channel shows nothing for too long: since its last data, or since it was joined, something may be missing. Said once, until it shows something again: meanwhile REST may stand in.</summary>
    private void FallSilentLocked(DemandedChannel channel, DateTimeOffset now)
    {
        BecomeLocked(channel, ChannelState.Silent, now);
        channel.RetryAt = now + _options.JoinRetry;
        if (!channel.FellSilent)
        {
            channel.FellSilent = true;
            InterruptLocked(channel, GapReason.Silent, channel.LastDataAt is { } last && last > channel.JoinedAt ? last : channel.JoinedAt);
        }
    }
}
