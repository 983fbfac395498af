namespace Tidewire.Fanout.Filtering;

/// <summary>
/// A decimal number as it stands in UTF-8 text, compared exactly and without a copy. Its value is
/// 0.<see cref="Digits"/> × 10^<see cref="Magnitude"/>.
/// </summary>
internal readonly ref struct DecimalText
{
    // So that a magnitude never overflows: a text of 2^31 digits adds little.
    private const int MaxExponentDigits = 18;

    public DecimalText(bool isNegative, ReadOnlySpan<byte> digits, long magnitude)
    {
        IsNegative = isNegative;
        Digits = digits;
        Magnitude = magnitude;
    }

    /// <summary>Whether it is below zero.</summary>
    public bool IsNegative { get; }

    /// <summary>From the first digit that is not zero to the last one; a point may stand between. Empty for zero.</summary>
    public ReadOnlySpan<byte> Digits { get; }

    /// <summary>The power of ten just above it; 0 for zero.</summary>
    public long Magnitude { get; }

    /// <summary>
    /// Reads <c>[+-]digits[.digits][e[+-]digits]</c>; digits may be missing on one side of the point. False for anything
    /// else, and for an exponent of more than 18 digits.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DecimalText number)
    {
        number = default;
        var at = 0;
        var isNegative = false;
        if (text is [(byte)'-' or (byte)'+', ..])
        {
            isNegative = text[0] == '-';
            at = 1;
        }

        int first = -1, last = -1, point = -1;
        var begin = at;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c is > (byte)'0' and <= (byte)'9')
            {
                first = first < 0 ? at : first;
                last = at;
            }
            else if (c == '.' && point < 0)
            {
                point = at;
            }
            else if (c != '0')
            {
                break;
            }
        }

        if (at - begin == (point < 0 ? 0 : 1) || !TryReadExponent(text[at..], out var exponent))
        {
            return false;
        }

        if (first >= 0)
        {
            var units = point < 0 ? at : point;
            var magnitude = units > first ? units - first : units + 1 - first;
            number = new DecimalText(isNegative, text[first..(last + 1)], magnitude + exponent);
        }

        return true;
    }

    /// <summary>Less than zero when this is the smaller, zero when both are the same number.</summary>
    public int CompareTo(in DecimalText other)
    {
        if (Digits.IsEmpty || other.Digits.IsEmpty)
        {
            return Sign - other.Sign;
        }

        if (IsNegative != other.IsNegative)
        {
            return IsNegative ? -1 : 1;
        }

        var size = Magnitude != other.Magnitude ? Magnitude.CompareTo(other.Magnitude) : CompareDigits(Digits, other.Digits);
        return IsNegative ? -size : size;
    }

    private int Sign => Digits.IsEmpty ? 0 : IsNegative ? -1 : 1;

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] is not ((byte)'e' or (byte)'E'))
        {
            return false;
        }

        text = text[1..];
        var isNegative = text is [(byte)'-', ..];
        text = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        if (text.IsEmpty)
        {
            return false;
        }

        text = text.TrimStart((byte)'0');
        if (text.Length > MaxExponentDigits)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            exponent = (exponent * 10) + (c - '0');
        }

        exponent = isNegative ? -exponent : exponent;
        return true;
    }

    /// <summary>Compares digits of the same magnitude; neither ends in a zero, so a longer one is greater.</summary>
    private static int CompareDigits(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int l = 0, r = 0;
        while (true)
        {
            l += l < left.Length && left[l] == '.' ? 1 : 0;
            r += r < right.Length && right[r] == '.' ? 1 : 0;
            if (l == left.Length || r == right.Length)
            {
                return (left.Length - l) - (right.Length - r);
            }

            if (left[l] != right[r])
            {
                return left[l] - right[r];
            }

            l++;
            r++;
        }
    }
}
