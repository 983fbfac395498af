using System.Globalization;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The provider's spellings of a time: ISO 8601 with <c>T</c> or a space, with <c>Z</c> or an offset, with any fraction;
/// a date; or seconds or milliseconds since 1970, as a number or as text.
/// </summary>
internal static class VendorTime
{
    /// <summary>Beyond this a number since 1970 is in milliseconds: as seconds it would be the year 5138.</summary>
    private const decimal LargestSeconds = 1e11m;
    private const decimal LargestMilliseconds = 2.5e14m;

    /// <summary>
    /// The first instant after a time that can be said in milliseconds since 1970, which the provider takes in a query
    /// whatever spelling its rows have: all rows up to the time are older than it.
    /// </summary>
    public static DateTimeOffset CursorAfter(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds() + 1);

    /// <summary>A cursor as it stands in a query.</summary>
    public static string Text(DateTimeOffset cursor) => cursor.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public static DateTimeOffset? Read(string text)
    {
        // Not as a double: a binary fraction of a second falls short of its millisecond, and equal times would differ.
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            return number switch
            {
                <= 0 or > LargestMilliseconds => null,
                < LargestSeconds => DateTimeOffset.UnixEpoch.AddTicks((long)(number * TimeSpan.TicksPerSecond)),
                _ => DateTimeOffset.UnixEpoch.AddTicks((long)(number * TimeSpan.TicksPerMillisecond)),
            };
        }

        // A time without a date would be taken for today's.
        return text.Length >= 10 && text[4] == '-' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }
}
