namespace Tidewire.Fanout;

/// <summary>Where a subscription begins.</summary>
/// <param name="Offset">Deliveries go on after it.</param>
/// <param name="Recovered">True when a position was given and nothing after it is missing.</param>
/// <param name="Reason">Why recovery failed; null when it was not asked for or succeeded.</param>
public readonly record struct SubscriptionStart(long Offset, bool Recovered, string? Reason);
