using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <content>Which channels take up the connection's slots: the next to join or to leave, and room for one that waits.</content>
public sealed partial class Demand
{
    /// <summary>The next step: a channel to leave or to join; neither when there is nothing to do now.</summary>
    internal (string? Leave, string? Join) Next()
    {
        lock (_gate)
        {
            if (_toLeave.TryDequeue(out var leave))
            {
                return (leave, null);
            }

            var channel = _toJoin.First;
            if (channel is { HoldsSlot: false } && _slotsTaken >= _slots)
            {
                if (RoomForFirstLocked() is { } left)
                {
                    return (left, null);
                }

                // Every slot serves someone: it stays waiting, first in line. Those that are only asked for again need none.
                channel = _toJoin.FirstHoldingSlot;
            }
            else if (channel is { HoldsSlot: false, IsSubscribed: false })
            {
                channel = _toJoin.FirstSubscribed ?? _toJoin.FirstWanted ?? channel; // what is only kept comes after what someone reads, and what no one wants comes last
            }

            if (channel is null)
            {
                return default;
            }

            _toJoin.Remove(channel);
            if (!channel.HoldsSlot)
            {
                channel.HoldsSlot = true;
                _slotsTaken++;
            }

            var now = _time.GetUtcNow();
            channel.IsAsked = true;
            BecomeLocked(channel, ChannelState.Requested, now);
            channel.RetryAt = now + _options.JoinTimeout;
            return (null, channel.Form);
        }
    }

    /// <summary>The provider takes no more channels: those not answered wait, and no more than now are asked for in this session.</summary>
    internal void LimitReached(DateTimeOffset at)
    {
        lock (_gate)
        {
            foreach (var channel in _channels.Values.Where(static channel => channel is { HoldsSlot: true, State: ChannelState.Requested or ChannelState.Silent }))
            {
                FreeLocked(channel);
                BecomeLocked(channel, ChannelState.Waiting, at);
                _toJoin.Add(channel);
            }

            _slots = Math.Max(1, _slotsTaken);
        }
    }

    /// <summary>Frees a slot for the most wanted in line. What is only kept pushes out what only its positions keep. The form to leave, or null.</summary>
    private string? RoomForFirstLocked()
    {
        if (_toJoin.FirstSubscribed is not null)
        {
            return MakeRoomLocked();
        }

        var now = _time.GetUtcNow();
        if (_toJoin.FirstWanted is null || LongestUnwantedLocked() is not { } idle || now - idle.UnwantedSince < _options.Linger)
        {
            return null;
        }

        RemoveLocked(idle);
        return _toLeave.Dequeue();
    }

    private DemandedChannel? LongestUnwantedLocked()
        => _channels.Values.Where(static other => other is { HoldsSlot: true, IsWanted: false }).MinBy(static other => other.UnwantedSince);

    /// <summary>
    /// Frees a slot for one that waits: of the channel that no one has wanted for longest, else of one that is only kept,
    /// else of the one that has been silent for longest; these then wait in their turn. The form to leave, or null when
    /// every slot serves someone.
    /// </summary>
    private string? MakeRoomLocked()
    {
        if (LongestUnwantedLocked() is { } idle)
        {
            RemoveLocked(idle);
            return _toLeave.Dequeue();
        }

        var holding = _channels.Values.Where(static other => other.HoldsSlot).ToArray();
        var loser = holding.FirstOrDefault(static other => !other.IsSubscribed)
            ?? holding.Where(static other => other.State == ChannelState.Silent).MinBy(static other => other.Since);
        if (loser is null)
        {
            return null;
        }

        var now = _time.GetUtcNow();
        if (loser.State is ChannelState.Joined or ChannelState.Live)
        {
            InterruptLocked(loser, GapReason.NotJoined, now);
        }

        FreeLocked(loser);
        loser.IsAsked = false;
        BecomeLocked(loser, ChannelState.Waiting, now);
        _toJoin.Add(loser);
        return loser.Form;
    }

    private void RemoveLocked(DemandedChannel channel)
    {
        _toJoin.Remove(channel);
        if (channel.HoldsSlot)
        {
            InterruptLocked(channel, GapReason.NotJoined, _time.GetUtcNow());
            FreeLocked(channel);
            _toLeave.Enqueue(channel.Form);
        }

        ForgetLocked(channel);
    }

    private void FreeLocked(DemandedChannel channel)
    {
        if (channel.HoldsSlot)
        {
            channel.HoldsSlot = false;
            _slotsTaken--;
        }
    }
}
