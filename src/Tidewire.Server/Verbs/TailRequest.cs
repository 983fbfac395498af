using System.Globalization;
using Tidewire.Protocol;

namespace Tidewire.Server.Verbs;

/// <summary>What <c>tidewire tail</c> was asked for.</summary>
internal sealed record TailRequest
{
    public required IReadOnlyList<string> Channels { get; init; }

    public required Uri Url { get; init; }

    public string? Filter { get; init; }

    /// <summary>A position to read on from.</summary>
    public StreamPosition? Since { get; init; }

    /// <summary>How far back to begin; null for now.</summary>
    public TimeSpan? Back { get; init; }

    public int History { get; init; }

    public bool ShowsSpeed { get; init; }

    public bool AsJson { get; init; }

    public bool HasColour { get; init; }

    /// <summary>How many publications to show; null for no end.</summary>
    public long? Count { get; init; }

    /// <summary>How long to read; null for no end.</summary>
    public TimeSpan? For { get; init; }

    public string? TokenFile { get; init; }

    /// <summary>Reads a position <c>epoch:offset</c>, or a length of time.</summary>
    /// <returns>Null when it can be read, else what was wrong.</returns>
    public static string? ReadSince(string text, out StreamPosition? position, out TimeSpan? back)
    {
        (position, back) = (null, null);
        if (TryReadDuration(text, out var duration))
        {
            back = duration;
            return null;
        }

        if (StreamPosition.TryParse(text, out var at))
        {
            position = at;
            return null;
        }

        return $"--since '{text}' is neither a position (epoch:offset) nor a length of time such as 90s, 10m, 2h or 1d.";
    }

    /// <summary>Reads <c>500ms</c>, <c>90s</c>, <c>10m</c>, <c>2h</c> or <c>1d</c>.</summary>
    public static bool TryReadDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.').Count();
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e6)
        {
            return false;
        }

        TimeSpan? unit = text[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => null,
        };
        duration = number * (unit ?? default);
        return unit is not null;
    }
}
