using System.Text.RegularExpressions;

namespace Tidewire.Tests.Architecture;

/// <summary>One line of code and where it stands; comments and the insides of text are blank.</summary>
internal sealed record SourceLine(string File, int Number, string Code)
{
    /// <summary>The room of the engine it stands in, by folder; empty outside of one.</summary>
    public string Room => File.Split('/') is ["src", "Tidewire", var room, _, ..] ? room : "";

    public override string ToString() => $"{File}:{Number}: {Code.Trim()}";
}

/// <summary>The source files under <c>src/</c>.</summary>
internal static partial class SourceTree
{
    public static DirectoryInfo Source { get; } = new(Path.Combine(Repository.Root?.FullName ?? throw new DirectoryNotFoundException("Tidewire.slnx stands in no folder above the tests; set TIDEWIRE_ROOT."), "src"));

    public static IEnumerable<FileInfo> Files(string pattern) => Source.EnumerateFiles(pattern, SearchOption.AllDirectories).Where(file => !Built().IsMatch(Name(file)));

    /// <summary>The path from the root of the repository.</summary>
    public static string Name(FileSystemInfo file) => Path.GetRelativePath(Source.Parent!.FullName, file.FullName).Replace('\\', '/');

    /// <summary>Every line of C# under a folder of <c>src/</c>.</summary>
    public static IEnumerable<SourceLine> Lines(string folder) =>
        from file in Files("*.cs")
        where Name(file).StartsWith($"src/{folder}/", StringComparison.Ordinal)
        from line in Noise().Replace(File.ReadAllText(file.FullName), Blank).Split('\n').Select((code, index) => new SourceLine(Name(file), index + 1, code))
        select line;

    /// <summary>Spaces in place of what is no code; lines stay lines.</summary>
    private static string Blank(Match noise) => LineBreakless().Replace(noise.Value, " ");

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|\"{3}[\s\S]*?\"{3}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""")]
    private static partial Regex Noise();

    [GeneratedRegex("[^\n]")]
    private static partial Regex LineBreakless();

    [GeneratedRegex("(^|/)(bin|obj|artifacts|node_modules)/")]
    private static partial Regex Built();
}
