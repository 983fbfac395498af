using Tidewire.Market;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>One day of the provider's counter, from 20:00 in New York to the next 20:00, and the market hours in it.</summary>
/// <param name="Date">The date in New York on which it ends.</param>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The reset that ends it.</param>
/// <param name="Open">Where the regular session begins; <paramref name="End"/> when there is none.</param>
/// <param name="Close">Where it ends.</param>
internal sealed record RequestDay(DateOnly Date, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Open, DateTimeOffset Close)
{
    /// <summary>The day that holds an instant.</summary>
    public static RequestDay At(MarketCalendar calendar, DateTimeOffset at)
    {
        var end = calendar.DailyResetAfter(at);
        var date = calendar.NewYorkDate(end);
        var session = calendar.DayOf(date);
        return new(date, calendar.DailyResetBefore(at), end, session?.Open ?? end, session?.Close ?? end);
    }

    /// <summary>Whether the market is open.</summary>
    public bool IsOpen(DateTimeOffset at) => at >= Open && at < Close;

    /// <summary>What is left of market hours and of the other hours.</summary>
    public (TimeSpan Market, TimeSpan Other) Left(DateTimeOffset at)
    {
        var from = at < Start ? Start : at > End ? End : at;
        var market = from >= Close ? TimeSpan.Zero : Close - (from > Open ? from : Open);
        return (market, End - from - market);
    }

    /// <summary>How many rounds are left when they keep to the two intervals.</summary>
    public double RoundsLeft(DateTimeOffset at, TimeSpan open, TimeSpan other)
    {
        var left = Left(at);
        return (left.Market / open) + (left.Other / other);
    }
}
