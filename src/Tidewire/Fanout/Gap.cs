namespace Tidewire.Fanout;

/// <summary>Why something is missing.</summary>
public enum GapReason
{
    /// <summary>The connection to the provider was down.</summary>
    UpstreamDown,

    /// <summary>No one wanted the channel, so it was not joined.</summary>
    NotJoined,

    /// <summary>Our own queue was full.</summary>
    DroppedByUs,

    /// <summary>The channel was joined and sent nothing for far longer than it ever does.</summary>
    Silent,

    /// <summary>
    /// Entries could not be kept: a reader that was there has seen them, one that comes back later cannot be given them.
    /// The gap stands for the offsets before it that are lost, and counts them as merged.
    /// </summary>
    StoreLost,
}

/// <summary>Between two instants something is missing from a channel. An entry of the log, with an offset of its own.</summary>
/// <param name="From">Nothing is missing before.</param>
/// <param name="To">Nothing is missing after.</param>
/// <param name="Count">How many publications are missing; null when that cannot be known.</param>
/// <param name="Reason">Why.</param>
/// <param name="Backfilled">Whether they follow from elsewhere.</param>
public sealed record Gap(DateTimeOffset From, DateTimeOffset To, long? Count, GapReason Reason, bool Backfilled)
{
    /// <summary>The reason as it stands on the wire.</summary>
    public ReadOnlySpan<byte> ReasonUtf8 => Reason switch
    {
        GapReason.UpstreamDown => "upstream_down"u8,
        GapReason.NotJoined => "not_joined"u8,
        GapReason.Silent => "silent"u8,
        GapReason.StoreLost => "store_lost"u8,
        _ => "dropped_by_us"u8,
    };
}
