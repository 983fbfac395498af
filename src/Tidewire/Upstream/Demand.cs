using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>
/// Which channels are wanted of the provider, and how far each has got: the first subscriber of a channel joins it, the
/// last one leaves it after a linger, or, where a client was told a position and may be back with it, once its slot is
/// needed. Knows the limit of channels and never goes beyond it; a channel that no one wants makes room for one that is wanted.
/// </summary>
/// <remarks>
/// The hub tells that interest changed, on any thread; what is wanted is then read off the log, so the order of such
/// calls does not matter. The session asks for the next step, one at a time, and reports what the provider answers.
/// </remarks>
public sealed partial class Demand : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, DemandedChannel> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DemandedChannel>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly JoinQueue _toJoin = new();
    private readonly Queue<string> _toLeave = new();
    private readonly SemaphoreSlim _changed = new(0);
    private bool _ended;
    private readonly Hub _hub;
    private readonly FeedCatalogue _catalogue;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly SilenceWatch? _silence;
    private long _order;
    private int _slots;
    private int _slotsTaken;
    private int _unwanted; // channels that no one wants: counted, since ten thousand may be left at once
    private long _version;
    private bool _open;

    /// <summary>A channel is joined again after the connection was down: what was missed can be asked for elsewhere. Raised on the thread that decodes, after its gap was appended.</summary>
    internal event Action<Outage>? Returned;

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

    /// <summary>The feeds.</summary>
    internal FeedCatalogue Catalogue => _catalogue;

    /// <summary>Rises whenever what <see cref="Wanted"/> tells may have changed.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <inheritdoc/>
    public void Dispose()
    {
        _hub.InterestChanged -= Consider;
        lock (_gate)
        {
            _ended = true; // a session that takes long to end may still look
            _changed.Dispose();
        }
    }

    /// <summary>Every channel that a subscriber wants and how far it has got, in no order: what <see cref="Channels"/> tells, at a tenth of its cost.</summary>
    /// <remarks>A channel that only its positions keep joined is none of them: they cost the socket nothing, but REST its scarce requests.</remarks>
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
            foreach (var channel in _channels.Values.Where(static channel => channel.IsWanted).OrderBy(static channel => channel.Order)) // who held a slot before gets it again
            {
                _toJoin.Add(channel);
            }

            var now = _time.GetUtcNow();
            foreach (var channel in _channels.Values.Where(static channel => !channel.IsWanted).OrderByDescending(static channel => channel.UnwantedSince).ToArray())
            {
                if (HasPositionsLocked(channel, now))
                {
                    _toJoin.Add(channel); // where slots are left
                }
                else
                {
                    ForgetLocked(channel);
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
                    channel.DownSince ??= channel.FellSilent ? null : at; // else its gap is the silence
                }

                channel.HoldsSlot = channel.IsAsked = false;
                BecomeLocked(channel, ChannelState.Waiting, at);
            }
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

    /// <summary>The provider took a join, or proved it by data. Nothing is missing from now on, unless the channel has fallen silent: only data ends that.</summary>
    internal void Answered(DemandedChannel channel, ChannelState state, PublicationSource source, DateTimeOffset at)
    {
        List<ChannelLog> logs;
        Outage? outage = null;
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
            channel.FellSilent &= state != ChannelState.Live;
            if (channel.FellSilent)
            {
                return;
            }

            logs = LogsLocked(channel);
            if (channel.DownSince is { } since)
            {
                outage = new Outage(channel.Name, channel.Feed, since, at);
                channel.DownSince = null;
            }
        }

        logs.ForEach(log => _hub.Resume(log, source, at));
        if (outage is not null)
        {
            Returned?.Invoke(outage);
        }
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

    /// <summary>Frames were dropped by our own queue, no one knows of which channel: each one has a gap.</summary>
    internal void Dropped(DateTimeOffset from, DateTimeOffset to, PublicationSource source)
    {
        List<ChannelLog> logs;
        lock (_gate)
        {
            logs = [.. _channels.Values.Where(static channel => channel is { State: ChannelState.Joined or ChannelState.Live, FellSilent: false }).SelectMany(LogsLocked)];
        }

        foreach (var log in logs)
        {
            log.Interrupt(GapReason.DroppedByUs, from);
            _hub.Resume(log, source, to);
        }
    }

    private void BecomeLocked(DemandedChannel channel, ChannelState state, DateTimeOffset now)
    {
        channel.Become(state, now);
        _version++;
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
        if (!_ended && _changed.CurrentCount == 0)
        {
            _changed.Release();
        }
    }
}
