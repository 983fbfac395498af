using System.Globalization;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The provider's spellings of a time: ISO 8601 with <c>T</c> or a space, with <c>Z</c> or an offset, with any fraction;
/// a date; or seconds or milliseconds since 1970, as a number or as text.
/// </summary>
internal static class VendorTime
{
    /// <summary>Beyond this a number since 1970 is in milliseconds: as seconds it would be the year 5138.</summary>
    private const double LargestSeconds = 1e11;
    private const double LargestMilliseconds = 2.5e14;

    public static DateTimeOffset? Read(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            return number switch
            {
                <= 0 or > LargestMilliseconds or double.NaN => null,
                < LargestSeconds => DateTimeOffset.UnixEpoch.AddSeconds(number),
                _ => DateTimeOffset.UnixEpoch.AddMilliseconds(number),
            };
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }
}
