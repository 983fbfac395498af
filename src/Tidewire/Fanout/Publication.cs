using System.Diagnostics;

namespace Tidewire.Fanout;

/// <summary>
/// One entry of a channel's log: a payload as received, or a gap. Immutable but for its encodings, which are made the
/// first time a wire needs them, shared by all readers of that wire, and dropped behind the tail.
/// </summary>
public sealed class Publication
{
    /// <summary>What an entry costs beside its bytes: object, array headers, its place in the log.</summary>
    internal const int Overhead = 160;

    private readonly byte[] _bytes;
    private readonly int _payloadStart;
    private readonly int _payloadLength;
    private readonly Lock _gate = new();
    private byte[]?[]? _encodings;
    private MemoryBudget? _budget;
    private int _encodedBytes;
    private int _shown;
    private bool _inPage;

    private Publication(byte[] bytes, int payloadStart, int payloadLength, bool isFrame, DateTimeOffset receivedAt, PublicationSource source, Gap? gap)
    {
        _bytes = bytes;
        _payloadStart = payloadStart;
        _payloadLength = payloadLength;
        IsFrame = isFrame;
        ReceivedAt = receivedAt;
        Source = source;
        Gap = gap;
    }

    /// <summary>The entry's offset; 0 until a log has taken it.</summary>
    public long Offset { get; private set; }

    /// <summary>When Tidewire received it.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>Where it came from.</summary>
    public PublicationSource Source { get; }

    /// <summary>Set when the entry is a gap; it then has no payload.</summary>
    public Gap? Gap { get; }

    /// <summary>
    /// The offset of the entry that this one corrects: the provider has sent the same id with other content; 0 when it
    /// corrects none.
    /// </summary>
    public long Replaces { get; init; }

    /// <summary>The whole of what was received: the frame, or the payload that came without one.</summary>
    public ReadOnlyMemory<byte> Received => _bytes;

    /// <summary>Where the payload stands in <see cref="Received"/>.</summary>
    public Range PayloadRange => _payloadStart..(_payloadStart + _payloadLength);

    /// <summary>The payload: one JSON object, UTF-8, exactly as received.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(_payloadStart, _payloadLength);

    /// <summary>The provider's whole frame, spacing included; empty when the entry did not come as one.</summary>
    public ReadOnlySpan<byte> Frame => IsFrame ? _bytes : default;

    /// <summary>Its key while it is the newest of it, in a state channel. Guarded by its log.</summary>
    internal byte[]? Key { get; set; }

    /// <summary>Whether a newer one of its key stands in the log. Guarded by its log.</summary>
    internal bool IsSuperseded { get; set; }

    /// <summary>Whether it went over to another epoch before it was shown.</summary>
    internal bool HasMoved { get; private set; }

    /// <summary>Whether it came in a frame of the provider's socket, which <see cref="Received"/> then is.</summary>
    public bool IsFrame { get; }

