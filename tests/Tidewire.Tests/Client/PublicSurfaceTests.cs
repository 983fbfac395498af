using System.Reflection;
using System.Runtime.CompilerServices;
using Tidewire.Client;
using Tidewire.Tests.Architecture;

namespace Tidewire.Tests.Client;

/// <summary>The public surface is a file that is read before it is changed.</summary>
[Trait("Promise", "sdk-dotnet")]
public sealed class PublicSurfaceTests
{
    private const string Update = "TIDEWIRE_UPDATE_PUBLIC_API";

    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void The_public_surface_is_the_one_in_PublicAPI_txt()
    {
        var file = Path.Combine(SourceTree.Source.FullName, "Tidewire.Client", "PublicAPI.txt");
        var now = Lines().ToArray();
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllLines(file, now);
        }

        var tracked = File.Exists(file) ? File.ReadAllLines(file) : [];
        var differences = tracked.Except(now).Select(static line => $"- {line}").Concat(now.Except(tracked).Select(static line => $"+ {line}")).ToArray();
        Assert.True(differences.Length == 0 && tracked.SequenceEqual(now),
            $"The public surface of Tidewire.Client differs from src/Tidewire.Client/PublicAPI.txt:\n{string.Join('\n', differences)}\nWhen that is meant, run this test once with {Update}=1, read the diff, and say it in CHANGELOG.md.");
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: public members: {now.Length}");
    }

    private static IEnumerable<string> Lines() => typeof(TidewireClient).Assembly.GetExportedTypes()
        .OrderBy(static type => type.FullName, StringComparer.Ordinal)
        .SelectMany(static type => Members(type).Distinct().Order(StringComparer.Ordinal).Prepend(Head(type)));

    private static string Head(Type type) => $"{type.FullName}: {(type.IsEnum ? "enum" : type.IsAbstract ? "abstract " + Kind(type) : type.IsSealed ? "sealed " + Kind(type) : Kind(type))}{(type.BaseType is { } parent && parent != typeof(object) && !type.IsEnum ? $" : {parent.Name}" : "")}";

    private static string Kind(Type type) => type.GetMethod("<Clone>$") is null ? "class" : "record";

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(Declared).Where(static member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !member.Name.Contains('<')))
        {
            var line = member switch
            {
                ConstructorInfo constructor => $"new({Parameters(constructor)})",
                MethodInfo { IsSpecialName: false } method => $"{method.Name}({Parameters(method)}): {Name(method.ReturnType)}",
                PropertyInfo property => $"{property.Name}: {Nullable(property)} {{ {string.Join(' ', Accessors(property))} }}",
                EventInfo raised => $"event {raised.Name}: {Name(raised.EventHandlerType!)}",
                FieldInfo { IsLiteral: true } value => $"{value.Name} = {value.GetRawConstantValue()}",
                _ => null,
            };
            if (line is not null)
            {
                yield return $"{type.FullName}.{line}";
            }
        }
    }

    private static IEnumerable<string> Accessors(PropertyInfo property)
    {
        if (property.GetMethod is { IsPublic: true })
        {
            yield return "get;";
        }

        if (property.SetMethod is { IsPublic: true } set)
        {
            yield return set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";
        }
    }

    private static string Nullable(PropertyInfo property)
    {
        lock (Nullability)
        {
            return Name(property.PropertyType) + (!property.PropertyType.IsValueType && Nullability.Create(property).ReadState == NullabilityState.Nullable ? "?" : "");
        }
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "default") : "")}"));

    private static string Name(Type type)
    {
        if (System.Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        return type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
    }
}
