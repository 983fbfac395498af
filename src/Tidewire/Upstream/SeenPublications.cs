using System.Text;
using System.Text.Json;
using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <summary>What is known of a publication that the provider has just sent.</summary>
/// <param name="IsDuplicate">Whether its id was published with these very bytes.</param>
/// <param name="Replaces">The offset of the newest entry with its id, whose content is another; 0 when its id is new.</param>
internal readonly record struct Seen(bool IsDuplicate, long Replaces);

/// <summary>
/// The ids that were published of each channel whose feed has one, and with what bytes: so that what the provider sends
/// twice is published once, and what it corrects names the entry that it corrects. Thread-safe.
/// </summary>
/// <remarks>
/// Only what comes over the provider's socket is looked at: whether its ids are those of REST is unproven. Kept are the newest
/// ids of a channel, 65,536 at most, as fingerprints of 68 bytes each, and 524,288 of all channels together, or 36 MB: when
/// there is no room, channels that have been quiet for longest lose theirs, and the others do not grow. An id that is
/// forgotten counts as new: then a duplicate is published, and nothing is ever left out that was not.
/// </remarks>
/// <param name="catalogue">Which feeds have an id.</param>
/// <param name="most">Ids kept of all channels together.</param>
public sealed class SeenPublications(FeedCatalogue catalogue, int most = 1 << 19)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SeenIds> _channels = new(StringComparer.Ordinal);
    private readonly (byte[] Feed, byte[] Field)[] _fields = [.. catalogue.Feeds
        .Where(static feed => feed is { Origin: FeedOrigin.Join, IdField: not null })
        .Select(static feed => (Encoding.UTF8.GetBytes(feed.Name), Encoding.UTF8.GetBytes(feed.IdField!)))];

    private int _room;
    private long _looks;

    /// <summary>Takes note of an entry that was published before this process started, as a store gives it back: oldest first.</summary>
    /// <param name="log">The channel it stands in.</param>
    /// <param name="publication">The entry. One that is a gap, did not come over the socket or has no id is passed over.</param>
    public void Learn(ChannelLog log, Publication publication)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(publication);
        if (publication is { Gap: null, IsFrame: true } && FieldOf(log.NameUtf8.Span) is { IsEmpty: false } field && IdOf(publication.Payload, field) is { IsEmpty: false } id)
        {
            lock (_gate)
            {
                var ids = OfLocked(log.Name.ToString());
                ids.Published(Fingerprint.Of(id), Fingerprint.Of(publication.Payload), publication.Offset);
                GrowLocked(ids);
            }
        }
    }

    /// <summary>The payload field that identifies a publication of a channel, UTF-8; empty where there is none.</summary>
    /// <param name="channel">The channel's name, UTF-8.</param>
    internal ReadOnlySpan<byte> FieldOf(ReadOnlySpan<byte> channel)
    {
        foreach (var (feed, field) in _fields)
        {
            if (channel.StartsWith(feed) && (channel.Length == feed.Length || channel[feed.Length] == (byte)':'))
            {
                return field;
            }
        }

        return default;
    }

    /// <summary>Whether nothing is known of a channel, not even that it is looked at.</summary>
    internal bool IsNew(string channel)
    {
        lock (_gate)
        {
            return !_channels.ContainsKey(channel);
        }
    }

    /// <summary>What is known of a publication. One that is no duplicate is to be <see cref="Published"/> next, by the same thread.</summary>
    /// <param name="channel">Its channel.</param>
    /// <param name="id">Its id as it stands in the payload, not empty.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="look">What <see cref="Published"/> is given.</param>
    internal Seen Look(string channel, ReadOnlySpan<byte> id, ReadOnlySpan<byte> payload, out SeenLook look)
    {
        var (ofId, ofPayload) = (Fingerprint.Of(id), Fingerprint.Of(payload));
        lock (_gate)
        {
            var ids = OfLocked(channel);
            look = new SeenLook(ids, ofId, ofPayload);
            ids.TouchedAt = ++_looks;
            return ids.TryGet(look.Id, out var known, out var offset) ? known == look.Payload ? new(true, offset) : new(false, offset) : default;
        }
    }

    /// <summary>It was published.</summary>
    /// <param name="look">What <see cref="Look"/> gave.</param>
    /// <param name="offset">The offset that it was given.</param>
    internal void Published(in SeenLook look, long offset)
    {
        lock (_gate)
        {
            look.Ids.Published(look.Id, look.Payload, offset);
            GrowLocked(look.Ids);
        }
    }

    /// <summary>The value of a field at the top of a payload, as it stands there.</summary>
    private static ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> field)
    {
        var json = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isId = !json.ValueIsEscaped && json.ValueSpan.SequenceEqual(field);
            json.Read();
            if (isId && json.TokenType is JsonTokenType.String or JsonTokenType.Number)
            {
                return payload[(int)json.TokenStartIndex..(int)json.BytesConsumed];
            }

            json.Skip();
        }

        return default;
    }

    private SeenIds OfLocked(string channel)
    {
        if (!_channels.TryGetValue(channel, out var ids))
        {
            MakeRoomLocked(SeenIds.Least, null);
            _channels[channel] = ids = new SeenIds { TouchedAt = _looks };
            _room += ids.Room;
        }

        return ids;
    }

    private void GrowLocked(SeenIds ids)
    {
        if (ids is { IsFull: true, IsForgotten: false, Room: < SeenIds.Most } && MakeRoomLocked(ids.Room, ids))
        {
            _room += ids.Room;
            ids.Grow();
        }
    }

    /// <summary>
    /// Makes room for so many ids. For a new channel the one that has been quiet for longest gives way in any case; for one
    /// that grows only such a one as has been quiet while as many were looked at as there is room for.
    /// </summary>
    private bool MakeRoomLocked(int room, SeenIds? grows)
    {
        while (_room + room > most)
        {
            var (channel, coldest) = _channels.MinBy(static each => each.Value.TouchedAt);
            if (coldest is null || coldest == grows || (grows is not null && _looks - coldest.TouchedAt < most))
            {
                return false;
            }

            _channels.Remove(channel);
            _room -= coldest.Room;
            coldest.IsForgotten = true;
        }

        return true;
    }
}

