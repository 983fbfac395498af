namespace Tidewire.Testing.UnusualWhales;

/// <summary>One upgrade request as it arrived.</summary>
/// <param name="Path">The path, such as <c>/socket</c>.</param>
/// <param name="Query">The query without the question mark, as sent.</param>
/// <param name="Token">The value of <c>token</c> in the query, decoded; null when absent.</param>
/// <param name="Headers">All headers; names in any case.</param>
/// <param name="At">When it arrived, by the clock that the fake was given.</param>
public sealed record HandshakeAttempt(
    string Path, string Query, string? Token, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At)
{
    /// <summary>The status it was answered with: 101, a refusal, or 0 for no answer.</summary>
    public int Answer { get; init; }

    /// <summary>The User-Agent; the vendor's edge turns away default ones.</summary>
    public string? UserAgent => Headers.GetValueOrDefault("User-Agent");

    internal static HandshakeAttempt From(string requestLine, IReadOnlyDictionary<string, string> headers, DateTimeOffset at)
    {
        var parts = requestLine.Split(' ');
        var target = parts.Length > 1 ? parts[1] : "";
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (target, "") : (target[..question], target[(question + 1)..]);
        var token = query.Split('&')
            .Where(pair => pair.StartsWith("token=", StringComparison.Ordinal))
            .Select(pair => Uri.UnescapeDataString(pair["token=".Length..]))
            .FirstOrDefault();
        return new(path, query, token, headers, at);
    }
}
