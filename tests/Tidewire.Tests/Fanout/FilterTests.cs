using System.Text;
using System.Text.Json;
using Tidewire.Fanout.Filtering;
using Tidewire.Tests.Architecture;

namespace Tidewire.Tests.Fanout;

public sealed class FilterTests
{
    private const string Payload = """
        {"ticker":"TSLA","premium":"750000.50","size":12,"has_sweep":true,"has_multileg":false,"sector":null,"empty":"","yes":"True",
        "tags":["ask_side","bullish",5,"7.50",true,null,["deep"],{"deep":1}],"none":[],"meta":{"total":"70000","inner":{"x":1},"nothing":null},
        "expiry":"2026-12-18","headline":"Fed Holds Rates \u2014 \"steady\"\nfor now","symbol":"\u0054SL\u0041","n\u0061me":"escaped key","one":"1"}
        """;

    [Theory]
    // Equal, in either encoding of a number.
    [InlineData("ticker = TSLA", true)]
    [InlineData("ticker == \"TSLA\"", true)]
    [InlineData("ticker = tsla", false)]
    [InlineData("ticker = TSL", false)]
    [InlineData("ticker != NVDA", true)]
    [InlineData("ticker <> TSLA", false)]
    [InlineData("premium = 750000.5", true)]
    [InlineData("premium = '750_000.5'", false)]
    [InlineData("premium = 750_000.500", true)]
    [InlineData("size = 12.0", true)]
    [InlineData("size = \"1.2e1\"", true)]
    [InlineData("size = TSLA", false)]
    [InlineData("ticker = 5", false)]
    [InlineData("ticker != 5", true)]
    [InlineData("empty = \"\"", true)]
    [InlineData("empty = 0", false)]
    // Order.
    [InlineData("premium > 750K", true)]
    [InlineData("premium > 0.7500005M", false)]
    [InlineData("premium >= 0.7500005M", true)]
    [InlineData("premium < 1m", true)]
    [InlineData("premium <= 750000.49", false)]
    [InlineData("premium < 1B and premium > -1k", true)]
    [InlineData("size < 12", false)]
    [InlineData("size <= 12", true)]
    [InlineData("expiry >= 2026-12-18", true)]
    [InlineData("expiry > 2026-12-18", false)]
    [InlineData("expiry < 2027-01-01", true)]
    [InlineData("expiry < 2027", false)]
    [InlineData("expiry > 2025", false)]
    [InlineData("size < abc", false)]
    [InlineData("size > abc", false)]
    [InlineData("one < abc", false)]
    [InlineData("one > abc", false)]
    [InlineData("ticker > 5", false)]
    [InlineData("ticker < 5", false)]
    [InlineData("empty < abc", false)]
    [InlineData("empty < 5", false)]
    [InlineData("empty >= \"\"", false)]
    [InlineData("ticker > \"\"", true)]
    [InlineData("has_sweep > a", false)]
    [InlineData("has_sweep > \"tru\"", false)]
    [InlineData("tags > a", false)]
    // In.
    [InlineData("ticker in (NVDA, TSLA)", true)]
    [InlineData("ticker in (NVDA, AMD)", false)]
    [InlineData("ticker not in (NVDA, AMD)", true)]
    [InlineData("not ticker in (NVDA, AMD)", true)]
    [InlineData("size in (1, TSLA, 12.00, true)", true)]
    [InlineData("ticker in (1, TSLA, 12.00, true)", true)]
    [InlineData("has_sweep in (1, TSLA, 12.00, true)", true)]
    [InlineData("has_multileg in (1, TSLA, 12.00, true)", false)]
    // Contains.
    [InlineData("headline contains Holds", true)]
    [InlineData("headline contains holds", false)]
    [InlineData("headline icontains holds", true)]
    [InlineData("headline icontains 'FED H'", true)]
    [InlineData("headline contains '— \"steady\"\\nfor'", true)]
    [InlineData("headline contains \"\\u2014\"", true)]
    [InlineData("headline not contains Fed", false)]
    [InlineData("headline not icontains cuts", true)]
    [InlineData("headline contains ''", true)]
    [InlineData("tags contains bullish", true)]
    [InlineData("tags contains bull", false)]
    [InlineData("tags icontains BULLISH", true)]
    [InlineData("tags contains 5.0", true)]
    [InlineData("tags contains 7.5", true)]
    [InlineData("tags contains 6", false)]
    [InlineData("tags contains true", true)]
    [InlineData("tags contains false", false)]
    [InlineData("tags contains deep", false)]
    [InlineData("tags contains 1", false)]
    [InlineData("none contains a", false)]
    [InlineData("none contains ''", false)]
    [InlineData("size contains 1", false)]
    [InlineData("premium contains 501", false)]
    [InlineData("premium contains 0.50", true)]
    [InlineData("premium contains 0.5", true)]
    [InlineData("premium contains .500", false)]
    [InlineData("has_sweep contains true", false)]
    [InlineData("meta contains total", false)]
    // Truth.
    [InlineData("has_sweep", true)]
    [InlineData("has_multileg", false)]
    [InlineData("not has_multileg", true)]
    [InlineData("!has_multileg", true)]
    [InlineData("has_sweep = TRUE", true)]
    [InlineData("has_sweep = false", false)]
    [InlineData("has_sweep != false", true)]
    [InlineData("has_multileg = false", true)]
    [InlineData("yes", true)]
    [InlineData("yes = 'TRUE'", true)]
    [InlineData("one", false)]
    [InlineData("size", false)]
    [InlineData("tags", false)]
    [InlineData("tags = bullish", false)]
    [InlineData("meta", false)]
    // Being there.
    [InlineData("exists ticker", true)]
    [InlineData("exists sector", false)]
    [InlineData("exists nothing", false)]
    [InlineData("exists tags and exists meta and exists none and exists empty and exists has_multileg", true)]
    [InlineData("sector is null", true)]
    [InlineData("sector is not null", false)]
    [InlineData("sector = null", true)]
    [InlineData("ticker != null", true)]
    [InlineData("nothing IS NULL", true)]
    [InlineData("not exists nothing", true)]
    // Inside.
    [InlineData("meta.total >= 70K", true)]
    [InlineData("meta.inner.x = 1", true)]
    [InlineData("meta.inner.y is null and exists meta.inner and exists meta", true)]
    [InlineData("meta.nothing = 1", false)]
    [InlineData("ticker.total = 70000", false)]
    [InlineData("tags.deep = 1", false)]
    [InlineData("total = 70000", false)]
    // Escapes.
    [InlineData("symbol = TSLA", true)]
    [InlineData("symbol in (A, TSLA)", true)]
    [InlineData("name = 'escaped key'", true)]
    // Precedence.
    [InlineData("has_multileg and has_multileg or has_sweep", true)]
    [InlineData("has_multileg and (has_multileg or has_sweep)", false)]
    [InlineData("has_sweep or has_sweep and has_multileg", true)]
    [InlineData("not has_multileg and has_multileg", false)]
    [InlineData("not (has_multileg and has_multileg)", true)]
    [InlineData("not has_multileg or has_sweep", true)]
    [InlineData("not not has_sweep", true)]
    [InlineData("! ! !has_sweep", false)]
    [InlineData("not size = 12", false)]
    [InlineData("has_sweep&&!has_multileg||size<0", true)]
    public void A_filter_passes_what_it_says(string text, bool passes) => Assert.Equal(passes, Parse(text).Matches(Encoding.UTF8.GetBytes(Payload)));

