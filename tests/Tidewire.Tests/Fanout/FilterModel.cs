using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tidewire.Tests.Fanout;

/// <summary>
/// The filter language a second time, as plainly as it can be said: a tree over a parsed document, numbers as fractions of
/// whole numbers. It shares nothing with what it judges.
/// </summary>
internal abstract partial record FilterModel
{
    public abstract bool Passes(JsonElement payload);

    /// <summary>The filter as some user would type it.</summary>
    public abstract string Spell(Random random);

    public static bool Evaluate(FilterModel model, string payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.ValueKind == JsonValueKind.Object && model.Passes(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Numerator and power of ten of a text that is a number; null when it is none.</summary>
    public static (BigInteger Whole, int Power)? Number(string text)
    {
        var match = Decimal().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var part = match.Groups["part"].Value;
        var digits = BigInteger.Parse("0" + match.Groups["whole"].Value + part, CultureInfo.InvariantCulture);
        var exponent = match.Groups["exponent"] is { Length: > 0 } given ? int.Parse(given.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        return (match.Groups["sign"].Value == "-" ? -digits : digits, exponent - part.Length);
    }

    public static int Compare((BigInteger Whole, int Power) left, (BigInteger Whole, int Power) right)
    {
        var least = Math.Min(left.Power, right.Power);
        return (left.Whole * BigInteger.Pow(10, left.Power - least)).CompareTo(right.Whole * BigInteger.Pow(10, right.Power - least));
    }

    private static string Pick(Random random, params string[] spellings) => spellings[random.Next(spellings.Length)];

    private static string Space(Random random) => Pick(random, " ", "  ", "\t", "\n ");

    private static string MaybeSpace(Random random) => Pick(random, "", "", " ", "\r\n");

    private static string Case(Random random, string keyword) => Pick(random, keyword, keyword.ToUpperInvariant(), char.ToUpperInvariant(keyword[0]) + keyword[1..]);

    [GeneratedRegex(@"^(?<sign>[+-]?)(?=\.?[0-9])(?<whole>[0-9]*)\.?(?<part>[0-9]*)([eE](?<exponent>[+-]?[0-9]+))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Decimal();

    public sealed record Joined(bool IsAll, FilterModel[] Parts) : FilterModel
    {
        public override bool Passes(JsonElement payload) => IsAll ? Parts.All(part => part.Passes(payload)) : Parts.Any(part => part.Passes(payload));

        public override string Spell(Random random)
            => string.Join("", Parts.Select((part, index) => (index == 0 ? "" : Operator(random)) + (part is Joined || random.Next(5) == 0 ? $"({MaybeSpace(random)}{part.Spell(random)})" : part.Spell(random))));

        private string Operator(Random random) => random.Next(4) == 0
            ? MaybeSpace(random) + (IsAll ? "&&" : "||") + MaybeSpace(random)
            : Space(random) + Case(random, IsAll ? "and" : "or") + Space(random);
    }

    public sealed record Not(FilterModel Inner) : FilterModel
    {
        public override bool Passes(JsonElement payload) => !Inner.Passes(payload);

        public override string Spell(Random random)
            => (random.Next(3) == 0 ? "!" + MaybeSpace(random) : Case(random, "not") + Space(random)) + (Inner is Joined ? $"({Inner.Spell(random)})" : Inner.Spell(random));
    }

    /// <param name="Field">Its names.</param>
    /// <param name="Operator">As documented, or empty for a field alone.</param>
    /// <param name="Values">Their texts.</param>
    public sealed record Test(string[] Field, string Operator, string[] Values) : FilterModel
    {
        public override bool Passes(JsonElement payload)
        {
            foreach (var name in Field)
            {
                if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty(name, out payload))
                {
                    payload = default;
                    break;
                }
            }

            var isThere = payload.ValueKind is not JsonValueKind.Undefined and not JsonValueKind.Null;
            return Operator switch
            {
                "exists" => isThere,
                "is null" => !isThere,
                "" => isThere && Equal(payload, "true"),
                "=" or "in" => isThere && Values.Any(value => Equal(payload, value)),
                "!=" or "not in" => !(isThere && Values.Any(value => Equal(payload, value))),
                "<" => isThere && Order(payload, Values[0]) is < 0,
                "<=" => isThere && Order(payload, Values[0]) is <= 0,
                ">" => isThere && Order(payload, Values[0]) is > 0,
                ">=" => isThere && Order(payload, Values[0]) is >= 0,
                "contains" => isThere && Contains(payload, Values[0], text => text),
                "not contains" => !(isThere && Contains(payload, Values[0], text => text)),
                "icontains" => isThere && Contains(payload, Values[0], Lower),
                "not icontains" => !(isThere && Contains(payload, Values[0], Lower)),
                _ => throw new NotSupportedException(Operator),
            };
        }

        public override string Spell(Random random)
        {
            var field = string.Join('.', Field);
            var values = Values.Select(value => Spell(random, value)).ToArray();
            return Operator switch
            {
                "exists" => Pick(random, $"{Case(random, "exists")}{Space(random)}{field}", $"{field} {Case(random, "is")} {Case(random, "not")} null", $"{field}!=null"),
                "is null" => Pick(random, $"{field}{Space(random)}is{Space(random)}{Case(random, "null")}", $"{field}={Case(random, "null")}"),
                "" => field,
                "=" => field + MaybeSpace(random) + Pick(random, "=", "==") + MaybeSpace(random) + values[0],
                "!=" => field + MaybeSpace(random) + Pick(random, "!=", "<>") + MaybeSpace(random) + values[0],
                "in" or "not in" => $"{field} {Case(random, Operator)}{MaybeSpace(random)}({MaybeSpace(random)}{string.Join($"{MaybeSpace(random)},{MaybeSpace(random)}", values)})",
                "<" or "<=" or ">" or ">=" => field + MaybeSpace(random) + Operator + MaybeSpace(random) + values[0],
                _ => $"{field} {Case(random, Operator)} {values[0]}",
            };
        }

        private string Spell(Random random, string value)
        {
            // What stands without quotes must be a word, and no other word of the language.
            var isKeyword = value.ToUpperInvariant() is "AND" or "OR" or "NOT" or "IN" or "IS" or "NULL" or "EXISTS" or "CONTAINS" or "ICONTAINS";
            var isTruth = value.ToUpperInvariant() is "TRUE" or "FALSE";
            var isSuffixed = value.Contains('_', StringComparison.Ordinal) || (value.Length > 1 && "kKmMbB".Contains(value[^1], StringComparison.Ordinal) && Number(value[..^1]) is not null);
            var isWord = value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || "_.-+/^:".Contains(c, StringComparison.Ordinal));
            if (isWord && !isKeyword && !isSuffixed && !(isTruth && Operator is "<" or "<=" or ">" or ">=") && random.Next(3) > 0)
            {
                return value;
            }

            var quote = random.Next(2) == 0 ? '"' : '\'';
            var quoted = new StringBuilder().Append(quote);
            foreach (var c in value)
            {
                _ = c == quote || c == '\\' ? quoted.Append('\\').Append(c)
                    : random.Next(12) == 0 ? quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                    : quoted.Append(c);
            }

            return quoted.Append(quote).ToString();
        }

        private static bool Equal(JsonElement value, string literal)
        {
            if (literal.ToUpperInvariant() is "TRUE" or "FALSE")
            {
                return value.ValueKind switch
                {
                    JsonValueKind.True or JsonValueKind.False => value.GetBoolean() == string.Equals(literal, "true", StringComparison.OrdinalIgnoreCase),
                    JsonValueKind.String => string.Equals(value.GetString(), literal, StringComparison.OrdinalIgnoreCase),
                    _ => false,
                };
            }

            return Number(literal) is { } number
                ? Number(value) is { } given && Compare(given, number) == 0
                : value.ValueKind == JsonValueKind.String && value.GetString() == literal;
        }

        private static int? Order(JsonElement value, string literal)
        {
            if (Number(literal) is { } number)
            {
                return Number(value) is { } given ? Compare(given, number) : null;
            }

            return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && Number(text) is null
                ? Math.Sign(Encoding.UTF32.GetBytes(text).Chunk(4).Select(point => BitConverter.ToInt32(point)).ToArray().AsSpan().SequenceCompareTo(Encoding.UTF32.GetBytes(literal).Chunk(4).Select(point => BitConverter.ToInt32(point)).ToArray()))
                : null;
        }

        private static bool Contains(JsonElement value, string literal, Func<string, string> fold) => value.ValueKind switch
        {
            JsonValueKind.String => fold(value.GetString()!).Contains(fold(literal), StringComparison.Ordinal),
            JsonValueKind.Array => value.EnumerateArray().Any(element => Equal(element, literal)
                || (element.ValueKind == JsonValueKind.String && Number(literal) is null && fold(element.GetString()!) == fold(literal))),
            _ => false,
        };

        private static (BigInteger, int)? Number(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Number => Number(value.GetRawText()),
            JsonValueKind.String => Number(value.GetString()!),
            _ => null,
        };

        private static string Lower(string text) => string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c));
    }
}
