using System.Globalization;

namespace Tidewire.Server.Recording;

/// <summary>
/// The name of a day file: <c>YYYY-MM-DD.db</c>; <c>YYYY-MM-DD.2.db</c> and so on where a file of that date from a former
/// epoch is there already.
/// </summary>
/// <param name="Date">New York's calendar date.</param>
/// <param name="Number">From 1.</param>
internal readonly record struct DayName(DateOnly Date, int Number) : IComparable<DayName>
{
    private const string Form = "yyyy-MM-dd";
    private const string Extension = ".db";

    /// <summary>Parses a file's name.</summary>
    /// <param name="file">The name without its folder.</param>
    /// <param name="name">The parsed name when the answer is true.</param>
    public static bool TryParse(string file, out DayName name)
    {
        name = default;
        if (!file.EndsWith(Extension, StringComparison.Ordinal) || file.Length < Form.Length + Extension.Length
            || !DateOnly.TryParseExact(file.AsSpan(0, Form.Length), Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return false;
        }

        var number = 1;
        var rest = file.AsSpan(Form.Length, file.Length - Form.Length - Extension.Length);
        if (!rest.IsEmpty && (rest[0] != '.' || !int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 2))
        {
            return false;
        }

        name = new DayName(date, number);
        return name.ToString() == file;
    }

    /// <inheritdoc/>
    public int CompareTo(DayName other) => Date != other.Date ? Date.CompareTo(other.Date) : Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString()
    {
        var date = Date.ToString(Form, CultureInfo.InvariantCulture);
        return Number == 1 ? date + Extension : string.Create(CultureInfo.InvariantCulture, $"{date}.{Number}{Extension}");
    }
}
