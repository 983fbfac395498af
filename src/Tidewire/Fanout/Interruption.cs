namespace Tidewire.Fanout;

/// <summary>Something may be missing, and no gap entry says so yet.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct Interruption(DateTimeOffset Since, GapReason Reason);
