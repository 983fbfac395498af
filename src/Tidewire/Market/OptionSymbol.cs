using System.Globalization;

namespace Tidewire.Market;

/// <summary>
/// An option contract's symbol, such as <c>TSLA250516C00355000</c>: the option root (SPXW is not SPX), the expiry as
/// yyMMdd, C or P, and the strike in thousandths of a dollar in eight digits.
/// </summary>
internal readonly record struct OptionSymbol(string Root, DateOnly Expiry, OptionType Type, int StrikeThousandths)
{
    private const int TailLength = 15;
    private const int MaxRootLength = 6;

    /// <summary>Parses a symbol as the provider writes it, without padding. False for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out OptionSymbol symbol)
    {
        symbol = default;
        var rootLength = text.Length - TailLength;
        if (rootLength is < 1 or > MaxRootLength)
        {
            return false;
        }

        var root = text[..rootLength];
        var tail = text[rootLength..];
        foreach (var letter in root)
        {
            if (!char.IsAsciiLetterUpper(letter) && !char.IsAsciiDigit(letter))
            {
                return false;
            }
        }

        if (tail[6] is not ('C' or 'P')
            || !DateOnly.TryParseExact(tail[..6], "yyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var expiry)
            || !int.TryParse(tail[7..], NumberStyles.None, CultureInfo.InvariantCulture, out var strike))
        {
            return false;
        }

        symbol = new(root.ToString(), expiry, tail[6] == 'C' ? OptionType.Call : OptionType.Put, strike);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Root}{Expiry:yyMMdd}{(Type == OptionType.Call ? 'C' : 'P')}{StrikeThousandths:D8}");
}
