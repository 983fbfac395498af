namespace Tidewire.Market;

/// <summary>One day on which the exchange trades. All instants carry New York's offset of that day; each session begins at its first instant and ends before the next one's.</summary>
/// <param name="Date">The day in New York.</param>
/// <param name="PreMarketOpen">Where the pre-market begins.</param>
/// <param name="Open">Where the regular session begins.</param>
/// <param name="Close">Where the regular session ends and after-hours begins.</param>
/// <param name="AfterHoursEnd">Where after-hours ends and the exchange is closed.</param>
/// <param name="EarlyCloseReason">Why the exchange closes before 16:00, such as <c>Christmas Eve</c>; null on a full day.</param>
public sealed record TradingDay(
    DateOnly Date,
    DateTimeOffset PreMarketOpen,
    DateTimeOffset Open,
    DateTimeOffset Close,
    DateTimeOffset AfterHoursEnd,
    string? EarlyCloseReason)
{
    /// <summary>Whether the exchange closes before 16:00.</summary>
    public bool IsEarlyClose => EarlyCloseReason is not null;

    /// <summary>The session at an instant; <see cref="MarketSession.Closed"/> before and after this day's sessions.</summary>
    /// <param name="at">The instant, in any offset.</param>
    public MarketSession SessionAt(DateTimeOffset at)
        => at < PreMarketOpen || at >= AfterHoursEnd ? MarketSession.Closed
            : at < Open ? MarketSession.PreMarket
            : at < Close ? MarketSession.Open
            : MarketSession.AfterHours;
}
