using System.Globalization;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>The three limits of the provider's REST side.</summary>
public enum RequestLimit
{
    /// <summary>Requests answered at the same time.</summary>
    InFlight,

    /// <summary>Requests in a minute.</summary>
    Minute,

    /// <summary>Requests from one 20:00 New York to the next.</summary>
    Day,
}

/// <summary>What the provider's headers say of the use of its limits. Null where a header is absent or is no number; nothing here is checked for being possible.</summary>
public readonly record struct VendorUsage
{
    /// <summary>Requests of the day: <c>x-uw-daily-req-count</c>.</summary>
    public long? DayCount { get; init; }

    /// <summary>The day's limit: <c>x-uw-token-req-limit</c>.</summary>
    public long? DayLimit { get; init; }

    /// <summary>Requests of the minute: <c>x-uw-minute-req-counter</c>.</summary>
    public long? MinuteCount { get; init; }

    /// <summary>What is left of the minute: <c>x-uw-req-per-minute-remaining</c>.</summary>
    public long? MinuteRemaining { get; init; }

    /// <summary>When the minute ends: <c>x-uw-req-per-minute-reset</c>, milliseconds on the wire; at most a minute is believed.</summary>
    public TimeSpan? MinuteReset { get; init; }

    /// <summary>How long to wait: <c>Retry-After</c>, in seconds or as a date; at most a day is believed.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reads the headers of an answer.</summary>
    /// <param name="header">Gives the value of a header; null when it is absent.</param>
    /// <param name="now">The time that a date in <c>Retry-After</c> is measured from.</param>
    public static VendorUsage Read(Func<string, string?> header, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(header);
        return new()
        {
            DayCount = Number(header("x-uw-daily-req-count")),
            DayLimit = Number(header("x-uw-token-req-limit")),
            MinuteCount = Number(header("x-uw-minute-req-counter")),
            MinuteRemaining = Number(header("x-uw-req-per-minute-remaining")),
            MinuteReset = Number(header("x-uw-req-per-minute-reset")) is { } wait and >= 0 ? TimeSpan.FromMilliseconds(Math.Min(wait, 60_000)) : null,
            RetryAfter = Wait(header("Retry-After"), now),
        };
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? Wait(string? text, DateTimeOffset now)
    {
        var day = TimeSpan.FromDays(1);
        TimeSpan? wait = Number(text) is { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, day.TotalSeconds))
            : DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date - now : null;
        return wait is { } some && some >= TimeSpan.Zero ? (some < day ? some : day) : null;
    }
}

/// <summary>What the provider answered, as far as the budget is concerned.</summary>
/// <param name="Usage">Its headers.</param>
/// <param name="Refused">The limit it says was exceeded, with HTTP 429; null otherwise.</param>
public readonly record struct VendorAnswer(VendorUsage Usage, RequestLimit? Refused = null)
{
    /// <summary>
    /// Which limit a 429 means: its text tells concurrency or the day, all else is the minute. Its headers do not tell
    /// the day: one that lies would forbid requests until the reset; what they count is believed as that of any answer.
    /// </summary>
    /// <param name="text">The beginning of the body.</param>
    public static RequestLimit LimitOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("concurrent", StringComparison.OrdinalIgnoreCase) ? RequestLimit.InFlight
            : text.Contains("daily", StringComparison.OrdinalIgnoreCase) ? RequestLimit.Day
            : RequestLimit.Minute;
    }
}
