using System.Globalization;
using System.Text.Json;

namespace Tidewire.Testing.Contracts;

/// <summary>
/// Compares an answer with the example that documents it. What the schema marks <c>x-varies</c> is of the moment and need
/// only be of the documented type; everything else has to be what the example says. Of a list that varies each element of
/// the example has to be found again.
/// </summary>
/// <param name="schemas">The document's schemas.</param>
/// <param name="varying">Names of further fields that vary in this example.</param>
public sealed class ExampleComparison(ContractSchema schemas, IReadOnlyCollection<string> varying)
{
    /// <summary>The differences, each with where it is; empty when the answer is as the example shows it.</summary>
    /// <param name="schema">The schema of both.</param>
    /// <param name="example">The example.</param>
    /// <param name="answer">The answer, which satisfies the schema.</param>
    /// <param name="at">What the answer is called.</param>
    public IReadOnlyList<string> Differences(JsonElement schema, JsonElement example, JsonElement answer, string at = "$")
    {
        var varies = schemas.Varies(schema);
        schema = schemas.Resolved(schema);
        if (schema.TryGetProperty("oneOf", out var choices) || schema.TryGetProperty("anyOf", out choices))
        {
            var meant = choices.EnumerateArray().FirstOrDefault(choice => schemas.Faults(choice, example).Count == 0);
            if (meant.ValueKind == JsonValueKind.Undefined)
            {
                return [$"{at}: the example is not as documented"];
            }

            return schemas.Faults(meant, answer) is { Count: > 0 } other ? other : Differences(meant, example, answer, at);
        }

        return (example.ValueKind, answer.ValueKind) switch
        {
            (JsonValueKind.Array, JsonValueKind.Array) => List(schema, example, answer, at, varies),
            _ when varies => [],
            (JsonValueKind.Object, JsonValueKind.Object) => Fields(schema, example, answer, at),
            _ => JsonElement.DeepEquals(example, answer) ? [] : [$"{at}: is {answer.GetRawText()}, the example says {example.GetRawText()}"],
        };
    }

    private List<string> Fields(JsonElement schema, JsonElement example, JsonElement answer, string at)
    {
        var differences = new List<string>();
        var described = schema.TryGetProperty("properties", out var properties) ? properties : default;
        var others = schema.TryGetProperty("additionalProperties", out var rest) ? rest : default;
        foreach (var field in example.EnumerateObject().Where(field => !varying.Contains(field.Name)))
        {
            if (!answer.TryGetProperty(field.Name, out var value))
            {
                differences.Add($"{at}.{field.Name}: is in the example and not in the answer");
            }
            else if (described.ValueKind == JsonValueKind.Object && described.TryGetProperty(field.Name, out var of))
            {
                differences.AddRange(Differences(of, field.Value, value, $"{at}.{field.Name}"));
            }
            else if (others.ValueKind == JsonValueKind.Object)
            {
                differences.AddRange(Differences(others, field.Value, value, $"{at}.{field.Name}"));
            }
            else if (!JsonElement.DeepEquals(field.Value, value))
            {
                differences.Add($"{at}.{field.Name}: is {value.GetRawText()}, the example says {field.Value.GetRawText()}");
            }
        }

        if (others.ValueKind == JsonValueKind.Undefined)
        {
            differences.AddRange(answer.EnumerateObject()
                .Where(field => !example.TryGetProperty(field.Name, out _))
                .Select(field => $"{at}.{field.Name}: is in the answer and not in the example"));
        }

        return differences;
    }

    private List<string> List(JsonElement schema, JsonElement example, JsonElement answer, string at, bool varies)
    {
        JsonElement Of(int index) => schema.GetProperty("items") is { ValueKind: JsonValueKind.Array } items ? items[index] : schema.GetProperty("items");
        if (varies)
        {
            return [.. example.EnumerateArray()
                .Where(wanted => !answer.EnumerateArray().Any(found => Differences(Of(0), wanted, found).Count == 0))
                .Select(wanted => $"{at}: nothing in the answer is like {wanted.GetRawText()}")];
        }

        if (example.GetArrayLength() != answer.GetArrayLength())
        {
            return [string.Create(CultureInfo.InvariantCulture, $"{at}: has {answer.GetArrayLength()} elements, the example {example.GetArrayLength()}")];
        }

        return [.. Enumerable.Range(0, example.GetArrayLength()).SelectMany(index => Differences(Of(index), example[index], answer[index], string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]")))];
    }
}
