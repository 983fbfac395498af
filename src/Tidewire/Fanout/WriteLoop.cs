using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// The loop that writes to one client. It takes what is pending, answers first, then entries in turn from each channel
/// with news, hands them to the transport in one write, and goes on when the transport has taken it. What the transport
/// does not take stays at the cursors.
/// </summary>
/// <remarks>
/// It shares its connection's gate: what ends in <c>Locked</c> is called under it. It runs on whoever woke it and
/// continues wherever the transport completes; there is never more than one.
/// </remarks>
/// <param name="connection">The client.</param>
/// <param name="gate">The connection's gate.</param>
/// <param name="hub">Bounds, clock and meter.</param>
/// <param name="transport">The way to the client.</param>
/// <param name="wire">What it speaks.</param>
/// <param name="writeBytes">Bytes at which one write is full.</param>
internal sealed class WriteLoop(Connection connection, Lock gate, Hub hub, IClientTransport transport, WireFormat wire, int writeBytes)
{
    /// <summary>Entries looked at in one go: a filter that lets little through must not keep the thread from other clients.</summary>
    private const int MostLooks = 4096;

    /// <summary>A subscription that has ended while it waited for its time is held no longer than this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Queue<Subscription> _ready = new();
    private readonly ReplyQueue _replies = new(hub.Options);
    private readonly WriteBatch _batch = new(writeBytes, wire);
    private readonly WireTraffic _traffic = connection.Counters.On(connection.Shard);
    private readonly Bandwidth _bandwidth = new(hub.Options.MaxClientBytesPerSecond, hub.Time.TimestampFrequency);
    private Disconnect? _closing;
    private long _closingSince;
    private long _writingSince;
    private bool _flushing;
    private bool _woken;
    private bool _broken;
    private long _acknowledged;
    private bool _isPaced;

    /// <summary>Whether the client is gone: nothing is written any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether it ends: nothing is delivered any more.</summary>
    public bool IsClosing => _closing is not null;

    /// <summary>Whether there is no one to write to.</summary>
    public bool IsOver => IsGone || _broken;

    /// <summary>Subscriptions that stand in line with news.</summary>
    public Queue<Subscription> Ready => _ready;

    /// <summary>Puts an answer in line.</summary>
    public void ReplyLocked(byte[] reply) => _replies.Enqueue(reply);

    /// <summary>So many answers more, or fewer, are being made.</summary>
    public void OweLocked(int count) => _replies.Owe(count);

    /// <summary>Completes once there is room for a further answer.</summary>
    public Task RoomLockedAsync() => _replies.RoomAsync();

    /// <summary>Notes that a subscription has news. True when the loop was at rest and must be woken.</summary>
    public bool MarkReadyLocked(Subscription subscription)
    {
        if (subscription.HasEnded || subscription.IsReady)
        {
            return false;
        }

        subscription.IsReady = true;
        _ready.Enqueue(subscription);
        if (_flushing || _woken)
        {
            return false;
        }

        _woken = true;
        return true;
    }

    /// <summary>A subscription that waited for past entries, or for its time, goes on. True when the loop was at rest and must be woken.</summary>
    public bool GoOnLocked(Subscription subscription)
    {
        if (subscription.HasEnded || !subscription.Waits || IsGone || IsClosing)
        {
            return false;
        }

        subscription.Waits = false;
        _ready.Enqueue(subscription);
        if (_flushing || _woken)
        {
            return false;
        }

        _woken = true;
        return true;
    }

    /// <summary>The client may be sent more.</summary>
    public void PacedLocked() => _isPaced = false;

    /// <summary>Nothing more is delivered; what was answered is written, then the reason, and the transport is closed.</summary>
    public void CloseLocked(Disconnect disconnect)
    {
        _closing = disconnect;
        _closingSince = hub.Time.GetTimestamp();
        _ready.Clear();
        if (disconnect.Code == Disconnect.Slow.Code)
        {
            _replies.Clear(); // it has not read what it was given; what it asks next it asks anew
        }

        if (wire.Closing(disconnect) is { Length: > 0 } closing)
        {
            _replies.Enqueue(closing);
        }
    }

    /// <summary>The client is gone.</summary>
    public void EndLocked()
    {
        IsGone = true;
        _ready.Clear();
        _replies.Clear();
    }

