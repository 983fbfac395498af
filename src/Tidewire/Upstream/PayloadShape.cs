using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tidewire.Upstream;

/// <summary>How the payloads of a feed look that were looked at, held against the provider's documentation.</summary>
/// <param name="Fingerprint">Stands for all fields and types seen: it changes when the provider changes them, and only then.</param>
/// <param name="Fields">Fields seen.</param>
/// <param name="Looked">Payloads looked at; a few of each feed, not all.</param>
/// <param name="IsDocumented">Whether the feed's fields are documented; otherwise the lists below are empty.</param>
/// <param name="Undocumented">Fields that came and are not documented. The provider may name them anything: mask secrets before they are shown.</param>
/// <param name="Missing">Documented fields that were in none of the payloads.</param>
/// <param name="OtherTypes">Documented fields that came with another JSON type.</param>
public sealed record ShapeView(string Fingerprint, int Fields, long Looked, bool IsDocumented, IReadOnlyList<string> Undocumented, IReadOnlyList<string> Missing, IReadOnlyList<string> OtherTypes)
{
    /// <summary>In how many fields the payloads differ from the documentation.</summary>
    public int Drift => Undocumented.Count + Missing.Count + OtherTypes.Count;
}

/// <summary>How a field differs from its documentation, seen for the first time.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Kind">The JSON type it came with.</param>
/// <param name="Documented">The type that is documented; null where the field is not.</param>
internal readonly record struct ShapeDrift(string Field, string Kind, string? Documented);

/// <summary>Gathers the fields of one feed's payloads and their JSON types. Thread-safe.</summary>
/// <param name="documented">What is documented; null for nothing.</param>
internal sealed class PayloadShape(FrozenDictionary<string, DocumentedField>? documented)
{
    /// <summary>Bounds what a provider can make us keep.</summary>
    private const int MostFields = 256;

    private const int LongestName = 64;

    private readonly Lock _gate = new();
    private readonly SortedSet<(string Field, string Kind)> _seen = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _looked;

    /// <summary>What was gathered; null before the first payload.</summary>
    public ShapeView? View
    {
        get
        {
            lock (_gate)
            {
                return _looked == 0 ? null : ViewLocked();
            }
        }
    }

    /// <summary>Takes a payload in.</summary>
    /// <param name="payload">One JSON object, known to be valid.</param>
    /// <returns>What differs from the documentation and was not seen before.</returns>
    public IReadOnlyList<ShapeDrift> Look(ReadOnlySpan<byte> payload)
    {
        List<ShapeDrift>? drift = null;
        var json = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        json.Read();
        lock (_gate)
        {
            _looked++;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = NameOf(ref json);
                json.Read();
                var kind = KindOf(json.TokenType);
                json.Skip();
                if (NoteLocked(name, kind) is { } differs)
                {
                    (drift ??= []).Add(differs);
                }
            }
        }

        return drift ?? [];
    }

    private ShapeDrift? NoteLocked(string name, string? kind)
    {
        if (!_names.Contains(name) && _names.Count >= MostFields)
        {
            return null;
        }

        // A null says nothing of the type: it counts as the one that is documented, or as none.
        var known = default(DocumentedField);
        var isKnown = documented is not null && documented.TryGetValue(name, out known);
        var isNew = _names.Add(name);
        if (kind is not null && !_seen.Add((name, kind)))
        {
            return null;
        }

        if (documented is null || (isKnown && (kind is null || known.Kind == kind || known.Kind == "any")) || (!isKnown && !isNew))
        {
            return null;
        }

        return new(name, kind ?? "null", isKnown ? known.Kind : null);
    }

    private ShapeView ViewLocked()
    {
        string[] undocumented = documented is null ? [] : [.. _names.Where(name => !documented.ContainsKey(name)).Order(StringComparer.Ordinal)];
        string[] missing = documented is null ? [] : [.. documented.Where(field => !field.Value.IsOptional && !_names.Contains(field.Key)).Select(static field => field.Key).Order(StringComparer.Ordinal)];
        string[] others = documented is null ? [] : [.. _seen.Where(seen => documented.TryGetValue(seen.Field, out var field) && field.Kind != "any" && field.Kind != seen.Kind).Select(static seen => seen.Field).Distinct()];
        return new(FingerprintLocked(), _names.Count, _looked, documented is not null, undocumented, missing, others);
    }

    private string FingerprintLocked()
    {
        var text = string.Concat(_seen.Select(static seen => $"{seen.Field}\0{seen.Kind}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }

    private static string NameOf(ref Utf8JsonReader json)
    {
        string name;
        try
        {
            name = json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            name = "?"; // an escape that is no character
        }

        // Not cut: a secret that stands in it could not be found any more, and be masked.
        return name.Length > LongestName
            ? string.Create(CultureInfo.InvariantCulture, $"({name.Length} characters)")
            : string.Concat(name.Select(static letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
    }

    private static string? KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "boolean",
        JsonTokenType.StartArray => "array",
        JsonTokenType.StartObject => "object",
        _ => null,
    };
}
