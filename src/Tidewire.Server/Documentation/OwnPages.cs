using System.IO.Compression;

namespace Tidewire.Server.Documentation;

/// <summary>Files of this room and of Swagger UI, which are in the assemblies: the pages work without a network and without a build of the dashboard.</summary>
internal static class OwnPages
{
    private const string SwaggerFolder = "Swashbuckle.AspNetCore.SwaggerUI.node_modules.swagger_ui_dist.";

    /// <summary>Opens a file of this room.</summary>
    /// <param name="name">Its name without a folder.</param>
    public static Stream Open(string name) => Open(typeof(OwnPages), $"Tidewire.Documentation.{name}");

    /// <summary>The bytes of a file of this room.</summary>
    /// <param name="name">Its name without a folder.</param>
    public static byte[] Read(string name)
    {
        using var stream = Open(name);
        return ReadAll(stream);
    }

    /// <summary>The bytes of a file of Swagger UI, unpacked.</summary>
    /// <param name="name">Its name.</param>
    public static byte[] ReadSwagger(string name)
    {
        using var packed = Open(typeof(Swashbuckle.AspNetCore.SwaggerUI.SwaggerUIOptions), SwaggerFolder + name);
        using var stream = new GZipStream(packed, CompressionMode.Decompress);
        return ReadAll(stream);
    }

    private static Stream Open(Type of, string resource) => of.Assembly.GetManifestResourceStream(resource)
        ?? throw new InvalidOperationException($"The assembly {of.Assembly.GetName().Name} holds no '{resource}'.");

    private static byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
