using System.Globalization;
using System.Text;

namespace Tidewire.Server.Status;

/// <summary>
/// The text format of Prometheus, version 0.0.4: names and labels as OpenTelemetry translates them, one block of HELP,
/// TYPE and samples for each family.
/// </summary>
internal static class PrometheusText
{
    /// <summary>The content type of an answer.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Longer label values are cut: none of ours comes near it.</summary>
    private const int MaxLabelLength = 128;

    /// <summary>The name of a family: allowed characters, the unit, and <c>_total</c> for a counter.</summary>
    public static string NameOf(string instrument, string? unit, MetricKind kind)
    {
        var name = Identifier(instrument, allowColon: true);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            null or "" or "1" => "",
            _ when unit.StartsWith('{') => "",
            _ => "_" + Identifier(unit, allowColon: false).TrimStart('_'),
        };
        name = name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix;
        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Tags as they stand between braces, in the order of their names.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            labels[Identifier(name, allowColon: false)] = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        }

        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            Escape(text, value.Length <= MaxLabelLength ? value : value[..MaxLabelLength], quotes: true);
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Writes families in the order of their names; those without a series are left out.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(32 << 10);
        foreach (var family in families.OrderBy(static family => family.Name, StringComparer.Ordinal))
        {
            var series = family.Series.ToArray();
            if (series.Length > 0)
            {
                WriteHead(text, family);
                Array.ForEach(series, one => WriteSeries(text, family.Name, one));
            }
        }

        return text.ToString();
    }

    private static void WriteHead(StringBuilder text, MetricFamily family)
    {
        if (family.Help is { Length: > 0 } help)
        {
            text.Append("# HELP ").Append(family.Name).Append(' ');
            Escape(text, help, quotes: false);
            text.Append('\n');
        }

        text.Append("# TYPE ").Append(family.Name).Append(' ')
            .Append(family.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" }).Append('\n');
    }

    private static void WriteSeries(StringBuilder text, string name, Series series)
    {
        switch (series)
        {
            case ValueSeries single:
                WriteSample(text, name, series.Labels, single.Value);
                break;
            case HistogramSeries histogram:
                var sum = histogram.Sum;
                var counts = histogram.Cumulated();
                for (var i = 0; i < counts.Length; i++)
                {
                    var bound = i < histogram.Bounds.Count ? Bound(histogram.Bounds[i]) : "+Inf";
                    WriteSample(text, name + "_bucket", $"{series.Labels}{(series.Labels.Length > 0 ? "," : "")}le=\"{bound}\"", counts[i]);
                }

                WriteSample(text, name + "_sum", series.Labels, sum);
                WriteSample(text, name + "_count", series.Labels, counts[^1]);
                break;
        }
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>A bound without an exponent, where it can be written so: it is read by people, and compared as text.</summary>
    private static string Bound(double value)
        => Math.Abs(value) < 1e15 ? ((decimal)value).ToString(CultureInfo.InvariantCulture) : Number(value);

    private static string Identifier(string name, bool allowColon)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var letter in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(letter) || letter == '_' || (allowColon && letter == ':') ? letter : '_');
        }

        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? text.Insert(0, '_').ToString() : text.ToString();
    }

    private static void Escape(StringBuilder text, string value, bool quotes)
    {
        foreach (var rune in value.EnumerateRunes()) // half a surrogate pair becomes U+FFFD here, and not two names one later
        {
            _ = rune.Value switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when quotes => text.Append("\\\""),
                _ when Rune.IsControl(rune) => text.Append('\uFFFD'),
                _ => text.Append(rune.ToString()),
            };
        }
    }
}
