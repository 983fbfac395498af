using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Tidewire.Server.Verbs;

/// <summary>The token, as far as it can be judged without its key. Nothing of it is ever part of a finding.</summary>
internal static class DoctorToken
{
    private static readonly TimeSpan SoonOver = TimeSpan.FromMinutes(5);

    /// <summary>Reads and judges it.</summary>
    /// <returns>The token, null when there is none that could be sent; and what was found.</returns>
    public static async Task<(string? Token, Finding Finding)> LookAsync(string? file, TimeProvider time, CancellationToken cancellation)
    {
        if (file is null)
        {
            return (null, Finding.Ok("token", "None is given. This version of the server asks for none."));
        }

        string token;
        try
        {
            token = await ServerOptions.ReadTokenAsync(file, cancellation) ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, Finding.Fault("token", $"The file '{file}' cannot be read.", "Check --token-file and its permissions."));
        }

        var finding = Judge(token, time.GetUtcNow());
        return (finding.Level == Level.Fault && (token.Length == 0 || token.Any(static c => c <= ' ' || c > '~')) ? null : token, finding);
    }

    internal static Finding Judge(string token, DateTimeOffset now)
    {
        const string Again = "Get a new token from the server's operator.";
        if (token.Length == 0)
        {
            return Finding.Fault("token", "The token file is empty.", Again);
        }

        if (token.Any(static c => c <= ' ' || c > '~'))
        {
            return Finding.Fault("token", "The token has spaces, line ends or other characters that no token has.", "The file must hold the token and nothing else.");
        }

        var parts = token.Split('.');
        if (parts.Length != 3 || Claims(parts[0]) is null || Claims(parts[1]) is not { } claims)
        {
            return Finding.Fault("token", "The token is malformed: it is no JWT of three parts.", Again);
        }

        if (Time(claims, "exp") is { } end)
        {
            var text = end.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            if (end <= now)
            {
                return Finding.Fault("token", $"The token expired at {text}.", Again);
            }

            if (end - now < SoonOver)
            {
                return Finding.Warning("token", $"The token expires soon, at {text}.", Again);
            }
        }

        if (Time(claims, "nbf") is { } begin && begin > now)
        {
            return Finding.Fault("token", "The token is not valid yet.", "Check this machine's clock, or wait.");
        }

        return Finding.Ok("token", "The token is well formed and has not expired. Whether the server takes it shows above.");
    }

    private static DateTimeOffset? Time(JsonElement claims, string name)
        => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static JsonElement? Claims(string part)
    {
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
