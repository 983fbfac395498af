namespace Tidewire.Fanout.Filtering;

/// <summary>What a piece of a filter's text is.</summary>
internal enum FilterTokenKind
{
    End,
    Word,
    Quoted,
    And,
    Or,
    Not,
    In,
    Contains,
    ContainsIgnoringCase,
    Is,
    Exists,
    Null,
    True,
    False,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Open,
    Close,
    Comma,

    /// <summary>A character that begins nothing, or text that does not end.</summary>
    Unknown,
}

/// <summary>A piece of a filter's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it begins, from 0.</param>
/// <param name="Length">Its length as written.</param>
/// <param name="Value">A word, or what stands in quotes without them; as written for everything else.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, int Start, int Length, string Value)
{
    /// <summary>Whether it is written in letters and means something of its own.</summary>
    public bool IsKeyword => Kind is FilterTokenKind.And or FilterTokenKind.Or or FilterTokenKind.Not or (>= FilterTokenKind.In and <= FilterTokenKind.False) && char.IsAsciiLetter(Value[0]);
}
