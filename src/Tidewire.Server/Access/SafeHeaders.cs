namespace Tidewire.Server.Access;

/// <summary>Headers of every answer, which tell browsers how little a page of ours may do.</summary>
internal static class SafeHeaders
{
    /// <summary>The page loads nothing from elsewhere and speaks to no one but this server.</summary>
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly (string Name, string Value)[] All =
    [
        ("Content-Security-Policy", ContentPolicy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ];

    /// <summary>As lines of a head, each with its end.</summary>
    public static string Lines { get; } = string.Concat(All.Select(static header => $"{header.Name}: {header.Value}\r\n"));

    public static void UseSafeHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        foreach (var (name, value) in All)
        {
            context.Response.Headers[name] = value;
        }

        return next(context);
    });
}
