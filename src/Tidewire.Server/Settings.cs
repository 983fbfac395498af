using System.Globalization;
using Tidewire.Server.Access;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server;

/// <summary>Which upstream to run.</summary>
internal enum UpstreamChoice
{
    /// <summary>The provider's socket.</summary>
    UnusualWhales,

    /// <summary>The simulated market.</summary>
    Simulated,

    /// <summary>None: streaming is disabled.</summary>
    None,
}

/// <summary>The settings that are named in the environment, read and checked once. Everything else is options of its room.</summary>
internal sealed class Settings
{
    private Settings()
    {
    }

    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>Origins beside our own addresses that a browser may come from.</summary>
    public required IReadOnlySet<string> AllowedOrigins { get; init; }

    public required UpstreamChoice Upstream { get; init; }

    public required UnusualWhalesOptions UnusualWhales { get; init; }

    /// <summary>The provider's REST side; null when it is turned off.</summary>
    public required Uri? RestUrl { get; init; }

    /// <summary>The shortest time between two rounds of polls in market hours; null for the default.</summary>
    public required TimeSpan? UpdateInterval { get; init; }

    /// <summary>The same out of market hours.</summary>
    public required TimeSpan? AfterHoursInterval { get; init; }

    /// <summary>The folder for what outlives the process.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What the settings of the environment say of the request budget.</summary>
    public void Apply(RequestBudgetOptions options)
    {
        options.UpdateInterval = UpdateInterval ?? options.UpdateInterval;
        options.AfterHoursInterval = AfterHoursInterval ?? options.AfterHoursInterval;
    }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">One cannot be used.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var urls = ReadUrls(configuration["TIDEWIRE_URLS"]);
        var origins = ReadOrigins(configuration["TIDEWIRE_ALLOWED_ORIGINS"]);
        var token = ReadToken(configuration);
        var socketUrl = UnusualWhalesOptions.DefaultSocketUrl;
        if (configuration["UW_SOCKET_URL"] is { Length: > 0 } text)
        {
            socketUrl = UnusualWhalesOptions.Check(text, out var url) is { } fault ? throw new SettingsException(fault) : url!;
        }

        var upstream = (configuration["TIDEWIRE_UPSTREAM"] ?? "auto").ToLowerInvariant() switch
        {
            "auto" or "" => token.Length > 0 ? UpstreamChoice.UnusualWhales : UpstreamChoice.Simulated,
            "uw" when token.Length == 0 => throw new SettingsException("TIDEWIRE_UPSTREAM=uw needs a token: set UW_API_TOKEN, UW_KEY or UW_API_TOKEN_FILE, or leave TIDEWIRE_UPSTREAM at auto to see a simulated market."),
            "uw" => UpstreamChoice.UnusualWhales,
            "simulated" => UpstreamChoice.Simulated,
            "none" => UpstreamChoice.None,
            var other => throw new SettingsException($"TIDEWIRE_UPSTREAM is '{other}'. Allowed: auto, uw, simulated, none."),
        };
        return new Settings
        {
            Urls = urls,
            AllowedOrigins = origins,
            Upstream = upstream,
            UnusualWhales = new UnusualWhalesOptions { SocketUrl = socketUrl, Token = token },
            RestUrl = ReadRestUrl(configuration["UW_REST_URL"], socketUrl),
            UpdateInterval = ReadSeconds(configuration, "REALTIME_UPDATE_INTERVAL"),
            AfterHoursInterval = ReadSeconds(configuration, "REALTIME_AFTER_HOURS_INTERVAL"),
            DataFolder = configuration["TIDEWIRE_DATA"] is { Length: > 0 } folder ? folder : "./data",
        };
    }

    /// <summary>The REST side stands at the socket's host unless it is said otherwise: a token meant for one host is not sent to another.</summary>
    private static Uri? ReadRestUrl(string? text, Uri socketUrl)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new UriBuilder(socketUrl.Scheme == "wss" ? "https" : "http", socketUrl.Host, socketUrl.Port).Uri;
        }

        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.PathAndQuery == "/"
            ? url
            : throw new SettingsException("UW_REST_URL must be http://HOST[:PORT] or https://HOST[:PORT], such as https://api.unusualwhales.com, without path, query, user or token; or none, for a gateway that makes no REST request.");
    }

    private static TimeSpan? ReadSeconds(IConfiguration configuration, string name)
    {
        if (configuration[name] is not { Length: > 0 } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.1 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new SettingsException($"{name} is '{text}'. Allowed: seconds from 0.1 to 86400, such as 5.");
    }

    private static List<Uri> ReadUrls(string? text)
    {
        var urls = new List<Uri>();
        foreach (var part in (string.IsNullOrWhiteSpace(text) ? "http://127.0.0.1:8000" : text).Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(part, UriKind.Absolute, out var url) || url.Scheme is not "http")
            {
                throw new SettingsException($"TIDEWIRE_URLS holds '{part}'. Allowed: http://ADDRESS:PORT, such as http://127.0.0.1:8000; several are separated by ';'.");
            }

            if (!PublicAddress.IsLoopback(url))
            {
                throw new SettingsException($"TIDEWIRE_URLS holds the public address '{part}', and this version has no authentication: everyone who reaches it would read your provider's data. Listen on http://127.0.0.1:PORT and let clients come through a tunnel such as 'ssh -L 8000:127.0.0.1:8000 HOST'.");
            }

            urls.Add(url);
        }

        return urls;
    }

    private static HashSet<string> ReadOrigins(string? text)
    {
        var origins = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in (text ?? string.Empty).Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(part, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            {
                throw new SettingsException($"TIDEWIRE_ALLOWED_ORIGINS holds '{part}'. Allowed: SCHEME://HOST[:PORT], such as http://localhost:5173; several are separated by ';'.");
            }

            if (!PublicAddress.IsLoopback(url))
            {
                throw new SettingsException($"TIDEWIRE_ALLOWED_ORIGINS holds '{part}', a page that is not on this machine, and this version has no authentication: that page could read your provider's data. Allow loopback origins only, such as http://localhost:5173.");
            }

            origins.Add(url.GetLeftPart(UriPartial.Authority));
        }

        return origins;
    }

    private static string ReadToken(IConfiguration configuration)
    {
        foreach (var name in (string[])["UW_API_TOKEN", "UW_KEY"])
        {
            if (configuration[name]?.Trim() is { Length: > 0 } token)
            {
                return token;
            }
        }

        if (configuration["UW_API_TOKEN_FILE"] is not { Length: > 0 } file)
        {
            return string.Empty;
        }

        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } token
                ? token
                : throw new SettingsException($"UW_API_TOKEN_FILE names '{file}', which is empty. Put the token in it, or unset the variable to see a simulated market.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"UW_API_TOKEN_FILE names '{file}', which cannot be read: {exception.Message}");
        }
    }
}
