using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Fanout.Filtering;

/// <summary>Reads a filter's text by recursive descent; the grammar stands at <see cref="Filter"/>.</summary>
internal ref struct FilterParser
{
    private const int MostShown = 24;

    private readonly string _text;
    private FilterLexer _lexer;
    private FilterToken _token;
    private FilterToken _before;
    private FilterError? _error;
    private int _depth;
    private int _comparisons;
    private int _values;
    private bool _fieldAlone;

    public FilterParser(string text)
    {
        _text = text;
        _lexer = new FilterLexer(text);
        _token = _lexer.Next();
    }

    /// <summary>Reads the whole text.</summary>
    public bool TryParse([NotNullWhen(true)] out FilterExpression? expression, [NotNullWhen(false)] out FilterError? error)
    {
        expression = Any();
        if (expression is not null && _token.Kind != FilterTokenKind.End)
        {
            expression = Fail(Continuation("the end"));
        }

        error = expression is null ? _error! : null;
        return expression is not null;
    }

    private FilterExpression? Any()
    {
        var parts = new List<FilterExpression>();
        do
        {
            if (All() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (Take(FilterTokenKind.Or));
        return FilterExpression.Any(parts);
    }

    private FilterExpression? All()
    {
        var parts = new List<FilterExpression>();
        do
        {
            if (One() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }
        while (Take(FilterTokenKind.And));
        return FilterExpression.All(parts);
    }

    private FilterExpression? One()
    {
        var negated = false;
        while (Take(FilterTokenKind.Not))
        {
            negated = !negated;
        }

        var one = _token.Kind == FilterTokenKind.Open ? Parenthesised() : Test();
        return negated ? one?.Negated() : one;
    }

    private FilterExpression? Parenthesised()
    {
        if (++_depth > Filter.MaxDepth)
        {
            return FailHere($"expected at most {Filter.MaxDepth} parentheses inside one another, found one more");
        }

        Advance();
        if (Any() is not { } inside)
        {
            return null;
        }

        if (!Take(FilterTokenKind.Close))
        {
            return Fail(Continuation("')'"));
        }

        _depth--;
        return inside;
    }

    private FilterExpression? Test()
    {
        if (_token.Kind is FilterTokenKind.Word or FilterTokenKind.Exists && ++_comparisons > Filter.MaxComparisons)
        {
            return FailHere($"expected at most {Filter.MaxComparisons} comparisons, found one more");
        }

        var exists = Take(FilterTokenKind.Exists);
        if (!TryField(out var field))
        {
            return null;
        }

        if (exists)
        {
            return FilterExpression.Exists(field);
        }

        switch (_token.Kind)
        {
            case FilterTokenKind.Equal: return Equal(field);
            case FilterTokenKind.NotEqual: return Equal(field)?.Negated();
            case FilterTokenKind.Less: return Ordered(field, FilterOperator.Less);
            case FilterTokenKind.LessOrEqual: return Ordered(field, FilterOperator.LessOrEqual);
            case FilterTokenKind.Greater: return Ordered(field, FilterOperator.Greater);
            case FilterTokenKind.GreaterOrEqual: return Ordered(field, FilterOperator.GreaterOrEqual);
            case FilterTokenKind.In: return In(field);
            case FilterTokenKind.Contains: return Contains(field, FilterOperator.Contains);
            case FilterTokenKind.ContainsIgnoringCase: return Contains(field, FilterOperator.ContainsIgnoringCase);
            case FilterTokenKind.Not:
                Advance();
                return _token.Kind switch
                {
                    FilterTokenKind.In => In(field)?.Negated(),
                    FilterTokenKind.Contains => Contains(field, FilterOperator.Contains)?.Negated(),
                    FilterTokenKind.ContainsIgnoringCase => Contains(field, FilterOperator.ContainsIgnoringCase)?.Negated(),
                    _ => Fail("'in', 'contains' or 'icontains'"),
                };
            case FilterTokenKind.Is:
                Advance();
                var not = Take(FilterTokenKind.Not);
                return !Take(FilterTokenKind.Null) ? Fail(not ? "'null'" : "'null' or 'not null'") : not ? FilterExpression.Exists(field) : FilterExpression.Exists(field).Negated();
            default:
                _fieldAlone = true;
                return FilterExpression.Equal(field, FilterLiteral.True);
        }
    }

    private FilterExpression? Equal(string[] field)
    {
        Advance();
        return Take(FilterTokenKind.Null) ? FilterExpression.Exists(field).Negated()
            : TryValue(ordered: false, out var value) ? FilterExpression.Equal(field, value)
            : null;
    }

    private FilterExpression? Ordered(string[] field, FilterOperator by)
    {
        Advance();
        return TryValue(ordered: true, out var value) ? FilterExpression.Ordered(field, by, value) : null;
    }

    private FilterExpression? Contains(string[] field, FilterOperator how)
    {
        Advance();
        return TryValue(ordered: false, out var value) ? FilterExpression.Contains(field, how, value) : null;
    }

    private FilterExpression? In(string[] field)
    {
        Advance();
        if (!Take(FilterTokenKind.Open))
        {
            return Fail("'('");
        }

        var values = new List<FilterLiteral>();
        do
        {
            if (_token.Kind is FilterTokenKind.Word or FilterTokenKind.Quoted && ++_values > Filter.MaxValues)
            {
                return FailHere($"expected at most {Filter.MaxValues} values in all lists, found one more");
            }

            if (!TryValue(ordered: false, out var value))
            {
                return null;
            }

            values.Add(value);
        }
        while (Take(FilterTokenKind.Comma));
        return Take(FilterTokenKind.Close) ? FilterExpression.In(field, values) : Fail("',' or ')'");
    }

    private bool TryField([NotNullWhen(true)] out string[]? names)
    {
        names = null;
        if (_token.Kind != FilterTokenKind.Word || !IsName(_token.Value))
        {
            Fail("a field name");
            return false;
        }

        names = _token.Value.Split('.');
        if (names.Length > Filter.MaxDepth)
        {
            FailHere($"expected a field of at most {Filter.MaxDepth} names, found {names.Length}");
            return false;
        }

        Advance();
        return true;
    }

    private bool TryValue(bool ordered, [NotNullWhen(true)] out FilterLiteral? value)
    {
        value = _token.Kind switch
        {
            FilterTokenKind.Word => FilterLiteral.Bare(_token.Value),
            FilterTokenKind.Quoted => FilterLiteral.Quoted(_token.Value),
            FilterTokenKind.True or FilterTokenKind.False when !ordered => FilterLiteral.Bare(_token.Value),
            _ => null,
        };
        if (value is null)
        {
            Fail("a number, a word or a quoted string");
            return false;
        }

        Advance();
        return true;
    }

    /// <summary>What may follow a whole test.</summary>
    private readonly string Continuation(string end) => $"{(_fieldAlone ? "a comparison, " : "")}'and', 'or' or {end}";

    private bool Take(FilterTokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Advance()
    {
        _before = _token;
        _token = _lexer.Next();
        _fieldAlone = false;
    }

    private FilterExpression? Fail(string expected) => FailHere($"expected {expected}{After()}, found {Found()}");

    private FilterExpression? FailHere(string message)
    {
        _error ??= _lexer.Fault ?? new FilterError(_token.Start + 1, message);
        return null;
    }

    private readonly string After() => _before.Length == 0 ? "" : $" after {Shown(_before)}";

    private readonly string Found() => _token.Kind switch
    {
        FilterTokenKind.End => "the end",
        _ when _token.IsKeyword => $"the keyword {Shown(_token)}",
        _ => Shown(_token),
    };

    /// <summary>A token as written, in single quotes, short enough for one line.</summary>
    private readonly string Shown(FilterToken token)
    {
        var written = _text.AsSpan(token.Start, Math.Min(token.Length, MostShown));
        Span<char> shown = stackalloc char[MostShown];
        for (var i = 0; i < written.Length; i++)
        {
            shown[i] = char.IsControl(written[i]) || char.IsSurrogate(written[i]) ? '?' : written[i];
        }

        return $"'{shown[..written.Length]}{(token.Length > MostShown ? "…" : "")}'";
    }

    private static bool IsName(string word)
        => (char.IsLetter(word[0]) || word[0] == '_') && word.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.') && !word.Contains("..", StringComparison.Ordinal) && word[^1] != '.';
}
