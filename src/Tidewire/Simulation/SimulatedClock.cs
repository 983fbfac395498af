namespace Tidewire.Simulation;

/// <summary>
/// Time as the simulated market counts it: ticks of 100 ns in UTC. It is always in session; a day begins and ends, and
/// that day's options expire, at midnight of New York's standard time (UTC-5, summer and winter, which needs no
/// time-zone data).
/// </summary>
internal static class SimulatedClock
{
    private const long DayShift = 5 * TimeSpan.TicksPerHour;
    private const double TicksPerYear = 365.0 * TimeSpan.TicksPerDay;

    // An option in its last minutes has greeks without bound; a real one stops trading before.
    private const long LeastLife = 30 * TimeSpan.TicksPerMinute;

    /// <summary>The market's date at a time.</summary>
    public static DateOnly DateAt(long ticks) => DateOnly.FromDateTime(new DateTime(ticks - DayShift, DateTimeKind.Utc));

    /// <summary>When a date ends.</summary>
    public static long EndOf(DateOnly date) => date.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).Ticks + DayShift;

    /// <summary>Years until a time, never less than half an hour.</summary>
    public static double YearsUntil(long end, long now) => Math.Max(end - now, LeastLife) / TicksPerYear;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public static long ToUnixMilliseconds(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    /// <summary>The ticks of a time in milliseconds since the Unix epoch.</summary>
    public static long FromUnixMilliseconds(long milliseconds) => (milliseconds * TimeSpan.TicksPerMillisecond) + DateTime.UnixEpoch.Ticks;

    /// <summary>Ticks of a number of seconds.</summary>
    public static long Seconds(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);
}
