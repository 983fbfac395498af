namespace Tidewire.Server.Verbs;

/// <summary>How the verbs that speak to a server end; scripts rely on the numbers.</summary>
internal static class ExitCode
{
    /// <summary>It ended as it was asked to.</summary>
    public const int Ended = 0;

    /// <summary>The server refused it.</summary>
    public const int Refused = 1;

    /// <summary>It was called wrongly.</summary>
    public const int Usage = 2;

    /// <summary>The server could not be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>It was interrupted.</summary>
    public const int Interrupted = 130;
}
