using System.Diagnostics.CodeAnalysis;

namespace Tidewire.Protocol;

/// <summary>
/// The name of a channel: <c>[@session/]feed[:SYMBOL]</c>, such as <c>flow-alerts</c>, <c>gex:SPY</c> or
/// <c>@replay-7/flow-alerts</c>. Parsed once at the edge; inside the process only this type travels.
/// </summary>
/// <remarks>
/// Feeds are lower case (<c>a-z 0-9 - _</c>, up to 64 characters), symbols upper case (<c>A-Z 0-9 . - / _ ^</c>, up to
/// 24), sessions lower case (<c>a-z 0-9 -</c>, up to 32). Every character allowed is safe inside a JSON string unescaped.
/// Aliases are a matter of the feed catalogue, not of the name.
/// </remarks>
public readonly record struct ChannelName
{
    private const int MaxFeedLength = 64;
    private const int MaxSymbolLength = 24;
    private const int MaxSessionLength = 32;

    private ChannelName(string? session, string feed, string? symbol)
    {
        Session = session;
        Feed = feed;
        Symbol = symbol;
    }

    /// <summary>The playback session the channel belongs to; null for the live one.</summary>
    public string? Session { get; }

    /// <summary>The feed, as written: an alias is not resolved here.</summary>
    public string Feed { get; }

    /// <summary>The ticker or contract; null for a market-wide channel.</summary>
    public string? Symbol { get; }

    /// <summary>Parses a name as a client wrote it; letters are folded to the case of their part.</summary>
    /// <param name="text">The name.</param>
    /// <param name="name">The parsed name when the answer is true.</param>
    /// <returns>False when a part is empty, too long or holds a character that is not allowed.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ChannelName name)
    {
        name = default;
        string? session = null;
        if (text is ['@', ..])
        {
            var slash = text.IndexOf('/');
            if (slash < 0 || !TryPart(text[1..slash], MaxSessionLength, IsSession, upper: false, out session))
            {
                return false;
            }

            text = text[(slash + 1)..];
        }

        var colon = text.IndexOf(':');
        string? symbol = null;
        if (colon >= 0)
        {
            if (!TryParseSymbol(text[(colon + 1)..], out symbol))
            {
                return false;
            }

            text = text[..colon];
        }

        if (!TryPart(text, MaxFeedLength, IsFeed, upper: false, out var feed))
        {
            return false;
        }

        name = new ChannelName(session, feed, symbol);
        return true;
    }

    /// <summary>Parses a ticker or contract on its own, folded to upper case.</summary>
    /// <param name="text">One to 24 characters of <c>A-Z 0-9 . - / _ ^</c>.</param>
    /// <param name="symbol">The symbol when the answer is true.</param>
    public static bool TryParseSymbol(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? symbol)
        => TryPart(text, MaxSymbolLength, IsSymbol, upper: true, out symbol);

    /// <summary>The same channel under the feed's canonical name, with or without a symbol.</summary>
    /// <param name="feed">A canonical feed name; must be well formed.</param>
    /// <param name="symbol">A well-formed symbol, or null.</param>
    /// <exception cref="ArgumentException">A part is not well formed.</exception>
    public static ChannelName Of(string feed, string? symbol = null)
        => TryParse(symbol is null ? feed : $"{feed}:{symbol}", out var name)
            ? name
            : throw new ArgumentException($"'{feed}' and '{symbol}' do not make a channel name.", nameof(feed));

    /// <inheritdoc/>
    public override string ToString() => (Session, Symbol) switch
    {
        (null, null) => Feed ?? string.Empty,
        (null, _) => $"{Feed}:{Symbol}",
        (_, null) => $"@{Session}/{Feed}",
        _ => $"@{Session}/{Feed}:{Symbol}",
    };

    private static bool TryPart(ReadOnlySpan<char> text, int maxLength, Func<char, bool> allowed, bool upper, [NotNullWhen(true)] out string? part)
    {
        part = null;
        if (text.IsEmpty || text.Length > maxLength)
        {
            return false;
        }

        Span<char> folded = stackalloc char[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            folded[i] = upper ? (c is >= 'a' and <= 'z' ? (char)(c - 32) : c) : (c is >= 'A' and <= 'Z' ? (char)(c + 32) : c);
            if (!allowed(folded[i]))
            {
                return false;
            }
        }

        part = folded.ToString();
        return true;
    }

    private static bool IsFeed(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_';

    private static bool IsSession(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';

    private static bool IsSymbol(char c) => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '-' or '/' or '_' or '^';
}