    /// <summary>What is to be done about how it stands: to cut off one that does not close, to close one that takes nothing.</summary>
    /// <param name="now">The time.</param>
    /// <param name="patience">How long its client may take nothing.</param>
    public WriteState StateLocked(long now, TimeSpan patience)
    {
        if (_closing is { } closing)
        {
            var limit = closing.Code == Disconnect.Slow.Code ? hub.Options.SlowReaderLimit : hub.Options.CloseLimit;
            return hub.Time.GetElapsedTime(_closingSince, now) >= limit ? WriteState.Overdue : WriteState.Busy;
        }

        var since = Volatile.Read(ref _writingSince);
        if (since == 0)
        {
            return WriteState.Free;
        }

        // A client that takes little is not one that takes nothing, however large the write that it is at. The write may
        // have ended meanwhile: then it is not at it any more.
        if (transport.Acknowledged is { } acknowledged && acknowledged != _acknowledged)
        {
            _acknowledged = acknowledged;
            _ = Interlocked.CompareExchange(ref _writingSince, now, since);
            return WriteState.Busy;
        }

        return hub.Time.GetElapsedTime(since, now) >= patience ? WriteState.Stuck : WriteState.Busy;
    }

    /// <summary>Starts the loop unless it runs.</summary>
    public void Wake()
    {
        lock (gate)
        {
            _woken = false;
            if (_flushing || IsGone)
            {
                return;
            }

            _flushing = true;
        }

        _ = RunAsync(); // ends by itself; its faults end in Abort, and _flushing says that it runs
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: whatever a transport throws ends this one connection and no other.")]
    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> bytes;
                bool readerIsLost;
                bool hasMore;
                Disconnect? close = null;
                lock (gate)
                {
                    bytes = TakeLocked(out readerIsLost, out hasMore);
                    if (bytes.IsEmpty && !readerIsLost && !hasMore)
                    {
                        _batch.Release(); // under the lock: once _flushing is false the batch may be another loop's
                        if (IsGone || _closing is null)
                        {
                            _flushing = false;
                            return;
                        }

                        close = _closing; // _flushing stays: nothing is written after a close
                    }
                }

                if (!bytes.IsEmpty)
                {
                    _traffic.Written(bytes.Length);
                    _bandwidth.Take(bytes.Length);
                    var sending = transport.SendAsync(bytes);
                    if (!sending.IsCompleted)
                    {
                        Volatile.Write(ref _writingSince, Math.Max(1, hub.Time.GetTimestamp()));
                    }

                    await sending.ConfigureAwait(false);
                    Volatile.Write(ref _writingSince, 0);
                }
                else if (hasMore)
                {
                    await Task.Yield(); // nothing of it passed the filter: the others have their turn
                }

                if (close is { } disconnect)
                {
                    await transport.CloseAsync(disconnect).ConfigureAwait(false);
                    return;
                }

                if (readerIsLost && _closing is null)
                {
                    connection.Close(Disconnect.Slow); // the loop goes on to say so and to close
                    connection.Counters.CountSlowReader();
                }
            }
        }
        catch (Exception)
        {
            // A client that went away in mid-write is everyday; the receive side sees the same end and disposes us,
            // also when it waits for its answers to be taken.
            lock (gate)
            {
                _broken = true;
                _writingSince = 0;
                _replies.Clear();
                _batch.Release();
            }

            transport.Abort();
        }
    }

    /// <summary>Takes what is pending, up to the write size: answers first, then entries in turn from each channel with news.</summary>
    private ReadOnlyMemory<byte> TakeLocked(out bool readerIsLost, out bool hasMore)
    {
        readerIsLost = hasMore = false;
        if (IsGone)
        {
            return default;
        }

        _replies.MoveTo(_batch);
        if (_ready.Count > 0 && !IsAllowedLocked())
        {
            return _batch.Take();
        }

        var looks = MostLooks;
        while (!readerIsLost && !_batch.IsFull && looks > 0 && _ready.TryDequeue(out var subscription))
        {
            if (!subscription.HasEnded)
            {
                readerIsLost = !TakeEntriesLocked(subscription, ref looks);
            }
        }

        hasMore = _ready.Count > 0;
        return _batch.Take();
    }

    /// <summary>Whether the client may be sent more now; otherwise it is woken when it may.</summary>
    private bool IsAllowedLocked()
    {
        if (_bandwidth.IsLeft(hub.Time.GetTimestamp(), out var at))
        {
            return true;
        }

        if (!_isPaced)
        {
            _isPaced = true;
            hub.Pacer.Later(connection, at);
        }

        return false;
    }

    /// <summary>Takes a turn's worth of one channel. False when something the reader cannot do without is not to be had any more.</summary>
    private bool TakeEntriesLocked(Subscription subscription, ref int looks)
    {
        var turn = default(Turn);
        Span<Publication> entries = turn;
        var log = subscription.Log;
        var isLive = subscription.Cursor >= subscription.LiveAfter;
        if (isLive && hub.Time.GetTimestamp() is var now && subscription.NotBefore > now)
        {
            subscription.Waits = true;
            hub.Pacer.Later(subscription, Math.Min(subscription.NotBefore, now + (long)(LongestWait.TotalSeconds * hub.Time.TimestampFrequency))); // what comes meanwhile is merged
            return true;
        }

        subscription.Lags |= isLive && !log.IsNearTail(subscription.Cursor + 1); // what it resumes with is given whole
        var newestOnly = subscription.Lags || (isLive && subscription.Interval > TimeSpan.Zero);
        var read = log.Read(subscription.Cursor + 1, entries, newestOnly);
        if (!read.IsBroken && !(read.HasLeft && !newestOnly && log.Stored is not null))
        {
            subscription.BehindSince = 0;
        }
        else if (log.Stored is null || hub.Pages is null)
        {
            return false;
        }
        else if (!ReadPastLocked(subscription, isLive, entries, ref read))
        {
            return false;
        }
        else if (read.Count == 0)
        {
            return true; // it goes on when the page, or the gap, is there
        }

        var before = subscription.Cursor;
        var taken = 0;
        var shown = 0;
        while (taken < read.Count && !_batch.IsFull)
        {
            var entry = entries[taken++];
            MergeLocked(subscription, entry.Offset - 1);
            subscription.Cursor = entry.Offset;
            if (subscription.Filter?.Passes(entry) == false)
            {
                subscription.Filtered++;
                continue;
            }

            var passed = subscription.Passed;
            var bytes = passed.IsNone
                ? entry.Encoded(wire, log)
                : subscription.Filter?.Encode(wire, log, entry, passed) ?? wire.Encode(log, entry, passed);
            if (bytes.Length > 0)
            {
                _batch.Add(bytes);
                subscription.Merged = subscription.Filtered = 0;
                shown++;
                if (entry.Offset > subscription.LiveAfter && hub.Metrics is { } metrics && entry.TryShowFirst())
                {
                    metrics.FirstShown(entry);
                }
            }
        }

        if (shown > 0)
        {
            subscription.ShownAt = hub.Time.GetTimestamp();
            subscription.HasFlushed = true;
            _traffic.Delivered(shown);
        }

        if (taken == read.Count)
        {
            MergeLocked(subscription, read.Through);
        }

        looks -= (int)Math.Clamp(subscription.Cursor - before, 1, MostLooks);
        if (taken < read.Count || read.HasMore)
        {
            _ready.Enqueue(subscription); // more may follow: the others have their turn first
            return true;
        }

        subscription.IsReady = false;
        subscription.Lags = false;
        if (subscription.Interval > TimeSpan.Zero && subscription.HasFlushed)
        {
            subscription.HasFlushed = false;
            subscription.NotBefore = hub.Time.GetTimestamp() + (long)(subscription.Interval.TotalSeconds * hub.Time.TimestampFrequency);
        }

        return true;
    }

    /// <summary>
    /// Reads what has left memory from the store. False when it is not there either. When it has to be fetched first, nothing
    /// is read: the subscription goes on once it is there.
    /// </summary>
    private bool ReadPastLocked(Subscription subscription, bool isLive, Span<Publication> entries, ref LogRead read)
    {
        var log = subscription.Log;
        var from = subscription.Cursor + 1;
        if (isLive && subscription.BehindSince == 0)
        {
            subscription.BehindSince = Math.Max(1, hub.Time.GetTimestamp());
        }

        if (hub.Pages!.TryGet(log, from) is not { } page)
        {
            subscription.Waits = true;
            hub.Pages.LoadFor(log, subscription);
            read = default;
            return true;
        }

        var count = page.Read(from, entries);
        var isBehind = log.Stored is { Opening: not null } or { Pending: > 0 };
        if (count == 0 && log.Oldest is { } oldest)
        {
            entries[0] = oldest; // the store holds no more: memory goes on, behind a gap
            count = 1;
        }
        else if (count == 0 && isBehind)
        {
            subscription.IsReady = false; // the gap that goes before everything else is on its way, and wakes it
            read = default;
            return true;
        }

        // Offsets are passed over only where a gap stands for them.
        if (count == 0 || (entries[0].Offset != from && entries[0].Gap is null))
        {
            return false;
        }

        for (var i = 1; i < count; i++)
        {
            if (entries[i].Offset != entries[i - 1].Offset + 1 && entries[i].Gap is null)
            {
                count = i; // looked at again in the next turn
            }
        }

        read = new LogRead(count, entries[count - 1].Offset, IsBroken: false, HasLeft: true, HasMore: true);
        return true;
    }

    /// <summary>Passes over entries that newer ones have replaced: the next delivery counts them.</summary>
    private static void MergeLocked(Subscription subscription, long through)
    {
        subscription.Merged += through - subscription.Cursor;
        subscription.Cursor = through;
    }

    [InlineArray(Length)]
    private struct Turn
    {
        public const int Length = 16;
        private Publication _first;
    }
}

/// <summary>How a client's writing stands.</summary>
internal enum WriteState
{
    /// <summary>The client has taken all it was given.</summary>
    Free,

    /// <summary>It is being written to, or closed.</summary>
    Busy,

    /// <summary>It has taken nothing for longer than a slow reader may.</summary>
    Stuck,

    /// <summary>It has not closed for longer than a close may take.</summary>
    Overdue,
}
