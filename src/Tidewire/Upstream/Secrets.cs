using System.Text.RegularExpressions;

namespace Tidewire.Upstream;

/// <summary>Takes secrets out of text that will be seen.</summary>
public static partial class Secrets
{
    private const string Mask = "***";

    /// <summary>Shorter ones are no secrets but test values, and masking their letters would garble every line.</summary>
    private const int ShortestSecret = 6;

    /// <summary>
    /// Masks the given secrets, raw and percent-encoded, and the value of every <c>token=</c>, <c>access_token=</c> and
    /// bearer credential, whether the equals sign is percent-encoded or not.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="secrets">Secrets to mask wherever they stand; those under six characters are ignored.</param>
    public static string Redact(string text, params ReadOnlySpan<string> secrets)
    {
        foreach (var secret in secrets.ToArray().OrderByDescending(static secret => secret.Length))
        {
            if (secret.Length >= ShortestSecret)
            {
                text = text.Replace(secret, Mask, StringComparison.Ordinal);
                text = text.Replace(Uri.EscapeDataString(secret), Mask, StringComparison.OrdinalIgnoreCase);
            }
        }

        return Credential().Replace(text, $"$1{Mask}");
    }

    [GeneratedRegex("""((?:token|api_key|apikey|ticket)(?:=|%3d)|bearer\s+)[^\s&"'<>]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Credential();
}
