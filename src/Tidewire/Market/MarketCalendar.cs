using System.Collections.Frozen;

namespace Tidewire.Market;

/// <summary>
/// When the New York Stock Exchange trades: its rules, and the days that deviate from them. Pure and immutable: it holds
/// no clock, and any thread may use it.
/// </summary>
/// <remarks>
/// The dates are exact from 2003 on as far as the exchange has announced them; later ones follow its rules. Earlier years
/// follow today's rules too and can differ from what was. Halts and openings delayed by minutes are not in it.
/// </remarks>
public sealed class MarketCalendar
{
    internal static readonly TimeOnly RegularOpen = new(9, 30);
    internal static readonly TimeOnly RegularClose = new(16, 0);
    private static readonly TimeOnly PreMarketOpen = new(4, 0);
    private static readonly TimeOnly EarlyClose = new(13, 0);
    private static readonly TimeOnly DailyReset = new(20, 0);

    // The exchange announces the late session's end as 20:00, and as 17:00 when it closes at 13:00.
    private static readonly TimeSpan AfterHours = TimeSpan.FromHours(4);

    private readonly FrozenDictionary<DateOnly, CalendarOverride> _overrides;
    private readonly NewYorkTime _newYork;

    internal MarketCalendar(IEnumerable<CalendarOverride> overrides, NewYorkTime newYork)
    {
        var byDate = new Dictionary<DateOnly, CalendarOverride>();
        foreach (var special in overrides)
        {
            byDate[special.Date] = special;
        }

        _overrides = byDate.ToFrozenDictionary();
        _newYork = newYork;
    }

    /// <summary>Reads the calendar: <c>exchange-calendar.json</c> of this assembly, then what is added; of two overrides of a day the later read wins.</summary>
    /// <param name="additionalFile">A file of the same shape with further overrides; null for none.</param>
    /// <param name="configured">Further overrides from configuration, which win over both files; null for none.</param>
    /// <exception cref="InvalidDataException">An override cannot be read; the message names the file, the override and the field.</exception>
    public static MarketCalendar Load(string? additionalFile = null, IReadOnlyList<CalendarOverride>? configured = null)
    {
        using var own = typeof(MarketCalendar).Assembly.GetManifestResourceStream("Tidewire.Market.exchange-calendar.json")
            ?? throw new InvalidDataException("The exchange calendar is not in the assembly.");
        return new MarketCalendar(
            [
                .. CalendarOverrideFile.Read(own, "exchange-calendar.json"),
                .. additionalFile is null ? [] : CalendarOverrideFile.Read(additionalFile),
                .. CalendarOverrideFile.Checked(configured ?? [], "The configured exchange calendar"),
            ],
            NewYorkTime.FromSystem());
    }

    /// <summary>The date in New York at an instant.</summary>
    /// <param name="at">The instant, in any offset.</param>
    public DateOnly NewYorkDate(DateTimeOffset at) => DateOnly.FromDateTime(_newYork.Local(at).DateTime);

    /// <summary>What the exchange does at an instant.</summary>
    /// <param name="at">The instant, in any offset.</param>
    public MarketSession SessionAt(DateTimeOffset at) => DayOf(NewYorkDate(at))?.SessionAt(at) ?? MarketSession.Closed;

    /// <summary>Whether the exchange trades on a day, if only until an early close.</summary>
    /// <param name="date">The day in New York.</param>
    public bool IsTradingDay(DateOnly date) => HoursOf(date).Close is not null;

    /// <summary>The sessions of a day; null when the exchange does not trade on it.</summary>
    /// <param name="date">The day in New York.</param>
    public TradingDay? DayOf(DateOnly date)
    {
        var (end, reason) = HoursOf(date);
        if (end is null)
        {
            return null;
        }

        var close = _newYork.At(date, end.Value);
        return new(date, _newYork.At(date, PreMarketOpen), _newYork.At(date, RegularOpen), close, close + AfterHours, end < RegularClose ? reason : null);
    }

    /// <summary>Why the exchange stays closed on a weekday, such as <c>Good Friday</c>; null on trading days and on weekends.</summary>
    /// <param name="date">The day in New York.</param>
    public string? ClosureOn(DateOnly date)
    {
        var (end, reason) = HoursOf(date);
        return end is null ? reason : null;
    }

    /// <summary>The first beginning of a regular session after an instant.</summary>
    /// <param name="at">The instant, in any offset; an open at this very instant is not the next.</param>
    public DateTimeOffset NextOpen(DateTimeOffset at) => NextOf(at, static day => [day.Open]);

    /// <summary>The first end of a regular session after an instant: today's while the exchange is open.</summary>
    /// <param name="at">The instant, in any offset; a close at this very instant is not the next.</param>
    public DateTimeOffset NextClose(DateTimeOffset at) => NextOf(at, static day => [day.Close]);

    /// <summary>The first instant after the given one at which <see cref="SessionAt"/> gives another answer.</summary>
    /// <param name="at">The instant, in any offset.</param>
    public DateTimeOffset NextChange(DateTimeOffset at) => NextOf(at, static day => [day.PreMarketOpen, day.Open, day.Close, day.AfterHoursEnd]);

    /// <summary>The last reset of the provider's daily counters, 20:00 in New York on every day, at or before an instant.</summary>
    /// <param name="at">The instant, in any offset.</param>
    public DateTimeOffset DailyResetBefore(DateTimeOffset at)
    {
        var today = NewYorkDate(at);
        var reset = _newYork.At(today, DailyReset);
        return reset <= at ? reset : _newYork.At(today.AddDays(-1), DailyReset);
    }

    /// <summary>The first reset of the provider's daily counters, 20:00 in New York on every day, after an instant.</summary>
    /// <param name="at">The instant, in any offset; a reset at this very instant is not the next.</param>
    public DateTimeOffset DailyResetAfter(DateTimeOffset at)
    {
        var today = NewYorkDate(at);
        var reset = _newYork.At(today, DailyReset);
        return reset > at ? reset : _newYork.At(today.AddDays(1), DailyReset);
    }

    private DateTimeOffset NextOf(DateTimeOffset at, Func<TradingDay, DateTimeOffset[]> moments)
    {
        // Ends: overrides are finitely many, and the rules leave no week without a trading day.
        for (var date = NewYorkDate(at); ; date = date.AddDays(1))
        {
            foreach (var moment in DayOf(date) is { } day ? moments(day) : [])
            {
                if (moment > at)
                {
                    return moment;
                }
            }
        }
    }

    // No close: the exchange does not trade. The reason belongs to the closure or to the early close.
    private (TimeOnly? Close, string? Reason) HoursOf(DateOnly date)
    {
        if (date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
        {
            return default;
        }

        if (_overrides.TryGetValue(date, out var special))
        {
            return (special.Close, special.Reason);
        }

        if (ExchangeHolidays.ClosureOn(date) is { } holiday)
        {
            return (null, holiday);
        }

        return ExchangeHolidays.EarlyCloseOn(date) is { } reason ? (EarlyClose, reason) : (RegularClose, null);
    }
}
