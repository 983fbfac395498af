namespace Tidewire.Fanout;

/// <summary>Whether publications are kept beyond the process. On the wire in snake case as <c>recording.state</c>.</summary>
public enum RecordingState
{
    /// <summary>Turned off by configuration.</summary>
    Off,

    /// <summary>Every publication is kept.</summary>
    Recording,

    /// <summary>The disk refuses: the stream goes on, and what is shown meanwhile cannot be recovered later.</summary>
    Degraded,
}

/// <summary>One consistent view of the recording.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">What the disk said last; null when it never refused.</param>
/// <param name="Pending">Entries that wait to be kept.</param>
/// <param name="Committed">Entries kept since the start.</param>
/// <param name="Commits">Commits since the start.</param>
/// <param name="Unstored">Entries that were shown and not kept since the start.</param>
/// <param name="Bytes">Bytes on the disk, as far as known.</param>
public sealed record RecordingView(RecordingState State, DateTimeOffset Since, string? Reason, int Pending, long Committed, long Commits, long Unstored, long Bytes);