    [Theory]
    [InlineData("sector = Energy")]
    [InlineData("sector < 5")]
    [InlineData("sector <= 5")]
    [InlineData("sector > 5")]
    [InlineData("sector >= Z")]
    [InlineData("sector in (Energy, 5, true, false)")]
    [InlineData("sector contains e")]
    [InlineData("sector icontains ''")]
    [InlineData("sector")]
    [InlineData("sector = false")]
    [InlineData("exists sector")]
    [InlineData("sector.name = x")]
    public void Every_test_of_a_missing_field_is_false_and_its_opposite_true(string test)
    {
        foreach (var payload in (string[])["{}", """{"sector":null}""", """{"other":{"sector":"Energy"}}"""])
        {
            Assert.False(Parse(test).Matches(Encoding.UTF8.GetBytes(payload)));
            Assert.True(Parse($"not {test}").Matches(Encoding.UTF8.GetBytes(payload)));
            Assert.True(Parse($"not ({test} or {test})").Matches(Encoding.UTF8.GetBytes(payload)));
        }

        Assert.True(Parse("sector != Energy and sector not in (a, b) and sector not contains x and sector not icontains x").Matches("{}"u8));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("[{\"b\":1}]", false)]
    [InlineData("\"a\"", false)]
    [InlineData("{", false)]
    [InlineData("{\"b\":1", false)]
    [InlineData("{\"b\":1,}", false)]
    [InlineData("{\"b\":01}", false)]
    [InlineData("{b:1}", false)]
    [InlineData("{\"b\":\"\\x\"}", false)]
    [InlineData("{\"b\":1}}", false)]
    [InlineData("{\"b\":1} {}", false)]
    [InlineData("{\"b\":1}/**/", false)]
    [InlineData("{\"b\":1} \n", true)]
    [InlineData("{}", true)]
    [InlineData("{\"b\":\"\\ud800\"}", true)]
    [InlineData("{\"\\udc00\":1}", true)]
    public void What_is_no_JSON_object_passes_nothing(string payload, bool passes)
    {
        Assert.Equal(passes, Parse("not a").Matches(Encoding.UTF8.GetBytes(payload)));
        Assert.Equal(passes, Parse("a is null and not b = 7").Matches(Encoding.UTF8.GetBytes(payload)));
    }

