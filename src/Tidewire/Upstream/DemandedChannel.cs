using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>A form that someone wants or wanted a moment ago, or that is kept joined, and how far the provider has got with it. Guarded by <see cref="Demand"/>.</summary>
internal sealed class DemandedChannel(string form, ChannelName name, Feed feed, long order, DateTimeOffset now)
{
    private long _lastData;

    public string Form { get; } = form;

    /// <summary>Rises with each channel that is wanted anew.</summary>
    public long Order { get; } = order;

    /// <summary>The channel that its frames are published on.</summary>
    public ChannelName Name { get; } = name;

    public Feed Feed { get; } = feed;

    /// <summary>Logs that want it: its own, and those of feeds derived from it.</summary>
    public HashSet<ChannelLog> WantedBy { get; } = [];

    /// <summary>What its gaps are; null for a feed that is never judged by silence.</summary>
    public UsualGap? UsualGap { get; } = feed.SilentAfter is null ? null : new UsualGap();

    /// <summary>Whether it is kept joined although no one reads it.</summary>
    public bool IsKept { get; init; }

    /// <summary>When the provider took the join, or proved it by data; meaningful while it is joined.</summary>
    public DateTimeOffset JoinedAt { get; private set; } = now;

    public ChannelState State { get; private set; } = ChannelState.Waiting;

    public DateTimeOffset Since { get; private set; } = now;

    /// <summary>Whether it takes up one of the connection's channels.</summary>
    public bool HoldsSlot { get; set; }

    /// <summary>Whether the provider was asked for it in this session and not told since that it is wanted no more.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Its place among the joins to be sent; null when it has none.</summary>
    public LinkedListNode<DemandedChannel>? InLine { get; set; }

    /// <summary>It fell silent and has shown nothing since: what is missing is said by the gap before its next data, not by an acknowledgement.</summary>
    public bool FellSilent { get; set; }

    /// <summary>Since when it is missed because the connection went down while it was joined; null when it was not, or is joined again.</summary>
    public DateTimeOffset? DownSince { get; set; }

    /// <summary>Until when its positions keep it joined though no one wants it.</summary>
    public DateTimeOffset KeptUntil { get; set; }

    /// <summary>When its last subscriber left; null while there is one.</summary>
    public DateTimeOffset? UnwantedSince { get; set; }

    /// <summary>When a join that was not answered, or refused, is tried again.</summary>
    public DateTimeOffset RetryAt { get; set; }

    /// <summary>Data frames; written by the decoding thread only.</summary>
    public long Count { get; private set; }

    public DateTimeOffset? LastDataAt => Volatile.Read(ref _lastData) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public bool IsWanted => IsKept || UnwantedSince is null;

    /// <summary>Whether a subscriber wants it.</summary>
    public bool IsSubscribed => WantedBy.Count > 0;

    public void Become(ChannelState state, DateTimeOffset now)
    {
        if (State == state)
        {
            return;
        }

        if (state == ChannelState.Joined || (state == ChannelState.Live && State is not (ChannelState.Joined or ChannelState.Silent)))
        {
            JoinedAt = now;
        }

        State = state;
        Since = now;
    }

    public void CountData(DateTimeOffset at)
    {
        Count++;
        Volatile.Write(ref _lastData, at.UtcTicks);
    }

    public ChannelView View(TimeSpan? silentAfter) => new(Form, State, Since, IsWanted, Count, LastDataAt)
    {
        Name = Name,
        Feed = Feed,
        Subscribed = IsSubscribed,
        UsualGap = UsualGap?.Value,
        SilentAfter = silentAfter,
    };
}

/// <summary>A channel that a subscriber wants, at one instant.</summary>
/// <param name="Form">The form that is joined.</param>
/// <param name="Name">The channel that its data is published on.</param>
/// <param name="Feed">Its feed.</param>
/// <param name="State">What is measured.</param>
/// <param name="Since">Since when.</param>
internal readonly record struct WantedChannel(string Form, ChannelName Name, Feed Feed, ChannelState State, DateTimeOffset Since);

/// <summary>A channel missed what came while the connection to the provider was down; it is joined again.</summary>
/// <param name="Name">The channel that its data is published on.</param>
/// <param name="Feed">Its feed.</param>
/// <param name="From">Nothing is missing before.</param>
/// <param name="To">Nothing is missing after.</param>
internal sealed record Outage(ChannelName Name, Feed Feed, DateTimeOffset From, DateTimeOffset To);
