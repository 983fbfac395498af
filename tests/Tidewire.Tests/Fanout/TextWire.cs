using System.Collections.Concurrent;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Tests.Fanout;

/// <summary>A wire of one line per entry, <c>kind|channel|offset|merged|text</c>, that counts how often it encodes.</summary>
internal sealed class TextWire(int slot = 0) : WireFormat(slot)
{
    private readonly ConcurrentDictionary<(string Channel, long Offset), int> _shared = new();
    private int _calls;

    /// <summary>How often each entry was encoded in the form that readers share.</summary>
    public IReadOnlyDictionary<(string Channel, long Offset), int> Shared => _shared;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Feeds that this wire never shows.</summary>
    public Func<Publication, bool> Hides { get; init; } = static _ => false;

    /// <summary>Whether its clients may be back with a position.</summary>
    public bool Resumes { get; init; }

    /// <summary>Whether its clients are told positions.</summary>
    public bool Tells { get; init; } = true;

    public override bool HasPositions => Tells;

    public override bool IsResumed => Resumes;

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        Interlocked.Increment(ref _calls);
        if (passed.IsNone)
        {
            _shared.AddOrUpdate((log.Name.ToString(), publication.Offset), 1, static (_, count) => count + 1);
        }

        return Hides(publication) ? [] : publication.Gap is { } gap
            ? Line("gap", log, publication.Offset, passed, Encoding.UTF8.GetString(gap.ReasonUtf8))
            : Line("entry", log, publication.Offset, passed, Encoding.UTF8.GetString(publication.Payload));
    }

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => Line("position", log, offset, passed, "");

    public override byte[] Closing(Disconnect disconnect) => Encoding.UTF8.GetBytes($"closing||{disconnect.Code}|0|{disconnect.Reason}\n");

    private static byte[] Line(string kind, ChannelLog log, long offset, PassedOver passed, string text)
        => Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kind}|{log.Name}|{offset}|{passed.Merged}|{text}\n"));
}