    [Fact]
    public void Deep_nesting_passes_nothing_and_does_no_harm()
    {
        foreach (var depth in (int[])[64, 1_000, 1_000_000])
        {
            Assert.False(Parse("not x").Matches(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', depth)}{new string(']', depth)}}}")));
            Assert.False(Parse("not a.a.a").Matches(Encoding.UTF8.GetBytes($"{string.Concat(Enumerable.Repeat("{\"a\":", depth + 1))}1{new string('}', depth + 1)}")));
        }

        Assert.True(Parse("not x").Matches(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 60)}{new string(']', 60)}}}")));
    }

    [Theory]
    [InlineData("a = 1", """{"a":1,"a":2}""", false)]
    [InlineData("a = 2", """{"a":1,"a":2}""", true)]
    [InlineData("a = 1", """{"a":1,"\u0061":2}""", false)]
    [InlineData("a = 1", """{"a":1,"b":"\u0061 a"}""", true)]
    [InlineData("a = 1", """{"a":1,"b":"a"}""", true)]
    [InlineData("a = 1", """{"a":1,"a":null}""", false)]
    [InlineData("exists a", """{"a":1,"a":null}""", false)]
    [InlineData("o.x = 1", """{"o":{"x":1},"o":{"y":1}}""", false)]
    [InlineData("o.x = 1", """{"o":{"x":1},"o":5}""", false)]
    [InlineData("o.x = 2", """{"o":{"x":1,"x":2}}""", true)]
    [InlineData("o.x = 1 and exists o", """{"o":{"y":1},"o":{"x":1}}""", true)]
    [InlineData("t contains a", """{"t":["a"],"t":["b"]}""", false)]
    [InlineData("a = 1 or b = 1", """{"a":1,"b":2,"a":3}""", false)]
    public void Of_fields_with_one_name_the_last_one_counts(string text, string payload, bool passes)
        => Assert.Equal(passes, Parse(text).Matches(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void What_stands_after_the_field_that_decided_is_not_read()
    {
        Assert.True(Parse("a = 1").Matches("""{"a":1,garbage"""u8));
        Assert.False(Parse("a = 2 and b = 1").Matches("""{"a":1,garbage"""u8));
        Assert.True(Parse("a = 1 or b = 1").Matches("""{"a":1,garbage"""u8));
        Assert.True(Parse("o.a = 1").Matches("""{"o":{"a":1,garbage"""u8));
        Assert.False(Parse("a = 1 and b = 1").Matches("""{"a":1,garbage"""u8));
    }

    [Theory]
    [InlineData("""{"a":"\b\f\n\r\t\"\\\/"}""", @"a = ""\u0008\u000c\n\r\t\""\\/""")]
    [InlineData("""{"a":"\u00e9\u20ac\ud83d\ude00x"}""", "a = 'é€😀x'")]
    [InlineData("""{"a":"é€😀x"}""", @"a = ""\u00e9\u20AC\ud83d\uDE00x""")]
    [InlineData("""{"a":"\ud83dx"}""", "a = '\uFFFDx'")]
    [InlineData("""{"a":"x\ude00\ud83d"}""", "a = 'x\uFFFD\uFFFD'")]
    [InlineData("""{"a":"\ud83d\u0041"}""", "a = '\uFFFDA'")]
    [InlineData("""{"a":"\u0031\u002e5"}""", "a = 1.5")]
    [InlineData("""{"a":["b","\u0062c"]}""", "a contains bc")]
    [InlineData("""{"\ud83d\ude00":1,"été":2}""", "été = 2")]
    public void Escapes_stand_for_their_characters(string payload, string text) => Assert.True(Parse(text).Matches(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void Long_escaped_text_is_read_whole()
    {
        var half = new string('x', 100_000);
        var payload = Encoding.UTF8.GetBytes($$"""{"a":"{{half}}\n{{half}}end","b":"{{half}}{{half}}\n{{half}}END"}""");
        Assert.True(Parse("a contains xend and b contains 'xEND' and b icontains 'xend' and a not contains END").Matches(payload));
    }

    [Theory]
    [InlineData("a=1", "a = 1")]
    [InlineData("  a  ==  1.0  ", "a = 1")]
    [InlineData("a <> 'x'", "a != x")]
    [InlineData("not a = x", "a != x")]
    [InlineData("!(a != x)", "a = x")]
    [InlineData("a AND b OR NOT c", "a and b or not c")]
    [InlineData("a && b || !c", "a and b or not c")]
    [InlineData("(a and b) or (c)", "a and b or c")]
    [InlineData("a and (b and (c and d))", "a and b and c and d")]
    [InlineData("a and (b or c)", "a and (b or c)")]
    [InlineData("(a or b) or c", "a or b or c")]
    [InlineData("not (a and b)", "not (a and b)")]
    [InlineData("not not (a or b)", "a or b")]
    [InlineData("a = true", "a")]
    [InlineData("a = 'TRUE'", "a")]
    [InlineData("a != True", "not a")]
    [InlineData("a = false", "a = false")]
    [InlineData("a in (b)", "a = b")]
    [InlineData("a not in (b, b)", "a != b")]
    [InlineData("a in (c, \"b\", 2, 1, 2.0, 500K)", "a in (1, 2, 500000, b, c)")]
    [InlineData("a = \"b c\"", "a = \"b c\"")]
    [InlineData("a = 'b\"c\\\\'", "a = \"b\\\"c\\\\\"")]
    [InlineData("a = '\u0001\t'", "a = \"\\u0001\\t\"")]
    [InlineData("a = \"and\"", "a = \"and\"")]
    [InlineData("a = \"3M\"", "a = \"3M\"")]
    [InlineData("a = 3M", "a = 3000000")]
    [InlineData("a = \"3\"", "a = 3")]
    [InlineData("a contains 3M", "a contains 3M")]
    [InlineData("a contains \"3M\"", "a contains \"3M\"")]
    [InlineData("a contains 5.0", "a contains 5.0")]
    [InlineData("a icontains ABC", "a icontains abc")]
    [InlineData("a < 'true'", "a < \"true\"")]
    [InlineData("exists a", "a is not null")]
    [InlineData("a = null", "a is null")]
    [InlineData("not a is null", "a is not null")]
    [InlineData("a = 1e3", "a = 1000")]
    [InlineData("a = -0", "a = 0")]
    [InlineData("a = 1e400", "a = 1e400")]
    [InlineData("a = .0000123", "a = 0.0000123")]
    [InlineData("a = 0.00000000123", "a = 1.23e-9")]
    public void Spelling_makes_no_other_filter(string text, string canonical)
    {
        var filter = Parse(text);
        var again = Parse(canonical);
        Assert.Equal(canonical, filter.ToString());
        Assert.Equal(canonical, again.ToString());
        Assert.Equal(filter, again);
        Assert.Equal(filter.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData("a = b", "a != b")]
    [InlineData("a < 1", "a <= 1")]
    [InlineData("a contains b", "a icontains b")]
    [InlineData("a and b", "a or b")]
    [InlineData("a contains 3M", "a contains \"3M\"")]
    [InlineData("a = 3M", "a = \"3M\"")]
    [InlineData("A", "a")]
    public void Another_meaning_is_another_filter(string one, string other)
    {
        Assert.NotEqual(Parse(one), Parse(other));
        Assert.False(Parse(one).Equals(null));
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        string[] filters =
        [
            "premium >= 500000 and ticker in (TSLA, NVDA) and not has_multileg", "nothing = 1", "headline icontains steady and headline contains 'Fed'",
            "symbol = TSLA and name = 'escaped key' and tags contains 7.5 and tags icontains BULLISH", "meta.inner.x = 1 and expiry < 2027-01-01 or exists none",
            string.Join(" and ", Enumerable.Range(0, 64).Select(i => $"(field{i} is null or has_multileg)").Take(32)),
        ];
        var payload = Encoding.UTF8.GetBytes(Payload);
        Assert.All(filters, text =>
        {
            var filter = Parse(text);
            for (var i = 0; i < 100; i++)
            {
                filter.Matches(payload);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                filter.Matches(payload);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    [Fact]
    public void One_filter_serves_many_threads()
    {
        var filter = Parse("name = 'escaped key' and symbol = TSLA and premium > 5");
        var yes = Encoding.UTF8.GetBytes(Payload);
        var no = Encoding.UTF8.GetBytes(Payload.Replace("SL", "XX", StringComparison.Ordinal));
        Parallel.For(0, 20_000, i => Assert.Equal(i % 2 == 0, filter.Matches(i % 2 == 0 ? yes : no)));
    }

    [Fact]
    public void Captured_payloads_are_told_apart()
    {
        var file = Repository.Beside("shared/unusual-whales/captures/ws_flow_alerts_2025-05-16.ndjson");
        Assert.SkipWhen(file is null, "the captures are not beside the repository");
        var payloads = File.ReadLines(file!).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("payload")).Where(payload => payload.TryGetProperty("id", out _)).ToArray();
        var filter = Parse("total_premium >= 50K and has_singleleg and exchanges contains XMIO and ask > 0.50 and rule_name icontains repeatedhits");
        var expected = payloads.Select(payload => payload.GetProperty("total_premium").GetDecimal() >= 50_000
            && payload.GetProperty("has_singleleg").GetBoolean()
            && payload.GetProperty("exchanges").EnumerateArray().Any(exchange => exchange.GetString() == "XMIO")
            && decimal.Parse(payload.GetProperty("ask").GetString()!, System.Globalization.CultureInfo.InvariantCulture) > 0.5m
            && payload.GetProperty("rule_name").GetString()!.Contains("repeatedhits", StringComparison.OrdinalIgnoreCase)).ToArray();
        Assert.Equal(expected, payloads.Select(payload => filter.Matches(Encoding.UTF8.GetBytes(payload.GetRawText()))));
        Assert.Contains(true, expected);
        Assert.Contains(false, expected);
    }

    private static Filter Parse(string text)
    {
        Assert.True(Filter.TryParse(text, out var filter, out var error), $"{text}\n{error}");
        return filter;
    }
}
