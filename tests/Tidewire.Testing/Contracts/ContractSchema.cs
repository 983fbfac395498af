using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tidewire.Testing.Contracts;

/// <summary>
/// Checks values against the schemas of one document of the contract, more strictly than a client would: an object that
/// does not say <c>additionalProperties</c> may have no field that is not described. Knows the keywords that the documents
/// use, and refuses any other rather than pass over it.
/// </summary>
/// <param name="document">The document that references point into.</param>
public sealed class ContractSchema(JsonElement document)
{
    /// <summary>Keywords that say nothing about what is allowed.</summary>
    private static readonly HashSet<string> Remarks = ["description", "title", "summary", "default", "example", "examples", "deprecated"];

    /// <summary>What is wrong with a value, each fault with where it is; empty when it is as described.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">What the value is called.</param>
    public IReadOnlyList<string> Faults(JsonElement schema, JsonElement value, string at = "$")
    {
        var faults = new List<string>();
        Check(schema, value, at, faults);
        return faults;
    }

    /// <summary>The schema behind references.</summary>
    /// <param name="schema">A schema.</param>
    public JsonElement Resolved(JsonElement schema)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference))
        {
            schema = Target(reference.GetString()!);
        }

        return schema;
    }

    /// <summary>Whether a schema, or one that it refers to, is marked as of the moment.</summary>
    /// <param name="schema">A schema.</param>
    public bool Varies(JsonElement schema)
        => (schema.TryGetProperty("x-varies", out var varies) && varies.GetBoolean())
            || (schema.TryGetProperty("$ref", out var reference) && Varies(Target(reference.GetString()!)));

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number),
        _ => throw new InvalidDataException($"The type '{type}' is unknown."),
    };

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 120 } text ? text[..120] + "…" : value.GetRawText();

    private static void CheckNumber(string keyword, JsonElement bound, JsonElement value, string at, List<string> faults)
    {
        if (value.ValueKind == JsonValueKind.Number && (keyword == "minimum" ? value.GetDouble() < bound.GetDouble() : value.GetDouble() > bound.GetDouble()))
        {
            faults.Add($"{at}: {Shown(value)} is beyond the {keyword} of {bound.GetRawText()}");
        }
    }

    private static void CheckLength(string keyword, int bound, int length, string at, List<string> faults)
    {
        if (keyword.StartsWith("min", StringComparison.Ordinal) ? length < bound : length > bound)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{at}: has {length}, which is beyond {keyword} {bound}"));
        }
    }

    private JsonElement Target(string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The reference '{reference}' leaves the document.");
        }

        var at = document;
        foreach (var part in reference[2..].Split('/'))
        {
            if (!at.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out at))
            {
                throw new InvalidDataException($"The reference '{reference}' leads nowhere.");
            }
        }

        return at;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        foreach (var (keyword, said) in schema.EnumerateObject().Select(property => (property.Name, property.Value)))
        {
            switch (keyword)
            {
                case "$ref":
                    Check(Target(said.GetString()!), value, at, faults);
                    break;
                case "type":
                    var types = said.ValueKind == JsonValueKind.Array ? said.EnumerateArray().Select(type => type.GetString()!).ToArray() : [said.GetString()!];
                    if (!Array.Exists(types, type => Is(type, value)))
                    {
                        faults.Add($"{at}: is {Shown(value)}, not {string.Join(" or ", types)}");
                    }

                    break;
                case "const":
                    if (!JsonElement.DeepEquals(said, value))
                    {
                        faults.Add($"{at}: is {Shown(value)}, not {said.GetRawText()}");
                    }

                    break;
                case "enum":
                    if (!said.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)))
                    {
                        faults.Add($"{at}: {Shown(value)} is none of {said.GetRawText()}");
                    }

                    break;
                case "minimum" or "maximum":
                    CheckNumber(keyword, said, value, at, faults);
                    break;
                case "minLength" or "maxLength" when value.ValueKind == JsonValueKind.String:
                    CheckLength(keyword, said.GetInt32(), value.GetString()!.Length, at, faults);
                    break;
                case "minItems" or "maxItems" when value.ValueKind == JsonValueKind.Array:
                    CheckLength(keyword, said.GetInt32(), value.GetArrayLength(), at, faults);
                    break;
                case "pattern" when value.ValueKind == JsonValueKind.String:
                    if (!Regex.IsMatch(value.GetString()!, said.GetString()!, RegexOptions.ECMAScript | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                    {
                        faults.Add($"{at}: {Shown(value)} does not match {said.GetString()}");
                    }

                    break;
                case "format" when value.ValueKind == JsonValueKind.String:
                    if (said.GetString() != "date-time")
                    {
                        throw new InvalidDataException($"The format '{said.GetString()}' is unknown.");
                    }

                    if (!value.TryGetDateTimeOffset(out _))
                    {
                        faults.Add($"{at}: {Shown(value)} is no instant");
                    }

                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    faults.AddRange(said.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}: lacks '{name.GetString()}'"));
                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    CheckItems(schema, said, value, at, faults);
                    break;
                case "oneOf":
                    CheckChoice(said, value, at, faults, exactlyOne: true);
                    break;
                case "anyOf":
                    CheckChoice(said, value, at, faults, exactlyOne: false);
                    break;
                case "properties" or "additionalProperties" or "additionalItems" or "minLength" or "maxLength" or "minItems" or "maxItems" or "pattern" or "format" or "required" or "items":
                    break; // with the others of its kind, or about another type
                default:
                    if (!Remarks.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
                    {
                        throw new InvalidDataException($"The keyword '{keyword}' is not one that this checker knows.");
                    }

                    break;
            }
        }

        if (value.ValueKind == JsonValueKind.Object && (schema.TryGetProperty("properties", out _) || (schema.TryGetProperty("type", out var type2) && type2.ToString().Contains("object", StringComparison.Ordinal))))
        {
            CheckFields(schema, value, at, faults);
        }
    }

    private void CheckFields(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        var known = schema.TryGetProperty("properties", out var properties) ? properties : default;
        var rest = schema.TryGetProperty("additionalProperties", out var others) ? others : default;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject())
        {
            if (!seen.Add(field.Name))
            {
                faults.Add($"{at}.{field.Name}: is there twice");
            }

            if (known.ValueKind == JsonValueKind.Object && known.TryGetProperty(field.Name, out var described))
            {
                Check(described, field.Value, $"{at}.{field.Name}", faults);
            }
            else if (rest.ValueKind == JsonValueKind.Object)
            {
                Check(rest, field.Value, $"{at}.{field.Name}", faults);
            }
            else if (rest.ValueKind != JsonValueKind.True)
            {
                faults.Add($"{at}.{field.Name}: is not documented");
            }
        }
    }

    private void CheckItems(JsonElement schema, JsonElement items, JsonElement value, string at, List<string> faults)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]");
            if (items.ValueKind == JsonValueKind.Object)
            {
                Check(items, item, place, faults);
            }
            else if (index < items.GetArrayLength())
            {
                Check(items[index], item, place, faults);
            }
            else if (schema.TryGetProperty("additionalItems", out var more) && more.ValueKind == JsonValueKind.False)
            {
                faults.Add($"{place}: is not documented");
            }

            index++;
        }
    }

    private void CheckChoice(JsonElement choices, JsonElement value, string at, List<string> faults, bool exactlyOne)
    {
        var tried = choices.EnumerateArray().Select(choice => Faults(choice, value, at)).ToArray();
        var fitting = tried.Count(found => found.Count == 0);
        if (fitting == 0)
        {
            faults.AddRange(tried.MinBy(found => found.Count)!); // the one that was probably meant
        }
        else if (exactlyOne && fitting > 1)
        {
            faults.Add($"{at}: is as described in {fitting} ways, where it may be in one");
        }
    }
}
