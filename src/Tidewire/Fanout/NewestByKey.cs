using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// The newest publication of each key of a state channel: what conflation leaves for a reader that lags. Guarded by its
/// log, except <see cref="KeyOf"/>.
/// </summary>
internal sealed class NewestByKey
{
    /// <summary>Room for a key.</summary>
    public const int MaxKeyLength = 256;

    /// <summary>What a key costs beside its bytes: array header, its place in the table.</summary>
    private const int Overhead = 96;

    private const int MaxFields = 8;
    private const byte Separator = 0; // stands in no JSON text

    private readonly byte[][] _fields;
    private readonly MemoryBudget _budget;
    private readonly Dictionary<byte[], Publication> _newest;
    private readonly Dictionary<byte[], Publication>.AlternateLookup<ReadOnlySpan<byte>> _newestBySpan;

    private NewestByKey(string[] fields, MemoryBudget budget)
    {
        _fields = [.. fields.Select(Encoding.UTF8.GetBytes)];
        _budget = budget;
        _newest = new Dictionary<byte[], Publication>(ByBytes.Instance);
        _newestBySpan = _newest.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The table of a channel; null when nothing of it may be merged.</summary>
    /// <param name="name">The channel: where it carries the symbol, all of it has the same.</param>
    /// <param name="feed">Its feed.</param>
    /// <param name="budget">Where keys are counted.</param>
    public static NewestByKey? Of(ChannelName name, Feed feed, MemoryBudget budget)
    {
        string[] fields = [.. feed.Key.Where(field => name.Symbol is null || field != "ticker")];
        return feed.Class == FeedClass.Event || fields.Length > MaxFields ? null : new NewestByKey(fields, budget);
    }

    /// <summary>Copies a payload's key. False when it has none: it is never merged.</summary>
    /// <param name="publication">The publication.</param>
    /// <param name="into">Room for <see cref="MaxKeyLength"/>.</param>
    /// <param name="length">Its length.</param>
    public bool KeyOf(Publication publication, Span<byte> into, out int length)
    {
        length = 0;
        if (publication.Gap is not null)
        {
            return false;
        }

        Span<Range> values = stackalloc Range[MaxFields];
        if (!TryFind(publication.Payload, values[.._fields.Length]))
        {
            return false;
        }

        foreach (var range in values[.._fields.Length])
        {
            var value = publication.Payload[range];
            if (length + value.Length + 1 > into.Length)
            {
                return false;
            }

            value.CopyTo(into[length..]);
            length += value.Length;
            into[length++] = Separator;
        }

        return true;
    }

    /// <summary>Notes a publication as the newest of its key; the one before is superseded.</summary>
    public void Add(ReadOnlySpan<byte> key, Publication publication)
    {
        if (_newestBySpan.TryGetValue(key, out var known, out var former))
        {
            former.IsSuperseded = true;
            former.Key = null;
        }
        else
        {
            known = key.ToArray();
            _budget.Add(known.Length + Overhead);
        }

        publication.Key = known;
        _newest[known] = publication;
    }

    /// <summary>
    /// A publication leaves memory. True when a reader that has not seen it has missed the value of its key for good; where
    /// the whole channel is one key the next publication is that value.
    /// </summary>
    public bool Remove(Publication publication)
    {
        if (publication.Key is { } key)
        {
            publication.Key = null;
            _newest.Remove(key);
            _budget.Add(-key.Length - Overhead);
        }

        return _fields.Length > 0 && !publication.IsSuperseded && publication.Gap is null;
    }

    /// <summary>Finds the values of the key's fields at the top of an object; stops at the last one.</summary>
    private bool TryFind(ReadOnlySpan<byte> payload, Span<Range> values)
    {
        var missing = values.Length;
        if (missing == 0)
        {
            return true;
        }

        values.Clear();
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = IndexOf(ref reader);
                reader.Read();
                if (field < 0)
                {
                    reader.Skip();
                    continue;
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return false;
                }

                missing -= values[field].Equals(default) ? 1 : 0;
                values[field] = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
                if (missing == 0)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // No object: nothing in it says what it replaces.
        }

        return false;
    }

    private int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _fields.Length; i++)
        {
            if (reader.ValueTextEquals(_fields[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static ByBytes Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
