using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>What is measured of one channel on the provider's socket.</summary>
public enum ChannelState
{
    /// <summary>Wanted, and not asked for yet: no session, or every channel of the connection is taken.</summary>
    Waiting,

    /// <summary>Asked for, not answered yet.</summary>
    Requested,

    /// <summary>The provider took the join. It does that for channels that do not exist, too.</summary>
    Joined,

    /// <summary>Data has arrived in this session.</summary>
    Live,

    /// <summary>The join was never answered, or nothing has come for longer than this channel's own gaps explain.</summary>
    Silent,

    /// <summary>The provider refused the join.</summary>
    Refused,
}

/// <summary>One channel as the upstream sees it, at one instant.</summary>
/// <param name="Form">The form that is joined, such as <c>gex:SPY</c>.</param>
/// <param name="State">What is measured.</param>
/// <param name="Since">Since when.</param>
/// <param name="Wanted">False while it only lingers after its last subscriber.</param>
/// <param name="Count">Data frames since the process started wanting it.</param>
/// <param name="LastDataAt">When the last of them arrived; null before the first.</param>
public sealed record ChannelView(string Form, ChannelState State, DateTimeOffset Since, bool Wanted, long Count, DateTimeOffset? LastDataAt)
{
    /// <summary>The channel that its data is published on.</summary>
    public required ChannelName Name { get; init; }

    /// <summary>Its feed.</summary>
    public required Feed Feed { get; init; }

    /// <summary>Whether a subscriber wants it; a channel may be kept joined without.</summary>
    public bool Subscribed { get; init; }

    /// <summary>How long one usually waits for its next data; null while too little was seen, or for a feed that is never judged by silence.</summary>
    public TimeSpan? UsualGap { get; init; }

    /// <summary>After how long without data, in market hours, it counts as silent; null when it is not judged.</summary>
    public TimeSpan? SilentAfter { get; init; }
}
