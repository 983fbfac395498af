namespace Tidewire.Fanout;

/// <summary>
/// Keeps the logs of all channels beyond the life of the process. One thread writes; any number of threads read beside
/// it, and what they read is what was committed. Every call returns once it is done and throws
/// <see cref="LogStoreException"/> when the disk refuses.
/// </summary>
public interface ILogStore : IDisposable
{
    /// <summary>The epoch of every position in it. Made with the store, so that it changes only when the past is lost.</summary>
    string Epoch { get; }

    /// <summary>
    /// Whether whoever wrote it last closed it (<see cref="Close"/>). Otherwise entries above the newest that it holds may
    /// have been shown, up to the mark of each channel.
    /// </summary>
    bool WasClosed { get; }

    /// <summary>
    /// How often it was opened before, in this epoch. A channel that it does not know begins after as many offsets, so that
    /// a position that was told of it in a former life is not taken for one of now.
    /// </summary>
    long FormerLives { get; }

    /// <summary>Every channel that it holds entries of or has reserved offsets for, as it was opened.</summary>
    IReadOnlyList<StoredChannel> Channels { get; }

    /// <summary>Bytes it takes on the disk, as far as known.</summary>
    long Bytes { get; }

    /// <summary>Makes durable that offsets up to a mark may be shown.</summary>
    /// <param name="reservations">One for each channel that goes on.</param>
    /// <exception cref="LogStoreException">The disk refused; nothing is reserved.</exception>
    void Reserve(IReadOnlyList<OffsetReservation> reservations);

    /// <summary>Writes entries, all or none. On return they outlive the process.</summary>
    /// <param name="entries">Entries of any channels; those of one channel with rising offsets, above all committed before.</param>
    /// <exception cref="LogStoreException">The disk refused; none is written.</exception>
    void Commit(IReadOnlyList<LoggedEntry> entries);

    /// <summary>Finds out whether the disk takes entries again: writes something of weight and removes it.</summary>
    /// <exception cref="LogStoreException">It does not.</exception>
    void Probe();

    /// <summary>
    /// Reads entries with rising offsets, in one short transaction. Offsets that were never committed are passed over.
    /// </summary>
    /// <param name="channel">The channel's canonical name.</param>
    /// <param name="from">The first offset wanted.</param>
    /// <param name="below">Only entries below this offset.</param>
    /// <param name="most">Entries at most.</param>
    /// <param name="mostBytes">Bytes of payload at most; at least one entry is read when there is one.</param>
    /// <exception cref="LogStoreException">The disk refused.</exception>
    IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes);

    /// <summary>The offset of the entry that stands so many entries before another; the oldest when there are fewer, null when there is none.</summary>
    /// <param name="channel">The channel's canonical name.</param>
    /// <param name="below">Counted from the newest entry below this offset, which is the first.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <exception cref="LogStoreException">The disk refused.</exception>
    long? OffsetBack(string channel, long below, int count);

    /// <summary>The oldest entry's offset; null when it holds none.</summary>
    /// <param name="channel">The channel's canonical name.</param>
    /// <exception cref="LogStoreException">The disk refused.</exception>
    long? FirstOffset(string channel);

    /// <summary>Closes it in order: on the next opening offsets go on right after the tails. Nothing is committed after it.</summary>
    /// <param name="tails">The newest offset of each channel that was shown.</param>
    /// <exception cref="LogStoreException">The disk refused; it then counts as not closed.</exception>
    void Close(IReadOnlyList<OffsetReservation> tails);
}

/// <summary>What a store knows of a channel when it is opened.</summary>
/// <param name="Channel">The canonical name.</param>
/// <param name="Tail">The newest offset that it holds; 0 when it holds none.</param>
/// <param name="Mark">No offset above this was ever shown.</param>
/// <param name="LastAt">When the newest entry was received that it holds, or held before it was removed; of a channel that it never held one of, when it was first told of it; null when it does not know.</param>
public sealed record StoredChannel(string Channel, long Tail, long Mark, DateTimeOffset? LastAt);

/// <summary>Offsets of a channel up to a mark.</summary>
/// <param name="Channel">The canonical name.</param>
/// <param name="Through">The last offset.</param>
/// <param name="At">Up to when nothing of the channel is missing: noted where the store knows nothing of the channel yet.</param>
public readonly record struct OffsetReservation(string Channel, long Through, DateTimeOffset At);

/// <summary>An entry and the channel it belongs to.</summary>
/// <param name="Channel">The canonical name.</param>
/// <param name="Entry">The entry, with its offset.</param>
public readonly record struct LoggedEntry(string Channel, Publication Entry);

/// <summary>The store's disk refused. The message says what happened and what to do; it holds no secret.</summary>
public sealed class LogStoreException : Exception
{
    /// <summary>Makes one.</summary>
    public LogStoreException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    public LogStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What the driver said.</param>
    public LogStoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
