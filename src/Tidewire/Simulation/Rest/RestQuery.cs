using System.Globalization;

namespace Tidewire.Simulation.Rest;

/// <summary>The path's and the query's values, checked as they are read. What is wrong is collected and makes a 422.</summary>
internal sealed class RestQuery
{
    private const long MostMilliseconds = 253_402_300_799_000;
    private const int MillisecondDigits = 12;

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);
    private readonly List<string> _wrongInPath = [];
    private readonly List<string> _wrongInQuery = [];

    /// <summary>Takes a query apart.</summary>
    /// <param name="query">With or without its question mark.</param>
    public RestQuery(string query)
    {
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Unescape(equals < 0 ? pair : pair[..equals]);
            if (!_values.TryGetValue(name, out var values))
            {
                _values[name] = values = [];
            }

            values.Add(equals < 0 ? "" : Unescape(pair[(equals + 1)..]));
        }
    }

    /// <summary>Null, or what was wrong with what was read so far.</summary>
    public string? Wrong => _wrongInPath.Count + _wrongInQuery.Count == 0 ? null : string.Join(
        " - ",
        new[]
        {
            _wrongInPath.Count == 0 ? null : "Invalid path input: " + string.Join(", ", _wrongInPath),
            _wrongInQuery.Count == 0 ? null : "Invalid query input(s): " + string.Join(", ", _wrongInQuery),
        }.OfType<string>());

    /// <summary>A ticker of the path.</summary>
    public string TickerOf(string text)
    {
        var ticker = text.ToUpperInvariant();
        if (!SimulatedForm.IsTicker(ticker))
        {
            _wrongInPath.Add($"{text} (valid example: AAPL)");
        }

        return ticker;
    }

    /// <summary>A choice of the path.</summary>
    public string OneOf(string text, IReadOnlyCollection<string> choices)
    {
        if (!choices.Contains(text))
        {
            _wrongInPath.Add($"{text} (one of: {string.Join(", ", choices)})");
        }

        return text;
    }

    /// <summary>A choice of the query; null when it is absent.</summary>
    public string? Choice(string name, IReadOnlyCollection<string> choices) =>
        Last(name) is { } text ? choices.Contains(text) ? text : Refuse(name, text, choices.First()) : null;

    /// <summary>How many rows at most.</summary>
    public int Limit(int most, int standard) => (int)(Number("limit", 1, most) ?? standard);

    /// <summary>Which page, from 0.</summary>
    public int Page() => (int)(Number("page", 0, 100_000) ?? 0);

    /// <summary>A whole number within bounds; null when it is absent.</summary>
    public long? Number(string name, long least = 0, long most = long.MaxValue)
    {
        if (Last(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse(name, text, least.ToString(CultureInfo.InvariantCulture));
        return null;
    }

    /// <summary>A number; null when it is absent.</summary>
    public double? Real(string name)
    {
        if (Last(name) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            return number;
        }

        Refuse(name, text, "0.5");
        return null;
    }

    /// <summary>True or false.</summary>
    public bool Truth(string name, bool standard)
    {
        switch (Last(name))
        {
            case null:
                return standard;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Refuse(name, text, "true");
                return standard;
        }
    }

    /// <summary>A date; null when it is absent.</summary>
    public DateOnly? Date(string name)
    {
        if (Last(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        Refuse(name, text, "2024-01-18");
        return null;
    }

    /// <summary>The times between which rows are asked for, both excluded, in ticks; without bounds where none are given.</summary>
    public (long NewerThan, long OlderThan) Between() => (Instant("newer_than") ?? long.MinValue, Instant("older_than") ?? long.MaxValue);

    /// <summary>Tickers, separated by commas; empty when none are given.</summary>
    public IReadOnlySet<string> Tickers(string name)
    {
        var tickers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Last(name)?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            tickers.Add(text.ToUpperInvariant());
            if (!SimulatedForm.IsTicker(text.ToUpperInvariant()))
            {
                Refuse(name, text, "AAPL");
            }
        }

        return tickers;
    }

    /// <summary>The values of a parameter that may come several times, as <c>name[]</c>; empty when it is absent.</summary>
    public IReadOnlySet<string> All(string name) =>
        _values.TryGetValue(name + "[]", out var values) ? values.ToHashSet(StringComparer.Ordinal) : new HashSet<string>();

    /// <summary>The text of a parameter; null when it is absent.</summary>
    public string? Last(string name) => _values.TryGetValue(name, out var values) && values[^1].Length > 0 ? values[^1] : null;

    /// <summary>Says that a value is wrong.</summary>
    public string? Refuse(string name, string text, string example)
    {
        _wrongInQuery.Add($"{name}={text} (valid example: {name}={example})");
        return null;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    // Seconds, milliseconds or ISO 8601: the number of digits tells the first two apart.
    private long? Instant(string name)
    {
        if (Last(name) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            var milliseconds = text.Split('.')[0].Length >= MillisecondDigits ? number : number * 1_000;
            if (milliseconds <= MostMilliseconds)
            {
                return SimulatedClock.FromUnixMilliseconds((long)milliseconds);
            }
        }
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            || DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at))
        {
            return at.UtcTicks;
        }

        Refuse(name, text, "2024-01-18T14:30:00Z");
        return null;
    }
}
