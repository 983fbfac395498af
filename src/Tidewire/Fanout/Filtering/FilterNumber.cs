using System.Globalization;
using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>A number of a filter, kept apart from the text it was written in.</summary>
internal sealed class FilterNumber
{
    // Beyond these an exponent is shorter to read.
    private const int MaxPlainDigits = 21;
    private const int MaxLeadingZeros = 6;

    private readonly bool _isNegative;
    private readonly byte[] _digits;
    private readonly long _magnitude;

    private FilterNumber(in DecimalText number, int shift)
    {
        _isNegative = number.IsNegative;
        _digits = [.. number.Digits];
        _digits = Array.FindAll(_digits, digit => digit != '.');
        _magnitude = _digits.Length == 0 ? 0 : number.Magnitude + shift;
    }

    /// <summary>To compare with.</summary>
    public DecimalText Value => new(_isNegative, _digits, _magnitude);

    /// <summary>Reads a number as payloads have it; null when it is none.</summary>
    public static FilterNumber? Read(string text) => Read(text, shift: 0);

    /// <summary>Reads a number as people write it: <c>1_000</c>, <c>2.5M</c>; null when it is none.</summary>
    public static FilterNumber? ReadWord(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && !(i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1])))
            {
                return null;
            }
        }

        text = text.Replace("_", "", StringComparison.Ordinal);
        var shift = text[^1] switch
        {
            'k' or 'K' => 3,
            'm' or 'M' => 6,
            'b' or 'B' => 9,
            _ => 0,
        };
        return shift == 0 ? Read(text, 0) : text.Contains('e', StringComparison.OrdinalIgnoreCase) ? null : Read(text[..^1], shift);
    }

    /// <summary>The number in its one canonical spelling, which reads back as itself.</summary>
    public override string ToString()
    {
        var digits = Encoding.ASCII.GetString(_digits);
        var sign = _isNegative ? "-" : "";
        return _magnitude switch
        {
            _ when digits.Length == 0 => "0",
            > 0 and <= MaxPlainDigits when _magnitude >= digits.Length => sign + digits.PadRight((int)_magnitude, '0'),
            > 0 and <= MaxPlainDigits => $"{sign}{digits[..(int)_magnitude]}.{digits[(int)_magnitude..]}",
            <= 0 and > -MaxLeadingZeros => $"{sign}0.{new string('0', (int)-_magnitude)}{digits}",
            _ => string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{_magnitude - 1}"),
        };
    }

    private static FilterNumber? Read(string text, int shift) => DecimalText.TryRead(Encoding.UTF8.GetBytes(text), out var number) ? new FilterNumber(number, shift) : null;
}
