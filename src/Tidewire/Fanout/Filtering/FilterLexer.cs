using System.Globalization;
using System.Text;

namespace Tidewire.Fanout.Filtering;

/// <summary>Cuts a filter's text into tokens, one at a time.</summary>
internal struct FilterLexer(string text)
{
    private static readonly Dictionary<string, FilterTokenKind> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["and"] = FilterTokenKind.And,
        ["or"] = FilterTokenKind.Or,
        ["not"] = FilterTokenKind.Not,
        ["in"] = FilterTokenKind.In,
        ["contains"] = FilterTokenKind.Contains,
        ["icontains"] = FilterTokenKind.ContainsIgnoringCase,
        ["is"] = FilterTokenKind.Is,
        ["exists"] = FilterTokenKind.Exists,
        ["null"] = FilterTokenKind.Null,
        ["true"] = FilterTokenKind.True,
        ["false"] = FilterTokenKind.False,
    };

    // A longer mark stands before the one it begins with.
    private static readonly (string Text, FilterTokenKind Kind)[] Marks =
    [
        ("&&", FilterTokenKind.And), ("||", FilterTokenKind.Or), ("==", FilterTokenKind.Equal), ("!=", FilterTokenKind.NotEqual),
        ("<>", FilterTokenKind.NotEqual), ("<=", FilterTokenKind.LessOrEqual), (">=", FilterTokenKind.GreaterOrEqual),
        ("=", FilterTokenKind.Equal), ("!", FilterTokenKind.Not), ("<", FilterTokenKind.Less), (">", FilterTokenKind.Greater),
        ("(", FilterTokenKind.Open), (")", FilterTokenKind.Close), (",", FilterTokenKind.Comma),
    ];

    private int _at;

    /// <summary>What is wrong inside the last token, which then is <see cref="FilterTokenKind.Unknown"/>.</summary>
    public FilterError? Fault { get; private set; }

    /// <summary>Whether text may stand without quotes: a word that is no keyword.</summary>
    public static bool IsWord(string text) => text.Length > 0 && text.All(IsWordCharacter) && !Keywords.ContainsKey(text);

    /// <summary>The next token; at the end of the text, and ever after, the end.</summary>
    public FilterToken Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        if (_at == text.Length)
        {
            return new FilterToken(FilterTokenKind.End, _at, 0, "");
        }

        var start = _at;
        if (text[start] is '"' or '\'')
        {
            var value = Quoted();
            return value is null ? Taken(FilterTokenKind.Unknown, start) : new FilterToken(FilterTokenKind.Quoted, start, _at - start, value);
        }

        if (IsWordCharacter(text[start]))
        {
            while (_at < text.Length && IsWordCharacter(text[_at]))
            {
                _at++;
            }

            return Taken(Keywords.GetValueOrDefault(text[start.._at], FilterTokenKind.Word), start);
        }

        foreach (var (mark, kind) in Marks)
        {
            if (string.CompareOrdinal(text, start, mark, 0, mark.Length) == 0)
            {
                _at += mark.Length;
                return Taken(kind, start);
            }
        }

        _at += Rune.TryGetRuneAt(text, start, out var rune) ? rune.Utf16SequenceLength : 1;
        return Taken(FilterTokenKind.Unknown, start);
    }

    private readonly FilterToken Taken(FilterTokenKind kind, int start) => new(kind, start, _at - start, text[start.._at]);

    /// <summary>The text in quotes; null with a fault when it does not end or cannot be.</summary>
    private string? Quoted()
    {
        var start = _at;
        var quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] != '\\')
            {
                value.Append(text[_at++]);
            }
            else if (Escape() is { } character)
            {
                value.Append(character);
            }
            else
            {
                return null;
            }
        }

        if (_at == text.Length)
        {
            return Failed(start, $"expected a closing {quote} for the text that begins here, found the end");
        }

        _at++;
        var whole = value.ToString();
        return IsWhole(whole) ? whole : Failed(start, "expected text of whole characters, found half of a surrogate pair");
    }

    private char? Escape()
    {
        var start = _at++;
        var letter = _at < text.Length ? text[_at++] : '\0';
        switch (letter)
        {
            case '\\' or '"' or '\'': return letter;
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 <= text.Length && ushort.TryParse(text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return (char)code;
            default:
                Failed(start, @"expected \\, \"", \', \n, \r, \t or \u with four hexadecimal digits, found another escape");
                return null;
        }
    }

    private string? Failed(int start, string message)
    {
        _at = text.Length;
        Fault = new FilterError(start + 1, message);
        return null;
    }

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWordCharacter(char c) => c is '_' or '.' or '-' or '+' or '/' or '^' or ':' || char.IsLetterOrDigit(c);
}
