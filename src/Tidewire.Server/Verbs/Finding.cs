namespace Tidewire.Server.Verbs;

/// <summary>How bad a finding is.</summary>
internal enum Level
{
    Ok,
    Warning,
    Fault,
}

/// <summary>What <c>tidewire doctor</c> found.</summary>
/// <param name="Check">What was looked at, in a word.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Says">What was found, in a sentence without any secret.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
internal sealed record Finding(string Check, Level Level, string Says, string? Advice = null)
{
    public static Finding Ok(string check, string says) => new(check, Level.Ok, says);

    public static Finding Warning(string check, string says, string advice) => new(check, Level.Warning, says, advice);

    public static Finding Fault(string check, string says, string advice) => new(check, Level.Fault, says, advice);
}
