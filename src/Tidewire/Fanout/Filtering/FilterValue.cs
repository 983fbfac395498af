using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Tidewire.Fanout.Filtering;

/// <summary>A string, number or truth value of a payload, as it stands there.</summary>
internal readonly ref struct FilterValue
{
    private readonly DecimalText _number;

    /// <param name="type">String, number, true or false.</param>
    /// <param name="text">Its text, without quotes and escapes.</param>
    /// <param name="mayBeNumber">Whether some test wants to know.</param>
    public FilterValue(JsonTokenType type, ReadOnlySpan<byte> text, bool mayBeNumber)
    {
        Text = text;
        IsString = type == JsonTokenType.String;
        IsNumber = mayBeNumber && type is JsonTokenType.String or JsonTokenType.Number && DecimalText.TryRead(text, out _number);
        Truth = type switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.String when text.Length is 4 or 5 => Utf8Truth(text),
            _ => null,
        };
    }

    /// <summary>The text of a string; the spelling of everything else.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Whether it is a JSON string.</summary>
    public bool IsString { get; }

    /// <summary>Whether it is a number, or a string that holds one.</summary>
    public bool IsNumber { get; }

    /// <summary>The truth value that it is or that it says.</summary>
    public bool? Truth { get; }

    /// <summary>The number, when it is one.</summary>
    [UnscopedRef]
    public ref readonly DecimalText Number => ref _number;

    private static bool? Utf8Truth(ReadOnlySpan<byte> text)
        => System.Text.Ascii.EqualsIgnoreCase(text, "true"u8) ? true
            : System.Text.Ascii.EqualsIgnoreCase(text, "false"u8) ? false
            : null;
}
