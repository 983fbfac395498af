using System.Globalization;
using System.Text.RegularExpressions;

namespace Tidewire.Server.Tests.Status;

/// <summary>An answer of <c>/metrics</c>, read as strictly as the text format 0.0.4 is written down.</summary>
internal sealed partial class PrometheusScrape
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _helps = new(StringComparer.Ordinal);

    /// <summary>Every sample by name and labels, such as <c>tidewire_deliveries_total{wire="json"}</c>.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>The type of each family.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, string> Helps => _helps;

    /// <summary>Samples that may only rise: counters, buckets, counts.</summary>
    public IEnumerable<KeyValuePair<string, double>> Rising => _samples.Where(sample =>
        FamilyOf(sample.Key) is var family && (_types[family] == "counter" || (_types[family] == "histogram" && !sample.Key.StartsWith(family + "_sum", StringComparison.Ordinal))));

    /// <summary>A sample; 0 when it is not there, as a counter that has not begun.</summary>
    public double this[string sample] => _samples.GetValueOrDefault(sample);

    public static PrometheusScrape Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var scrape = new PrometheusScrape();
        var seen = new HashSet<string>();
        var current = "";
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                Assert.True(scrape._helps.TryAdd(help.Groups["name"].Value, help.Groups["text"].Value), $"helped twice: {line}");
                continue;
            }

            if (Type().Match(line) is { Success: true } type)
            {
                current = type.Groups["name"].Value;
                Assert.True(seen.Add(current), $"typed twice, or not in one block: {line}");
                scrape._types[current] = type.Groups["type"].Value;
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"not a line of the format: {line}");
            var key = sample.Groups["key"].Value;
            Assert.Equal(current, scrape.FamilyOf(key));
            Assert.True(scrape._samples.TryAdd(key, Number(sample.Groups["value"].Value)), $"given twice: {line}");
            var names = sample.Groups["label"].Captures.Select(label => label.Value).ToArray();
            Assert.Equal(names.Distinct(), names);
        }

        scrape.CheckTypes();
        return scrape;
    }

    /// <summary>What stands in a label of the samples of a name, unescaped.</summary>
    public IEnumerable<string> LabelValues(string name, string label) =>
        from key in _samples.Keys
        where key.StartsWith(name + "{", StringComparison.Ordinal)
        let sample = Sample().Match(key + " 0")
        from pair in sample.Groups["label"].Captures.Zip(sample.Groups["text"].Captures)
        where pair.First.Value == label
        select Escape().Replace(pair.Second.Value, match => match.Value switch { @"\n" => "\n", var escaped => escaped[1..] });

    private void CheckTypes()
    {
        Assert.All(_types.Where(type => type.Value == "counter"), type => Assert.EndsWith("_total", type.Key, StringComparison.Ordinal));
        Assert.All(Rising, sample => Assert.True(sample.Value >= 0, $"{sample.Key} is {sample.Value}"));
        foreach (var (family, _) in _types.Where(type => type.Value == "histogram"))
        {
            foreach (var count in _samples.Where(sample => sample.Key == family + "_count" || sample.Key.StartsWith(family + "_count{", StringComparison.Ordinal)))
            {
                var labels = count.Key[(family.Length + "_count".Length)..].Trim('{', '}');
                var buckets = _samples.Where(sample => sample.Key.StartsWith($"{family}_bucket{{{labels}{(labels.Length > 0 ? "," : "")}le=", StringComparison.Ordinal)).ToArray();
                Assert.True(buckets.Length > 1, family);
                Assert.EndsWith("le=\"+Inf\"}", buckets[^1].Key, StringComparison.Ordinal);
                Assert.Equal(count.Value, buckets[^1].Value);
                Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
                Assert.Contains($"{family}_sum{count.Key[(family.Length + "_count".Length)..]}", _samples.Keys);
            }
        }
    }

    private string FamilyOf(string sample)
    {
        var name = sample.Split('{')[0];
        var family = HistogramPart().Replace(name, "");
        return _types.GetValueOrDefault(family) == "histogram" ? family : name;
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>(?:[^\\\r]|\\\\|\\n)*)$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^(?<key>[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<text>(?:[^"\\\p{Cc}]|\\\\|\\"|\\n)*)"(?:,(?=[a-zA-Z_])|(?=\})))+\})?) (?<value>[-+]?(?:Inf|\d[\d.]*(?:[eE][-+]?\d+)?)|NaN)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramPart();

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();
}
