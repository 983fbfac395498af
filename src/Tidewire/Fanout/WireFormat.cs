using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// How one wire writes what a log holds: the ready bytes, framing included, that its transport sends as they are. One
/// object per wire for the whole process. Thread-safe.
/// </summary>
public abstract class WireFormat
{
    /// <summary>How many wires there can be.</summary>
    internal const int Slots = 16;

    /// <summary>Makes a wire.</summary>
    /// <param name="slot">Its place among the encodings of a publication, 0 to 15, unique in the process.</param>
    protected WireFormat(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Slots);
        Slot = slot;
    }

    /// <summary>
    /// Its name in the metrics: lower case with underscores. By default that of the type without <c>Wire</c>, such as
    /// <c>unusual_whales</c>.
    /// </summary>
    public virtual string Name => JsonNamingPolicy.SnakeCaseLower.ConvertName(GetType().Name is var type && type.EndsWith("Wire", StringComparison.Ordinal) ? type[..^4] : type);

    /// <summary>
    /// Whether a client that leaves may be back with a position, so that no log it read is forgotten for a while. False
    /// where there are no positions, and where the wire's handler holds the log itself.
    /// </summary>
    public virtual bool IsResumed => false;

    /// <summary>Whether its clients are told positions, with which they may be back much later.</summary>
    public virtual bool HasPositions => true;

    /// <summary>How often a state feed is flushed to one of its clients at most, unless the client asks for another rate; zero for at once.</summary>
    public virtual TimeSpan StateInterval => TimeSpan.Zero;

    /// <summary>
    /// Whether what one write carries is put together by <see cref="Join"/>, into fewer frames; otherwise it goes one after
    /// the other as it stands.
    /// </summary>
    public virtual bool Joins => false;

    /// <summary>Its place among the encodings of a publication.</summary>
    internal int Slot { get; }

    /// <summary>The ready bytes of one entry. Empty when this wire never shows it.</summary>
    /// <param name="log">The log the entry stands in.</param>
    /// <param name="publication">The entry.</param>
    /// <param name="passed">Entries before it that one reader does not see; none for the shared form.</param>
    public abstract byte[] Encode(ChannelLog log, Publication publication, PassedOver passed);

    /// <summary>Puts what one write carries together.</summary>
    /// <param name="parts">Ready bytes of this wire, in order.</param>
    /// <param name="to">Where to: as long as the parts are, and one byte for each more.</param>
    /// <returns>Bytes written.</returns>
    public virtual int Join(ReadOnlySpan<byte[]> parts, Span<byte> to) => throw new NotSupportedException("This wire does not join.");

    /// <summary>The ready bytes that tell a position. Empty when this wire has no positions.</summary>
    /// <param name="log">The log.</param>
    /// <param name="offset">The offset of the last entry seen or passed over.</param>
    /// <param name="passed">What was passed over since the last delivery or position; told here, it is not told again.</param>
    public abstract byte[] Position(ChannelLog log, long offset, PassedOver passed);

    /// <summary>The ready bytes of the last message before a close. Empty when this wire has none.</summary>
    /// <param name="disconnect">Why.</param>
    public abstract byte[] Closing(Disconnect disconnect);
}
