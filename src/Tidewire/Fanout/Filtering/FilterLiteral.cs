using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>A value of a filter. What it is follows from what it says, not from its quotes; see <see cref="Filter"/>.</summary>
/// <param name="Text">What was written, without quotes and escapes.</param>
/// <param name="Number">The number it is; null when it is none.</param>
/// <param name="Truth">The truth value it is; null when it is none.</param>
internal sealed record FilterLiteral(string Text, FilterNumber? Number, bool? Truth)
{
    /// <summary>The truth value a field alone is compared with.</summary>
    public static readonly FilterLiteral True = Bare("true");

    /// <summary>As a word.</summary>
    public static FilterLiteral Bare(string word) => new(word, FilterNumber.ReadWord(word), TruthOf(word));

    /// <summary>As it stood in quotes.</summary>
    public static FilterLiteral Quoted(string text) => new(text, FilterNumber.Read(text), TruthOf(text));

    /// <summary>The one spelling for all literals that equal the same values.</summary>
    public string AsEqual => Truth is { } truth ? truth ? "true" : "false" : AsOrdered;

    /// <summary>The one spelling for all literals that stand at the same place of an order.</summary>
    public string AsOrdered => Number?.ToString() ?? AsText;

    /// <summary>The shortest spelling that keeps the text.</summary>
    public string AsText => FilterLexer.IsWord(Text) && FilterNumber.ReadWord(Text)?.ToString() == Number?.ToString() ? Text : Quote(Text);

    /// <summary>With A to Z in lower case.</summary>
    public FilterLiteral Lower() => this with { Text = string.Create(Text.Length, Text, (to, text) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = char.IsAsciiLetterUpper(text[i]) ? (char)(text[i] | 0x20) : text[i];
        }
    }) };

    private static bool? TruthOf(string text)
        => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) ? true
            : string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) ? false
            : null;

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                _ when char.IsControl(c) => quoted.Append(@"\u").Append(((int)c).ToString("x4", null)),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
