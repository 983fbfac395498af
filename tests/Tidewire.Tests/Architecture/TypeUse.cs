using System.Reflection;

namespace Tidewire.Tests.Architecture;

/// <summary>Which types a type of an assembly is built from: bases, fields, properties, signatures, locals, attributes.</summary>
internal static class TypeUse
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Every use of one type by another, with the member that makes it.</summary>
    public static IEnumerable<(Type From, string Member, Type To)> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        from use in Of(type)
        from part in Parts(use.Type).Distinct()
        select (type, use.Member, part);

    /// <summary>The first namespace below the assembly's: <c>Fanout</c> of <c>Tidewire.Fanout</c>; <c>Protocol</c> for all of that assembly.</summary>
    public static string RoomOf(Type type)
    {
        for (; type.DeclaringType is { } outer; type = outer)
        {
        }

        var parts = (type.Namespace ?? "").Split('.');
        return parts is ["Tidewire", var room, ..] ? room : "";
    }

    private static IEnumerable<(string Member, Type Type)> Of(Type type)
    {
        IEnumerable<(string, Type)> bases = type.GetInterfaces().Append(type.BaseType ?? typeof(object)).Select(used => ("its bases", used));
        var fields = type.GetFields(All).Select(field => (field.Name, field.FieldType));
        var events = type.GetEvents(All).Select(raised => (raised.Name, raised.EventHandlerType!));
        var attributes = type.GetCustomAttributesData().Select(attribute => ("its attributes", attribute.AttributeType));
        var methods = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(Of);
        return bases.Concat(fields).Concat(events).Concat(attributes).Concat(methods);
    }

    private static IEnumerable<(string Member, Type Type)> Of(MethodBase method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);
        types = method is MethodInfo function ? types.Append(function.ReturnType) : types;
        types = method.IsGenericMethod ? types.Concat(method.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints())) : types;
        return types.Select(type => (method.Name, type));
    }

    /// <summary>A type and what it is made of: elements, arguments.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }
}