/// <summary>A publication that was looked at and is to be published.</summary>
/// <param name="Ids">Those of its channel.</param>
/// <param name="Id">Of its id.</param>
/// <param name="Payload">Of its payload.</param>
internal readonly record struct SeenLook(SeenIds Ids, Fingerprint Id, Fingerprint Payload);

/// <summary>The newest ids of one channel. Guarded by <see cref="SeenPublications"/>.</summary>
internal sealed class SeenIds
{
    /// <summary>Ids that a channel begins with room for.</summary>
    public const int Least = 256;

    /// <summary>Ids kept of a channel.</summary>
    public const int Most = 1 << 16;

    private const int None = -1;

    // A ring of entries in the order of their first publication, found by chains of those whose ids fall into one bucket.
    private Entry[] _entries = new Entry[Least];
    private int[] _buckets = NewBuckets(Least);
    private int _next;

    /// <summary>A number that rises with each look at any channel.</summary>
    public long TouchedAt { get; set; }

    /// <summary>Whether it gave way to others: no one looks here any more.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Ids that there is room for.</summary>
    public int Room => _entries.Length;

    /// <summary>Whether the next id would push out the oldest.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Finds an id.</summary>
    public bool TryGet(in Fingerprint id, out Fingerprint payload, out long offset)
    {
        var at = Find(id);
        (payload, offset) = at == None ? default : (_entries[at].Payload, _entries[at].Offset);
        return at != None;
    }

    /// <summary>An id was published; where there is no room the oldest is forgotten.</summary>
    public void Published(in Fingerprint id, in Fingerprint payload, long offset)
    {
        if (Find(id) is var known and not None)
        {
            (_entries[known].Payload, _entries[known].Offset) = (payload, offset);
            return;
        }

        var at = _next;
        _next = (at + 1) & (_entries.Length - 1);
        if (IsFull)
        {
            Unchain(at);
        }

        IsFull |= _next == 0;
        ref var bucket = ref _buckets[BucketOf(id)];
        _entries[at] = new Entry { Id = id, Payload = payload, Offset = offset, Following = bucket };
        bucket = at;
    }

    /// <summary>Makes room for twice as many.</summary>
    public void Grow()
    {
        var (old, oldest) = (_entries, _next);
        _entries = new Entry[old.Length * 2];
        _buckets = NewBuckets(_entries.Length);
        IsFull = false;
        _next = 0;
        for (var i = 0; i < old.Length; i++)
        {
            ref var entry = ref old[(oldest + i) & (old.Length - 1)];
            Published(entry.Id, entry.Payload, entry.Offset);
        }
    }

    private static int[] NewBuckets(int room)
    {
        var buckets = new int[room];
        Array.Fill(buckets, None);
        return buckets;
    }

    private int BucketOf(in Fingerprint id) => (int)(id.Low & (ulong)(_buckets.Length - 1));

    private int Find(in Fingerprint id)
    {
        var at = _buckets[BucketOf(id)];
        while (at != None && _entries[at].Id != id)
        {
            at = _entries[at].Following;
        }

        return at;
    }

    private void Unchain(int at)
    {
        ref var link = ref _buckets[BucketOf(_entries[at].Id)];
        while (link != at)
        {
            link = ref _entries[link].Following;
        }

        link = _entries[at].Following;
    }

    private struct Entry
    {
        public Fingerprint Id;
        public Fingerprint Payload;
        public long Offset;
        public int Following;
    }
}
