using System.Text.Json;
using Tidewire.Testing.Contracts;

namespace Tidewire.Tests.Testing;

public sealed class ContractSchemaTests
{
    private const string Document = """
        {
          "thing": {
            "type": "object",
            "required": ["name", "at"],
            "properties": {
              "name": { "type": "string", "pattern": "^[a-z]+$", "maxLength": 5 },
              "at": { "$ref": "#/instant" },
              "count": { "type": ["integer", "null"], "minimum": 0 },
              "data": { "type": "object", "additionalProperties": true, "x-varies": true },
              "by": { "type": "object", "additionalProperties": { "type": "integer" } },
              "list": { "type": "array", "items": { "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }] } },
              "pair": { "type": "array", "items": [{ "type": "string" }, { "enum": [1, 2] }], "additionalItems": false, "minItems": 2 }
            }
          },
          "instant": { "type": "string", "format": "date-time", "x-varies": true },
          "a": { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "a" } } },
          "b": { "type": "object", "required": ["kind", "x"], "properties": { "kind": { "const": "b" }, "x": { "type": "number" } } },
          "empty": { "type": "object" },
          "strange": { "type": "string", "contentEncoding": "base64" },
          "astray": { "$ref": "#/nowhere" }
        }
        """;

    private const string Good = """{"name":"abc","at":"2026-11-20T14:30:05.123Z","count":null,"data":{"any":1},"by":{"x":1},"list":[{"kind":"a"},{"kind":"b","x":1.5}],"pair":["s",2]}""";

    private static readonly JsonElement Root = Parse(Document);
    private static readonly ContractSchema Schemas = new(Root);

    [Theory]
    [InlineData("thing", Good)]
    [InlineData("thing", """{"name":"a","at":"2026-11-20T14:30:05.123Z"}""")]
    [InlineData("thing", """{"name":"a","at":"2026-11-20T14:30:05.123Z","count":3.0}""")]
    [InlineData("empty", "{}")]
    public void What_is_as_described_has_no_fault(string schema, string value)
        => Assert.Empty(Schemas.Faults(Root.GetProperty(schema), Parse(value)));

    [Theory]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","more":1}""", "$.more: is not documented")]
    [InlineData("""{"name":"a"}""", "$: lacks 'at'")]
    [InlineData("""{"name":7,"at":"2026-11-20T14:30:05.123Z"}""", "$.name: is 7, not string")]
    [InlineData("""{"name":"A","at":"2026-11-20T14:30:05.123Z"}""", "$.name: \"A\" does not match ^[a-z]+$")]
    [InlineData("""{"name":"abcdef","at":"2026-11-20T14:30:05.123Z"}""", "$.name: has 6, which is beyond maxLength 5")]
    [InlineData("""{"name":"a","name":"a","at":"2026-11-20T14:30:05.123Z"}""", "$.name: is there twice")]
    [InlineData("""{"name":"a","at":"yesterday"}""", "$.at: \"yesterday\" is no instant")]
    [InlineData("""{"name":"a","at":null}""", "$.at: is null, not string")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","count":-1}""", "$.count: -1 is beyond the minimum of 0")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","count":1.5}""", "$.count: is 1.5, not integer or null")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","by":{"x":"1"}}""", "$.by.x: is \"1\", not integer")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","list":[{"kind":"a","x":1}]}""", "$.list[0].x: is not documented")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","pair":["s"]}""", "$.pair: has 1, which is beyond minItems 2")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","pair":["s",3]}""", "$.pair[1]: 3 is none of [1, 2]")]
    [InlineData("""{"name":"a","at":"2026-11-20T14:30:05.123Z","pair":["s",1,1]}""", "$.pair[2]: is not documented")]
    [InlineData("[]", "$: is [], not object")]
    public void What_is_not_has_one_that_says_where_and_what(string value, string fault)
        => Assert.Equal([fault], Schemas.Faults(Root.GetProperty("thing"), Parse(value)));

    [Fact]
    public void An_object_without_described_fields_has_none()
        => Assert.Equal(["$.x: is not documented"], Schemas.Faults(Root.GetProperty("empty"), Parse("""{"x":1}""")));

    [Theory]
    [InlineData("strange", "contentEncoding")]
    [InlineData("astray", "#/nowhere")]
    public void A_keyword_or_a_reference_that_it_does_not_know_is_not_passed_over(string schema, string named)
        => Assert.Contains(named, Assert.Throws<InvalidDataException>(() => Schemas.Faults(Root.GetProperty(schema), Parse("\"x\""))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"name\":\"abc\"", "\"name\":\"abd\"", "$.name: is \"abd\", the example says \"abc\"")]
    [InlineData("\"count\":null,", "", "$.count: is in the example and not in the answer")]
    [InlineData("\"x\":1.5", "\"x\":2", "$.list[1].x: is 2, the example says 1.5")]
    [InlineData("[\"s\",2]", "[\"s\",1]", "$.pair[1]: is 1, the example says 2")]
    [InlineData(",{\"kind\":\"b\",\"x\":1.5}", "", "$.list: has 1 elements, the example 2")]
    [InlineData("05.123Z", "06.999Z", null)]
    [InlineData("{\"any\":1}", "{\"other\":2}", null)]
    public void An_answer_is_compared_with_its_example_but_for_what_varies(string was, string becomes, string? difference)
    {
        var answer = Parse(Good.Replace(was, becomes, StringComparison.Ordinal));
        var differences = new ExampleComparison(Schemas, []).Differences(Root.GetProperty("thing"), Parse(Good), answer);
        Assert.Equal(difference is null ? [] : [difference], differences);
    }

    [Fact]
    public void What_an_example_says_varies_is_not_compared()
        => Assert.Empty(new ExampleComparison(Schemas, ["name"]).Differences(Root.GetProperty("thing"), Parse(Good), Parse(Good.Replace("abc", "abd", StringComparison.Ordinal))));

    [Fact]
    public void A_field_that_the_example_does_not_show_is_a_difference()
        => Assert.Equal(
            ["$.count: is in the answer and not in the example"],
            new ExampleComparison(Schemas, []).Differences(Root.GetProperty("thing"), Parse("""{"name":"a","at":"2026-11-20T14:30:05.123Z"}"""), Parse("""{"name":"a","at":"2026-11-20T14:30:05.123Z","count":1}""")));

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
