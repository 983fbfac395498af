using System.Globalization;
using System.Text;

namespace Tidewire.Tests.Fanout;

/// <summary>Filters and payloads that have something to do with each other: few fields, few values, every spelling.</summary>
internal sealed class FilterWorld(int seed)
{
    private static readonly string[][] Fields = [["a"], ["b"], ["c"], ["o"], ["o", "a"], ["o", "b"], ["o", "o", "a"], ["été"]];
    private static readonly string[] Names = ["a", "a", "b", "b", "c", "o", "o", "été", "other", "A"];
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "1.0", "1.50", "1.5", "15e-1", "0.15E+1", "10", "1e1", "500000", "5e5", "0.1", "0.10", "1e-1", "9007199254740993",
        "9007199254740992", "9007199254740993.0000000000000000000000001", "1e300", "1e-300", "-1e300", "0e300", "123456789012345678901234567890",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "b", "ab", "AB", "Ab", "TSLA", "2026-12-18", "2026-12-19", "true", "TRUE", "False", "and", "null", "x y", "\"", "'", "\\", "é", "😀", "\uFFFD", "\u0001",
        "3M", "1_000", ".5", "5.", "+1", "007", "1e", "-", ".", "1.2.3", "NaN", "-1", "1.500", "1e1", "500000",
    ];

    private static readonly string[] Operators = ["", "exists", "is null", "=", "!=", "in", "not in", "<", "<=", ">", ">=", "contains", "not contains", "icontains", "not icontains"];

    public Random Random { get; } = new(seed);

    public FilterModel Filter(int depth = 3) => Random.Next(depth <= 0 ? 4 : 9) switch
    {
        <= 3 => Test(),
        4 or 5 => new FilterModel.Joined(IsAll: true, [.. Enumerable.Range(0, Random.Next(2, 4)).Select(_ => Filter(depth - 1))]),
        6 or 7 => new FilterModel.Joined(IsAll: false, [.. Enumerable.Range(0, Random.Next(2, 4)).Select(_ => Filter(depth - 1))]),
        _ => new FilterModel.Not(Filter(depth - 1)),
    };

    public string Payload() => Space() + Object(2) + Space();

    public string Number() => Numbers[Random.Next(Numbers.Length)];

    private FilterModel.Test Test()
    {
        var by = Pick(Operators);
        return new(Fields[Random.Next(Fields.Length)], by, [.. Enumerable.Range(0, by.EndsWith("in", StringComparison.Ordinal) ? Random.Next(1, 6) : 1).Select(_ => Random.Next(2) == 0 ? Number() : Pick(Texts))]);
    }

    private string Object(int depth)
        => $"{{{string.Join(",", Enumerable.Range(0, Random.Next(8)).Select(_ => $"{Space()}{Text(Pick(Names))}{Space()}:{Space()}{Value(depth)}{Space()}"))}}}";

    private string Value(int depth) => Random.Next(12) switch
    {
        0 => "null",
        1 => "true",
        2 => "false",
        3 or 4 or 5 => Number(),
        6 => Text(Number()),
        7 when depth > 0 => $"[{string.Join(",", Enumerable.Range(0, Random.Next(4)).Select(_ => Value(depth - 1)))}]",
        8 or 9 when depth > 0 => Object(depth - 1),
        _ => Text(Pick(Texts)),
    };

    private string Text(string text)
    {
        var json = new StringBuilder("\"");
        var escapes = Random.Next(3) == 0;
        foreach (var rune in text.EnumerateRunes())
        {
            _ = Rune.IsControl(rune) || (escapes && Random.Next(3) == 0) ? json.AppendJoin("", rune.ToString().Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}")))
                : rune.Value is '"' or '\\' ? json.Append('\\').Append(rune)
                : json.Append(rune);
        }

        return json.Append('"').ToString();
    }

    private string Space() => Random.Next(6) == 0 ? " \n" : "";

    private string Pick(string[] from) => from[Random.Next(from.Length)];
}
