using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tidewire.Client;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Tests.Architecture;

/// <summary>Fails on a reference that the design does not allow, between assemblies and between rooms of the engine.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Engine = typeof(Hub).Assembly;
    private static readonly Assembly Contract = typeof(ChannelName).Assembly;
    private static readonly Assembly Sdk = typeof(TidewireClient).Assembly;

    private static readonly ILookup<string, string> TypesOfRooms = Engine.GetTypes().Concat(Contract.GetTypes())
        .Where(type => type.DeclaringType is null)
        .ToLookup(TypeUse.RoomOf, type => type.Name.Split('`')[0]);

    [Fact]
    public void Projects_reference_only_what_they_may()
        => None(
            from file in SourceTree.Files("*.csproj")
            let project = Path.GetFileNameWithoutExtension(file.Name)
            from reference in XDocument.Load(file.FullName).Descendants("ProjectReference")
            let to = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))
            where !Rooms.OfAssemblies.TryGetValue(project, out var allowed) || !allowed.Contains(to)
            select $"{SourceTree.Name(file)}: {project} → {to} is not allowed. {project} may reference: {string.Join(", ", Rooms.OfAssemblies.GetValueOrDefault(project, []))}.");

    [Fact]
    public void There_are_no_source_assemblies_but_the_four()
        => Assert.Subset(Rooms.OfAssemblies.Keys.ToHashSet(), SourceTree.Files("*.csproj").Select(file => Path.GetFileNameWithoutExtension(file.Name)).ToHashSet());

    [Fact]
    public void The_engine_and_the_contract_know_no_web_server_no_database_and_no_other_driver()
        => None(
            from project in (string[])["Tidewire", "Tidewire.Protocol", "Tidewire.Client"]
            from file in SourceTree.Files($"{project}.csproj")
            let document = XDocument.Load(file.FullName)
            let packages = document.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value).Where(package => project != "Tidewire" || !Plain().IsMatch(package))
            let frameworks = document.Descendants("FrameworkReference").Select(reference => reference.Attribute("Include")!.Value)
            let sdk = document.Root!.Attribute("Sdk")!.Value
            from forbidden in packages.Concat(frameworks).Concat(sdk == "Microsoft.NET.Sdk" ? [] : [sdk])
            select $"{SourceTree.Name(file)}: {project} → {forbidden} is not allowed. Drivers and the web server stand in Tidewire.Server.");

    [Fact]
    public void The_built_assemblies_reference_only_what_they_may()
        => None(
            from assembly in (Assembly[])[Engine, Contract, Sdk]
            let name = assembly.GetName().Name!
            from reference in assembly.GetReferencedAssemblies().Select(reference => reference.Name!)
            where !reference.StartsWith("System.", StringComparison.Ordinal) && !Rooms.OfAssemblies[name].Contains(reference) && !(assembly == Engine && Plain().IsMatch(reference))
            select $"{name}.dll: {name} → {reference} is not allowed.");

    [Fact]
    public void Every_folder_of_the_engine_is_a_room_of_the_design()
        => Assert.Subset(Rooms.OfEngine.Keys.ToHashSet(), SourceTree.Lines("Tidewire").Select(line => line.Room).Where(room => room.Length > 0).ToHashSet());

    [Fact]
    public void Sources_of_a_room_name_only_rooms_it_may_use()
        => None(
            from line in SourceTree.Lines("Tidewire")
            from Match match in Qualified().Matches(line.Code)
            let to = match.Groups["room"].Value
            where Rooms.Names.Contains(to) && (match.Groups["root"].Success || TypesOfRooms[to].Contains(match.Groups["type"].Value))
            let type = TypesOfRooms[to].Contains(match.Groups["type"].Value) ? match.Groups["type"].Value : null
            let rule = Rooms.Forbids(line.Room, to, type)
            where rule is not null
            select $"{line}\n    {rule}");

    [Fact]
    public void Types_of_a_room_are_built_only_from_rooms_it_may_use()
        => None((
            from use in TypeUse.Of(Engine)
            let user = TypeUse.RoomOf(use.From)
            let to = TypeUse.RoomOf(use.To)
            where user.Length > 0 && to.Length > 0 && (use.To.Assembly == Engine || use.To.Assembly == Contract)
            let rule = Rooms.Forbids(user, to, use.To.Name.Split('`')[0])
            where rule is not null
            select $"{FileOf(use.From)}: {use.From.FullName}, {use.Member}\n    {rule}").Distinct());

    [Fact]
    public void A_type_stands_in_the_folder_of_its_namespace()
        => None(
            from file in SourceTree.Files("*.cs")
            let declared = Namespace().Match(File.ReadAllText(file.FullName)).Groups["name"].Value
            let parts = SourceTree.Name(file).Split('/')[1..^1]
            where declared.Length > 0 && declared != string.Join('.', parts)
            select $"{SourceTree.Name(file)}: its namespace is {declared}, not {string.Join('.', parts)}.");

    [Fact]
    public void The_contract_uses_nothing_of_the_engine()
        => None(
            from line in SourceTree.Lines("Tidewire.Protocol")
            from Match match in Qualified().Matches(line.Code)
            where match.Groups["root"].Success && match.Groups["room"].Value != "Protocol"
            select $"{line}\n    Tidewire.Protocol → {match.Groups["room"].Value} is not allowed.");

    [Fact]
    public void The_server_uses_the_client_from_its_verbs_only()
        => None(
            from line in SourceTree.Lines("Tidewire.Server")
            where !line.File.StartsWith("src/Tidewire.Server/Verbs/", StringComparison.Ordinal) && OfTheClient().IsMatch(line.Code)
            select $"{line}\n    Tidewire.Server → Tidewire.Client is allowed in Verbs only: a server that serves speaks to no server.");

    [Fact]
    public void The_verbs_that_are_clients_use_nothing_of_the_engine()
        => None(
            from line in SourceTree.Lines("Tidewire.Server")
            let name = Path.GetFileNameWithoutExtension(line.File)
            where line.File.StartsWith("src/Tidewire.Server/Verbs/", StringComparison.Ordinal) && (name.StartsWith("Tail", StringComparison.Ordinal) || name.StartsWith("Doctor", StringComparison.Ordinal))
            from Match match in Qualified().Matches(line.Code)
            where match.Groups["root"].Success && Rooms.OfEngine.ContainsKey(match.Groups["room"].Value)
            select $"{line}\n    A verb that is a client sees what a client sees: Tidewire.Client and Tidewire.Protocol.");

    [Fact]
    public void The_client_uses_the_contract_and_nothing_else_of_ours()
        => None(
            from line in SourceTree.Lines("Tidewire.Client")
            from Match match in Qualified().Matches(line.Code)
            where match.Groups["root"].Success && match.Groups["room"].Value is not ("Protocol" or "Client")
            select $"{line}\n    Tidewire.Client → {match.Groups["room"].Value} is not allowed.");

    [Fact]
    public void No_file_is_a_manager_a_helper_or_utilities()
        => None(
            from file in SourceTree.Files("*.cs")
            where Vague().IsMatch(Path.GetFileNameWithoutExtension(file.Name)) || SourceTree.Name(file).Split('/').Any(folder => folder is "Services" or "Models" or "Interfaces")
            select $"{SourceTree.Name(file)}: a file says what it is about, and a folder is a concept.");

    private static string FileOf(Type type)
    {
        for (; type.DeclaringType is { } outer; type = outer)
        {
        }

        var declaration = new Regex($@"\b(class|struct|record|interface|enum|delegate)\b[^;{{]*\b{Regex.Escape(type.Name.Split('`')[0])}\b");
        return SourceTree.Lines("Tidewire").FirstOrDefault(line => declaration.IsMatch(line.Code)) is { } line ? $"{line.File}:{line.Number}" : type.Assembly.GetName().Name!;
    }

    private static void None(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, $"{found.Count} forbidden:\n{string.Join('\n', found)}");
    }

    /// <summary>What every program on .NET is made with: options, logging, registration.</summary>
    [GeneratedRegex(@"^Microsoft\.Extensions\.(DependencyInjection|Logging|Options|Configuration)(\.\w+)*$")]
    private static partial Regex Plain();

    /// <summary><c>Tidewire.Room</c>, or <c>Room.Type</c> as a sibling namespace can be written.</summary>
    [GeneratedRegex(@"(?<![\w.])(?:global::)?(?<root>Tidewire\.)?(?<room>[A-Z]\w*)(?:\.(?<type>[A-Z]\w*))?")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"\bTidewire\.Client\b|\bTidewireClient\w*\b")]
    private static partial Regex OfTheClient();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex("(Manager|Helpers?|Util(s|ities|ity)?)$")]
    private static partial Regex Vague();
}
