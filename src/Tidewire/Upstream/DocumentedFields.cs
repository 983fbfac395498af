using System.Collections.Frozen;
using System.Text.Json;

namespace Tidewire.Upstream;

/// <summary>What the provider's documentation says of one field of a payload.</summary>
/// <param name="Kind">Its JSON type by name, or <c>any</c> where it is not said.</param>
/// <param name="IsOptional">Whether payloads without it are documented.</param>
internal readonly record struct DocumentedField(string Kind, bool IsOptional);

/// <summary>
/// The fields that the provider's documentation names for each feed of its socket: <c>documented-fields.json</c> of this
/// assembly. A type that ends in <c>?</c> is that of a field that may be absent; any may be null.
/// </summary>
internal static class DocumentedFields
{
    private const string Resource = "Tidewire.Upstream.documented-fields.json";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, DocumentedField>> ByFeed = Load();

    /// <summary>The fields of a feed; null where nothing is documented.</summary>
    /// <param name="feed">The feed's name.</param>
    public static FrozenDictionary<string, DocumentedField>? Of(string feed) => ByFeed.GetValueOrDefault(feed);

    private static FrozenDictionary<string, FrozenDictionary<string, DocumentedField>> Load()
    {
        using var stream = typeof(DocumentedFields).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidDataException($"The assembly lacks {Resource}.");
        using var file = JsonDocument.Parse(stream);
        return file.RootElement.EnumerateObject().ToFrozenDictionary(
            static feed => feed.Name,
            static feed => feed.Value.EnumerateObject().ToFrozenDictionary(static field => field.Name, static field => Read(field.Value.GetString()!), StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    private static DocumentedField Read(string text) => new(text.TrimEnd('?'), text.EndsWith('?'));
}
