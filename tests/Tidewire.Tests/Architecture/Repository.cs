namespace Tidewire.Tests.Architecture;

/// <summary>The repository these tests were built from: the folder that holds Tidewire.slnx, or <c>TIDEWIRE_ROOT</c>.</summary>
internal static class Repository
{
    public static DirectoryInfo? Root { get; } = Find();

    /// <summary>A file beside the repository; null when it is not there.</summary>
    public static string? Beside(string path) => Root?.Parent is { } parent && File.Exists(Path.Combine(parent.FullName, path)) ? Path.Combine(parent.FullName, path) : null;

    private static DirectoryInfo? Find()
    {
        if (Environment.GetEnvironmentVariable("TIDEWIRE_ROOT") is { Length: > 0 } given)
        {
            return new DirectoryInfo(given);
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tidewire.slnx")))
        {
            folder = folder.Parent;
        }

        return folder;
    }
}
