namespace Tidewire.Market;

/// <summary>What the New York exchange does at an instant. Exactly one of them holds at any time.</summary>
public enum MarketSession
{
    /// <summary>No trading: nights, weekends, holidays. On the wire <c>closed</c>.</summary>
    Closed,

    /// <summary>From 04:00 to the open at 09:30. On the wire <c>pre_market</c>.</summary>
    PreMarket,

    /// <summary>The regular session, 09:30 to 16:00, or to the early close. On the wire <c>open</c>.</summary>
    Open,

    /// <summary>The four hours after the close: to 20:00, after an early close at 13:00 to 17:00. On the wire <c>after_hours</c>.</summary>
    AfterHours,
}
