namespace Tidewire.Tests.Architecture;

/// <summary>What may know what. A room that is not named here knows nothing.</summary>
internal static class Rooms
{
    /// <summary>Source assemblies and what each may reference.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> OfAssemblies = new Dictionary<string, string[]>
    {
        ["Tidewire.Protocol"] = [],
        ["Tidewire"] = ["Tidewire.Protocol"],
        ["Tidewire.Server"] = ["Tidewire", "Tidewire.Protocol", "Tidewire.Client"],
        ["Tidewire.Client"] = ["Tidewire.Protocol"],
    };

    /// <summary>Rooms of the engine and the rooms each may use. A type after a dot is all that may be used of that room.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> OfEngine = new Dictionary<string, string[]>
    {
        ["Market"] = [],
        ["Access"] = ["Protocol"],
        ["Fanout"] = ["Access", "Protocol"],
        ["Upstream"] = ["Fanout", "Market", "Protocol"],
        ["Simulation"] = ["Upstream", "Market", "Fanout.PublicationSource"],
        ["Recording"] = ["Fanout", "Upstream"],
        ["Alerts"] = ["Fanout", "Market"],
    };

    /// <summary>Every name that a room may be known by.</summary>
    public static IEnumerable<string> Names => OfEngine.Keys.Append("Protocol");

    /// <summary>Null when one room may use a type of another, else the rule.</summary>
    public static string? Forbids(string from, string to, string? type)
    {
        if (from == to)
        {
            return null;
        }

        var allowed = OfEngine.GetValueOrDefault(from, []);
        return allowed.Contains(to) || allowed.Any(use => use.StartsWith($"{to}.", StringComparison.Ordinal) && (type is null || use == $"{to}.{type}"))
            ? null
            : $"{from} → {to}{(type is null ? "" : $".{type}")} is not allowed. {from} may use: {(allowed.Length == 0 ? "nothing" : string.Join(", ", allowed))}. Another direction takes an architecture decision.";
    }
}
