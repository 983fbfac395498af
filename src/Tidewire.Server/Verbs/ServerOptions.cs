using System.CommandLine;

namespace Tidewire.Server.Verbs;

/// <summary>Where the server is and who asks: options of every verb that speaks to one.</summary>
internal static class ServerOptions
{
    public static Option<Uri> Url() => new("--url")
    {
        Description = "The server's address.",
        CustomParser = static given => new Uri(given.Tokens[0].Value, UriKind.RelativeOrAbsolute), // Check says what is wrong with it
        DefaultValueFactory = static _ => new Uri(Environment.GetEnvironmentVariable("TIDEWIRE_URLS")?.Split([';', ','])[0] is { Length: > 0 } first ? first : "http://127.0.0.1:8000", UriKind.RelativeOrAbsolute),
    };

    public static Option<string?> TokenFile() => new("--token-file") { Description = "A file that holds the token. It is never shown." };

    /// <summary>Null when they can be used, else what was wrong.</summary>
    public static string? Check(Uri url, string? tokenFile)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https" or "ws" or "wss"))
        {
            return "--url must be an address such as http://127.0.0.1:8000.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "--url must not hold a password. Give a token with --token-file.";
        }

        return tokenFile is null || File.Exists(tokenFile) ? null : $"--token-file '{tokenFile}' is not there.";
    }

    /// <summary>The token in a file, without the line's end.</summary>
    public static async ValueTask<string?> ReadTokenAsync(string file, CancellationToken cancellation) => (await File.ReadAllTextAsync(file, cancellation)).Trim();
}
