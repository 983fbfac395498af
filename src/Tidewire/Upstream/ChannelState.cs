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

    /// <summary>The join was never answered.</summary>
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
public sealed record ChannelView(string Form, ChannelState State, DateTimeOffset Since, bool Wanted, long Count, DateTimeOffset? LastDataAt);
