using System.Text.Json;
using System.Text.RegularExpressions;
using Tidewire.Fanout.Filtering;
using Tidewire.Tests.Architecture;
using Tidewire.Tests.Simulation;

namespace Tidewire.Tests.Fanout;

/// <summary>What docs/filters.md says, against the language and the simulated market's payloads.</summary>
public sealed partial class FilterDocumentTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root?.FullName ?? throw new DirectoryNotFoundException("Tidewire.slnx stands in no folder above the tests; set TIDEWIRE_ROOT."), "docs", "filters.md"));

    private static readonly string[] Busy = ["flow-alerts", "option_trades", "off_lit_trades"];

    private static readonly Lazy<MarketRecorder> Market = new(() => new MarketRecorder(new(), Busy).Advance(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1)));

    // A halt comes some five times in two hours.
    private static readonly Lazy<MarketRecorder> Rare = new(() => new MarketRecorder(new(), "news", "trading_halts", "custom_alerts").Advance(TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)));

    [Fact]
    public void Every_example_is_a_filter_on_fields_that_the_feed_has()
    {
        var examples = Examples().ToArray();
        Assert.True(examples.Length >= 20, $"{examples.Length} examples");
        Assert.All(examples, example =>
        {
            Assert.True(Filter.TryParse(example.Text, out var filter, out var error), $"{example.Text}\n{error}");
            var payloads = (Array.IndexOf(Busy, example.Feed) < 0 ? Rare : Market).Value.Of(example.Feed).Select(frame => frame.Payload).ToArray();
            Assert.NotEmpty(payloads);
            Assert.All(FieldsOf(filter), field => Assert.True(payloads.Any(payload => Has(payload, field)), $"{example.Feed} has no {string.Join('.', field)}"));
        });
    }

    [Fact]
    public void Examples_pass_something_and_keep_something_back()
    {
        Assert.All(Examples().Where(example => Array.IndexOf(Busy, example.Feed) >= 0), example =>
        {
            Assert.True(Filter.TryParse(example.Text, out var filter, out _));
            var outcomes = Market.Value.Of(example.Feed).Select(frame => filter.Matches(JsonSerializer.SerializeToUtf8Bytes(frame.Payload))).ToArray();
            Assert.True(outcomes.Contains(false), $"{example.Text} keeps nothing back");
            Assert.True(outcomes.Contains(true), $"{example.Text} passes nothing");
        });
    }

    [Fact]
    public void Every_error_is_the_one_that_is_given()
    {
        var errors = Rows("## When it is refused").ToArray();
        Assert.True(errors.Length >= 8, $"{errors.Length} errors");
        Assert.All(errors, row =>
        {
            Assert.False(Filter.TryParse(row[0].Trim('`'), out _, out var error), row[0]);
            Assert.Equal(row[1], $"{error}");
        });
    }

    [Fact]
    public void Every_canonical_text_is_the_one_that_is_given()
    {
        var pairs = Rows("## The same filter").ToArray();
        Assert.True(pairs.Length >= 3, $"{pairs.Length} pairs");
        Assert.All(pairs, row =>
        {
            Assert.True(Filter.TryParse(row[0].Trim('`'), out var filter, out var error), $"{error}");
            Assert.Equal(row[1].Trim('`'), $"{filter}");
        });
    }

    [Fact]
    public void A_missing_field_gives_the_outcomes_of_the_table()
    {
        var rows = Rows("## Missing fields").ToArray();
        Assert.Equal(["false", "true"], rows.Select(row => row[1]));
        foreach (var row in rows)
        {
            Assert.All(row[0].Split("`, `").Select(test => test.Trim('`')), test =>
            {
                Assert.True(Filter.TryParse(test, out var filter, out var error), $"{error}");
                Assert.Equal(row[1] == "true", filter.Matches("{}"u8));
                Assert.Equal(row[1] == "true", filter.Matches("""{"sector":null}"""u8));
            });
        }
    }

    [Fact]
    public void Its_limits_are_those_of_the_language()
        => Assert.Contains($"Limits: {Filter.MaxLength:N0} characters, {Filter.MaxComparisons} tests, {Filter.MaxValues} values in all lists together, parentheses and fields {Filter.MaxDepth} deep.", Page, StringComparison.Ordinal);

    private static IEnumerable<(string Feed, string Text)> Examples()
        => from Match block in Block().Matches(Page)
           from line in block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
           select (block.Groups["feed"].Value, line);

    /// <summary>The cells of the table below a heading, without its head.</summary>
    private static IEnumerable<string[]> Rows(string heading)
    {
        var section = Page[Page.IndexOf(heading, StringComparison.Ordinal)..];
        var next = section.IndexOf("\n## ", StringComparison.Ordinal);
        return (next < 0 ? section : section[..next]).Split('\n')
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => Cell().Split(line.Trim('|', ' ')).Select(cell => cell.Trim().Replace(@"\|", "|", StringComparison.Ordinal)).ToArray());
    }

    private static IEnumerable<string[]> FieldsOf(Filter filter)
    {
        var parser = new FilterParser($"{filter}");
        Assert.True(parser.TryParse(out var expression, out _));
        return Tests(expression).Select(test => test.Field);
    }

    private static IEnumerable<FilterTest> Tests(FilterExpression expression) => expression switch
    {
        FilterTest test => [test],
        FilterNot not => Tests(not.Inner),
        FilterJunction junction => junction.Parts.SelectMany(Tests),
        _ => throw new NotSupportedException(),
    };

    private static bool Has(JsonElement payload, string[] field)
        => Array.TrueForAll(field, name => payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out payload));

    [GeneratedRegex("^```filter (?<feed>[\\w-]+)\n(?<lines>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();
}
