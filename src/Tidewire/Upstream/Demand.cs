using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>
/// Which channels are wanted of the provider, and how far each has got: the first subscriber of a channel joins it, the
/// last one leaves it after a linger. Knows the limit of channels and never goes beyond it; a channel that only lingers
/// makes room for one that is wanted.
/// </summary>
/// <remarks>
/// The hub tells that interest changed, on any thread; what is wanted is then read off the log, so the order of such
/// calls does not matter. The session asks for the next step, one at a time, and reports what the provider answers.
/// </remarks>
public sealed class Demand : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, DemandedChannel> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DemandedChannel>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly JoinQueue _toJoin = new();
    private readonly Queue<string> _toLeave = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Hub _hub;
    private readonly FeedCatalogue _catalogue;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly SilenceWatch? _silence;
    private long _order;
    private int _slots;
    private int _slotsTaken;
    private long _version;
    private bool _open;

    /// <summary>Makes a demand that follows a hub's subscriptions.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="catalogue">The feeds.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="silence">Decides when silence means something; null when it never does.</param>
    /// <exception cref="InvalidDataException">A channel that is to be kept joined does not exist.</exception>
    public Demand(Hub hub, FeedCatalogue catalogue, IOptions<UpstreamOptions> options, TimeProvider time, SilenceWatch? silence = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(options);
        _hub = hub;
        _catalogue = catalogue;
        _options = options.Value;
        _time = time;
        _silence = silence;
        _slots = _options.MaxChannels;
        _bySpan = _channels.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in _options.Keep.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (catalogue.Resolve(text, null, out var feed, out var name) is { } wrong || feed!.Origin != FeedOrigin.Join)
            {
                throw new InvalidDataException($"Upstream:Keep names '{text}', which is no channel of the provider's socket. Name channels such as market_tide or gex:SPY, separated by commas.");
            }

            _channels[name.ToString()] = new DemandedChannel(name.ToString(), name, feed, ++_order, time.GetUtcNow()) { IsKept = true };
        }

        hub.InterestChanged += Consider;
    }

    /// <summary>Every channel that is wanted or lingers, by form.</summary>
    public IReadOnlyList<ChannelView> Channels
    {
        get
        {
            lock (_gate)
            {
                return [.. _channels.Values.Select(channel => channel.View(_silence is null ? null : SilenceWatch.LimitOf(channel))).OrderBy(static view => view.Form, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Rises whenever what <see cref="Wanted"/> tells may have changed.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <inheritdoc/>
    public void Dispose()
    {
        _hub.InterestChanged -= Consider;
        _changed.Dispose();
    }

    /// <summary>Every channel that a subscriber wants and how far it has got, in no order: what <see cref="Channels"/> tells, at a tenth of its cost.</summary>
    internal List<WantedChannel> Wanted()
    {
        lock (_gate)
        {
            var wanted = new List<WantedChannel>(_channels.Count);
            foreach (var (_, channel) in _channels)
            {
                if (channel.IsSubscribed)
                {
                    wanted.Add(new(channel.Form, channel.Name, channel.Feed, channel.State, channel.Since));
                }
            }

            return wanted;
        }
    }

    /// <summary>Waits until there may be a next step.</summary>
    internal Task ChangedAsync(CancellationToken cancellation) => _changed.WaitAsync(cancellation);

    /// <summary>Ends one wait of <see cref="ChangedAsync"/>; several before it count as one.</summary>
    internal void Nudge()
    {
        lock (_gate)
        {
            NudgeLocked();
        }
    }

    /// <summary>A session is open: everything wanted is to be joined anew.</summary>
    internal void SessionOpened()
    {
        lock (_gate)
        {
            _open = true;
            _slots = _options.MaxChannels;
            foreach (var channel in _channels.Values.OrderBy(static channel => channel.Order).ToArray()) // who held a slot before gets it again
            {
                if (channel.IsWanted)
                {
                    _toJoin.Add(channel);
                }
                else
                {
                    _channels.TryRemove(channel.Form, out _);
                }
            }

            NudgeLocked();
        }
    }

    /// <summary>The session has ended: the provider has forgotten every join, and what it sends meanwhile is missing.</summary>
    internal void SessionEnded(DateTimeOffset at)
    {
        lock (_gate)
        {
            _open = false;
            _toJoin.Clear();
            _toLeave.Clear();
            _slotsTaken = 0;
            foreach (var channel in _channels.Values)
            {
                if (channel.State is ChannelState.Joined or ChannelState.Live)
                {
                    InterruptLocked(channel, GapReason.UpstreamDown, at);
                }

                channel.HoldsSlot = channel.IsAsked = false;
                BecomeLocked(channel, ChannelState.Waiting, at);
            }
        }
    }

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
                if (_toJoin.FirstSubscribed is not null && MakeRoomLocked() is { } left)
                {
                    return (left, null);
                }

                // Every slot serves someone: it stays waiting, first in line. Those that are only asked for again need none.
                channel = _toJoin.FirstHoldingSlot;
            }
            else if (channel is { HoldsSlot: false, IsSubscribed: false } && _toJoin.FirstSubscribed is { } subscribed)
            {
                channel = subscribed; // what is only kept comes after what someone reads
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

    /// <summary>What silence means here; null when it never means anything.</summary>
    internal SilenceWatch? Silence => _silence;

    /// <summary>Whether some channel would have spoken within a time: the canary, or one whose own gaps are known to be shorter.</summary>
    internal bool ExpectsDataWithin(TimeSpan span)
    {
        lock (_gate)
        {
            return _channels.Values.Any(channel => channel is { HoldsSlot: true, Count: > 0 }
                && (channel.IsKept || channel.UsualGap?.Value is not null)
                && SilenceWatch.LimitOf(channel) <= span);
        }
    }

    /// <summary>Finds a wanted or lingering channel by the name in a frame.</summary>
    internal DemandedChannel? Find(ReadOnlySpan<char> form) => _bySpan.TryGetValue(form, out var channel) ? channel : null;

    /// <summary>The provider took a join, or proved it by data. Nothing is missing from now on.</summary>
    internal void Answered(DemandedChannel channel, ChannelState state, PublicationSource source, DateTimeOffset at)
    {
        List<ChannelLog> logs;
        lock (_gate)
        {
            if (!_open || (channel.State == ChannelState.Live && state == ChannelState.Joined))
            {
                return;
            }

            if (!channel.HoldsSlot)
            {
                if (!channel.IsAsked || _channels.GetValueOrDefault(channel.Form) != channel) // a frame that was in flight when it was left
                {
                    return;
                }

                // The provider holds it, whatever we had concluded from its limit or a refusal.
                channel.HoldsSlot = true;
                _slotsTaken++;
                _slots = Math.Max(_slots, _slotsTaken);
            }

            _toJoin.Remove(channel);
            BecomeLocked(channel, state, at);
            logs = LogsLocked(channel);
        }

        logs.ForEach(log => _hub.Resume(log, source, at));
    }

    /// <summary>The provider refused a join: its slot is free, and it is asked for again later. A channel that carries data is not refused by a late word.</summary>
    internal void Refused(DemandedChannel channel, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (channel.State == ChannelState.Live)
            {
                return;
            }

            FreeLocked(channel);
            BecomeLocked(channel, ChannelState.Refused, at);
            channel.RetryAt = at + _options.JoinRetry;
            NudgeLocked();
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

    /// <summary>Frames were dropped by our own queue, no one knows of which channel: each one has a gap.</summary>
    internal void Dropped(DateTimeOffset from, DateTimeOffset to, PublicationSource source)
    {
        List<ChannelLog> logs;
        lock (_gate)
        {
            logs = [.. _channels.Values.Where(static channel => channel.State is ChannelState.Joined or ChannelState.Live).SelectMany(LogsLocked)];
        }

        foreach (var log in logs)
        {
            log.Interrupt(GapReason.DroppedByUs, from);
            _hub.Resume(log, source, to);
        }
    }

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
            _version++;
            if (!channel.IsSubscribed && !channel.IsKept)
            {
                channel.UnwantedSince ??= now;
                _toJoin.Remove(channel);
                if (!channel.HoldsSlot)
                {
                    _channels.TryRemove(form, out _); // nothing to linger for
                    return;
                }
            }
            else
            {
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

    private void LookLocked()
    {
        var now = _time.GetUtcNow();
        foreach (var channel in _channels.Values)
        {
            if (channel.UnwantedSince is { } since)
            {
                if (now - since >= _options.Linger)
                {
                    RemoveLocked(channel);
                }

                continue;
            }

            if (channel.State is ChannelState.Joined or ChannelState.Live && _silence?.IsOverdue(channel, now) == true)
            {
                BecomeLocked(channel, ChannelState.Silent, now);
                channel.RetryAt = now + _options.JoinRetry;
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

    /// <summary>
    /// Frees a slot for one that waits: of the channel that no one has wanted for longest, else of one that is only kept,
    /// else of the one that has been silent for longest; these then wait in their turn. The form to leave, or null when
    /// every slot serves someone.
    /// </summary>
    private string? MakeRoomLocked()
    {
        var holding = _channels.Values.Where(static other => other.HoldsSlot).ToArray();
        if (holding.Where(static other => !other.IsWanted).MinBy(static other => other.UnwantedSince) is { } idle)
        {
            RemoveLocked(idle);
            return _toLeave.Dequeue();
        }

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
        if (channel.HoldsSlot)
        {
            InterruptLocked(channel, GapReason.NotJoined, _time.GetUtcNow());
            FreeLocked(channel);
            _toLeave.Enqueue(channel.Form);
        }

        _channels.TryRemove(channel.Form, out _);
    }

    private void BecomeLocked(DemandedChannel channel, ChannelState state, DateTimeOffset now)
    {
        channel.Become(state, now);
        _version++;
    }

    private void FreeLocked(DemandedChannel channel)
    {
        if (channel.HoldsSlot)
        {
            channel.HoldsSlot = false;
            _slotsTaken--;
        }
    }

    private void InterruptLocked(DemandedChannel channel, GapReason reason, DateTimeOffset at)
        => LogsLocked(channel).ForEach(log => log.Interrupt(reason, at));

    /// <summary>The logs that a channel feeds, as far as they exist: its own, and those derived from it.</summary>
    private List<ChannelLog> LogsLocked(DemandedChannel channel)
    {
        var logs = new List<ChannelLog>(2);
        foreach (var feed in _catalogue.Feeds)
        {
            if ((feed.Name == channel.Feed.Name || feed.DerivedFrom == channel.Feed.Name)
                && _hub.TryGet(ChannelName.Of(feed.Name, channel.Name.Symbol), out var log))
            {
                logs.Add(log);
            }
        }

        return logs;
    }

    private void NudgeLocked()
    {
        if (_changed.CurrentCount == 0)
        {
            _changed.Release();
        }
    }
}