    /// <summary>An entry from a frame of the provider.</summary>
    /// <param name="frame">The whole frame; owned by the publication from now on.</param>
    /// <param name="payload">Where the payload stands in it.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="source">Socket, simulated or replay.</param>
    /// <param name="replaces">The offset of the entry that it corrects; 0 for none.</param>
    public static Publication OfFrame(byte[] frame, Range payload, DateTimeOffset receivedAt, PublicationSource source, long replaces = 0)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var (start, length) = payload.GetOffsetAndLength(frame.Length);
        return new Publication(frame, start, length, isFrame: true, receivedAt, source, gap: null) { Replaces = replaces };
    }

    /// <summary>An entry whose payload did not come in a frame: from REST, or computed here.</summary>
    /// <param name="payload">One JSON object; owned by the publication from now on.</param>
    /// <param name="receivedAt">When it was received or computed.</param>
    /// <param name="source">REST or derived.</param>
    public static Publication OfPayload(byte[] payload, DateTimeOffset receivedAt, PublicationSource source)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return new Publication(payload, 0, payload.Length, isFrame: false, receivedAt, source, gap: null);
    }

    /// <summary>An entry that says something is missing here.</summary>
    /// <param name="gap">What is missing.</param>
    /// <param name="source">The source the channel is fed from.</param>
    public static Publication OfGap(Gap gap, PublicationSource source)
    {
        ArgumentNullException.ThrowIfNull(gap);
        var at = gap.To;
        if (gap.From > gap.To)
        {
            gap = gap with { From = gap.To, To = gap.From }; // the clock was set back meanwhile: it spans what both readings say
        }

        return new Publication([], 0, 0, isFrame: false, at, source, gap);
    }

    /// <summary>An entry as a store gives it back.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="received">The frame, or the payload that came without one; owned by the publication from now on.</param>
    /// <param name="payload">Where the payload stands in it.</param>
    /// <param name="isFrame">Whether it is a frame.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="gap">What is missing, when it is a gap.</param>
    /// <param name="replaces">The offset of the entry that it corrects; 0 for none.</param>
    public static Publication OfStored(long offset, byte[] received, Range payload, bool isFrame, DateTimeOffset receivedAt, PublicationSource source, Gap? gap, long replaces)
    {
        ArgumentNullException.ThrowIfNull(received);
        var (start, length) = payload.GetOffsetAndLength(received.Length);
        return new Publication(received, start, length, isFrame, receivedAt, source, gap) { Offset = offset, Replaces = replaces };
    }

    /// <summary>The entry as a wire sends it, made on first use. Empty when the wire never shows it.</summary>
    /// <param name="wire">The wire.</param>
    /// <param name="log">The log the entry stands in.</param>
    internal byte[] Encoded(WireFormat wire, ChannelLog log)
    {
        var encodings = Volatile.Read(ref _encodings);
        return (encodings is not null ? Volatile.Read(ref encodings[wire.Slot]) : null) ?? Encode(wire, log);
    }

    /// <summary>True for the first to call it; the others only read.</summary>
    internal bool TryShowFirst() => Volatile.Read(ref _shown) == 0 && Interlocked.Exchange(ref _shown, 1) == 0;

    /// <summary>Gives it the offset under which it will stand in its log.</summary>
    internal void Assign(long offset)
    {
        Debug.Assert(Offset == 0, "A publication stands in one log only.");
        Offset = offset;
    }

    /// <summary>Takes the offset back from an entry that no log has shown: it will stand in another.</summary>
    internal void Detach() => (Offset, HasMoved) = (0, true);

    internal int TakenBy(MemoryBudget budget, bool inPage = false)
    {
        _inPage = inPage;
        lock (_gate)
        {
            _budget = budget;
        }

        return _bytes.Length + Overhead;
    }

    /// <summary>Drops the encodings: a reader that still needs one makes it anew.</summary>
    internal void ReleaseEncodings()
    {
        lock (_gate)
        {
            ReleaseLocked();
        }
    }

    /// <summary>The entry has left its log. A reader that still holds it may encode it, but nothing is kept or counted.</summary>
    /// <returns>Bytes freed, encodings aside.</returns>
    internal int Evicted()
    {
        lock (_gate)
        {
            ReleaseLocked(); // and in one go with it: a reader may be encoding this very entry
            _budget = null;
        }

        return _bytes.Length + Overhead;
    }

    private void ReleaseLocked()
    {
        _encodings = null;
        _budget?.Add(-_encodedBytes);
        _encodedBytes = 0;
    }

    private byte[] Encode(WireFormat wire, ChannelLog log)
    {
        lock (_gate)
        {
            if (_encodings?[wire.Slot] is { } made)
            {
                return made;
            }

            var encoded = wire.Encode(log, this, default);
            if (_budget is null || (!_inPage && !log.IsNearTail(Offset)) || _budget.Used + encoded.Length > _budget.Limit)
            {
                return encoded; // for one reader that is behind: kept, it would push out what others still read; nor beyond the budget, which only the next append comes down to
            }

            var encodings = _encodings ?? new byte[]?[WireFormat.Slots];
            Volatile.Write(ref encodings[wire.Slot], encoded);
            Volatile.Write(ref _encodings, encodings);
            _encodedBytes += encoded.Length;
            _budget.Add(encoded.Length);
            return encoded;
        }
    }
}
