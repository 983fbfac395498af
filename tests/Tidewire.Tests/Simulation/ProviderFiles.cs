using System.Text.Json;
using Tidewire.Tests.Architecture;

namespace Tidewire.Tests.Simulation;

/// <summary>What is known of the provider, kept beside the repository: captures, examples, the list of channels.</summary>
internal static class ProviderFiles
{
    /// <summary>The path of a file; the test is skipped where it is not there.</summary>
    public static string Require(string file)
    {
        var captures = Environment.GetEnvironmentVariable("TIDEWIRE_CAPTURES");
        var path = captures is { Length: > 0 } && Path.GetDirectoryName(captures.TrimEnd('/')) is { } folder && File.Exists(Path.Combine(folder, file))
            ? Path.Combine(folder, file)
            : Repository.Beside("shared/unusual-whales/" + file);
        Assert.SkipWhen(path is null, $"the provider's {file} is not beside the repository");
        return path!;
    }

    /// <summary>The fields of a channel, and what the list of channels says of each.</summary>
    public static IReadOnlyDictionary<string, string> FieldsOf(string channel)
    {
        using var list = JsonDocument.Parse(File.ReadAllBytes(Require("channels.json")));
        return list.RootElement.GetProperty("channels").EnumerateArray().Single(entry => entry.GetProperty("wire_name").GetString() == channel)
            .GetProperty("fields").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!);
    }
}
