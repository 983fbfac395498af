using System.Globalization;

namespace Tidewire.Server.Verbs;

/// <summary>Limits of this machine that a server with many clients meets.</summary>
internal static class DoctorMachine
{
    private const long FewFiles = 4096;
    private const long ShortBacklog = 1024;

    public static IReadOnlyList<Finding> Look()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var limits = Read("/proc/self/limits")?.Split('\n').FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var files = limits?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return [OpenFiles(files), Backlog(Read("/proc/sys/net/core/somaxconn")?.Trim())];
    }

    internal static Finding OpenFiles(string? limit)
    {
        if (limit == "unlimited")
        {
            return Finding.Ok("open files", "Without limit.");
        }

        return !long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            ? Finding.Warning("open files", "The limit cannot be read.", "Look with ulimit -n.")
            : files < FewFiles
                ? Finding.Warning("open files", $"At most {files} open files: a server here would hold fewer clients than that.", "Raise it: ulimit -n 65536, or LimitNOFILE=65536 in the unit.")
                : Finding.Ok("open files", $"At most {files}.");
    }

    internal static Finding Backlog(string? somaxconn)
        => !long.TryParse(somaxconn, NumberStyles.None, CultureInfo.InvariantCulture, out var backlog)
            ? Finding.Warning("backlog", "The listen backlog cannot be read.", "Look with sysctl net.core.somaxconn.")
            : backlog < ShortBacklog
                ? Finding.Warning("backlog", $"At most {backlog} connections wait to be accepted: when thousands of clients come back at once, some are turned away.", "Raise it: sysctl -w net.core.somaxconn=4096.")
                : Finding.Ok("backlog", $"Up to {backlog} connections wait to be accepted.");

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
