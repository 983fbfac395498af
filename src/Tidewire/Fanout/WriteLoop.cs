using System.Diagnostics.CodeAnalysis;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// The loop that writes to one client. It takes what is pending, answers first, then the entries of
/// <see cref="PendingEntries"/>, hands them to the transport in one write, and goes on when the transport has taken it.
/// What the transport does not take stays at the cursors.
/// </summary>
/// <remarks>
/// It shares its connection's gate: what ends in <c>Locked</c> is called under it. It runs on whoever woke it, as a rule
/// its shard, without a task: only when the transport does not take a write at once does it return, and continue wherever
/// the transport completes. There is never more than one.
/// </remarks>
internal sealed class WriteLoop : IThreadPoolWorkItem
{
    /// <summary>Writes in a row: a client that has much to catch up on and reads it fast must not keep the thread from the others.</summary>
    private const int MostWrites = 8;

    private readonly Connection _connection;
    private readonly Lock _gate;
    private readonly Hub _hub;
    private readonly IClientTransport _transport;
    private readonly WireFormat _wire;
    private readonly PendingEntries _entries;
    private readonly ReplyQueue _replies;
    private readonly WriteBatch _batch;
    private readonly WireTraffic _traffic;
    private readonly int _mostWrites;
    private Action? _taken;
    private ValueTask _sending;
    private Disconnect? _closing;
    private long _closingSince;
    private long _writingSince;
    private bool _flushing;
    private bool _woken;
    private bool _broken;
    private bool _readerIsLost;
    private long _acknowledged;

    /// <param name="connection">The client.</param>
    /// <param name="gate">The connection's gate.</param>
    /// <param name="hub">Bounds, clock and meter.</param>
    /// <param name="transport">The way to the client.</param>
    /// <param name="wire">What it speaks.</param>
    /// <param name="writeBytes">Bytes at which one write is full.</param>
    public WriteLoop(Connection connection, Lock gate, Hub hub, IClientTransport transport, WireFormat wire, int writeBytes)
    {
        _connection = connection;
        _gate = gate;
        _hub = hub;
        _transport = transport;
        _wire = wire;
        _traffic = connection.Counters.On(connection.Shard);
        _batch = new WriteBatch(writeBytes, wire);

        // Of small ones as many as make as much: a poll takes one entry to a write, and answers with what came in one go.
        _mostWrites = Math.Max(MostWrites, MostWrites * (hub.Options.WriteBytes / writeBytes));
        _replies = new ReplyQueue(hub.Options);
        _entries = new PendingEntries(connection, hub, wire, _batch, _traffic);
    }

    private enum Turn
    {
        GoOn,
        GiveWay,
        Rest,
    }

    /// <summary>Whether the client is gone: nothing is written any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether it ends: nothing is delivered any more.</summary>
    public bool IsClosing => _closing is not null;

    /// <summary>Whether there is no one to write to.</summary>
    public bool IsOver => IsGone || _broken;

    /// <summary>Subscriptions that stand in line with news.</summary>
    public Queue<Subscription> Ready => _entries.Ready;

    /// <summary>Puts an answer in line.</summary>
    public void ReplyLocked(byte[] reply) => _replies.Enqueue(reply);

    /// <summary>So many answers more, or fewer, are being made.</summary>
    public void OweLocked(int count) => _replies.Owe(count);

    /// <summary>Completes once there is room for a further answer.</summary>
    public Task RoomLockedAsync() => _replies.RoomAsync();

    /// <summary>Notes that a subscription has news. True when the loop was at rest and must be woken.</summary>
    public bool MarkReadyLocked(Subscription subscription) => _entries.Add(subscription) && MustWakeLocked();

    /// <summary>A subscription that waited for past entries, or for its time, goes on. True when the loop was at rest and must be woken.</summary>
    public bool GoOnLocked(Subscription subscription) => !IsGone && !IsClosing && _entries.GoOn(subscription) && MustWakeLocked();

    /// <summary>The client may be sent more.</summary>
    public void PacedLocked() => _entries.Paced();

    /// <summary>Nothing more is delivered; what was answered is written, then the reason, and the transport is closed.</summary>
    public void CloseLocked(Disconnect disconnect)
    {
        _closing = disconnect;
        _closingSince = _hub.Time.GetTimestamp();
        _entries.Clear();
        if (disconnect.Code == Disconnect.Slow.Code)
        {
            _replies.Clear(); // it has not read what it was given; what it asks next it asks anew
        }

        if (_wire.Closing(disconnect) is { Length: > 0 } closing)
        {
            _replies.Enqueue(closing);
        }
    }

    /// <summary>The client is gone.</summary>
    public void EndLocked()
    {
        IsGone = true;
        _entries.Clear();
        _replies.Clear();
    }

    /// <summary>What is to be done about how it stands: to cut off one that does not close, to close one that takes nothing.</summary>
    /// <param name="now">The time.</param>
    /// <param name="patience">How long its client may take nothing.</param>
    public WriteState StateLocked(long now, TimeSpan patience)
    {
        if (_closing is { } closing)
        {
            var limit = closing.Code == Disconnect.Slow.Code ? _hub.Options.SlowReaderLimit : _hub.Options.CloseLimit;
            return _hub.Time.GetElapsedTime(_closingSince, now) >= limit ? WriteState.Overdue : WriteState.Busy;
        }

        var since = Volatile.Read(ref _writingSince);
        if (since == 0)
        {
            return WriteState.Free;
        }

        // A client that takes little is not one that takes nothing, however large the write that it is at. The write may
        // have ended meanwhile: then it is not at it any more.
        if (_transport.Acknowledged is { } acknowledged && acknowledged != _acknowledged)
        {
            _acknowledged = acknowledged;
            _ = Interlocked.CompareExchange(ref _writingSince, now, since);
            return WriteState.Busy;
        }

        return _hub.Time.GetElapsedTime(since, now) >= patience ? WriteState.Stuck : WriteState.Busy;
    }

    /// <summary>Starts the loop unless it runs.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = false;
            if (_flushing || IsGone)
            {
                return;
            }

            _flushing = true; // says that it runs
        }

        Run();
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private bool MustWakeLocked()
    {
        if (_flushing || _woken)
        {
            return false;
        }

        return _woken = true;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: whatever a transport throws ends this one connection and no other.")]
    private void Run()
    {
        try
        {
            for (var writes = 0; writes < _mostWrites; writes++)
            {
                switch (Step())
                {
                    case Turn.Rest:
                        return;
                    case Turn.GiveWay:
                        writes = _mostWrites;
                        break;
                }
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (Exception)
        {
            Break();
        }
    }

    /// <summary>Takes one write and hands it over.</summary>
    private Turn Step()
    {
        ReadOnlyMemory<byte> bytes;
        bool readerIsLost;
        bool hasMore;
        Disconnect? close = null;
        lock (_gate)
        {
            bytes = TakeLocked(out readerIsLost, out hasMore);
            if (bytes.IsEmpty && !readerIsLost && !hasMore)
            {
                _batch.Release(); // under the lock: once _flushing is false the batch may be another loop's
                if (IsGone || _closing is null)
                {
                    _flushing = false;
                    return Turn.Rest;
                }

                close = _closing; // _flushing stays: nothing is written after a close
            }
        }

        if (close is { } disconnect)
        {
            _ = CloseAsync(disconnect); // ends by itself; its faults end in Break
            return Turn.Rest;
        }

        _readerIsLost = readerIsLost;
        if (!bytes.IsEmpty && !Write(bytes))
        {
            _sending.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_taken ??= Taken);
            return Turn.Rest;
        }

        CloseIfLost();
        return bytes.IsEmpty && hasMore ? Turn.GiveWay : Turn.GoOn; // nothing of it passed the filter: the others have their turn
    }

    private void CloseIfLost()
    {
        if (_readerIsLost && _closing is null)
        {
            _connection.Close(Disconnect.Slow); // the loop goes on to say so and to close
            _connection.Counters.CountSlowReader();
        }
    }

    /// <summary>Hands bytes to the transport. False when it has yet to take them.</summary>
    private bool Write(ReadOnlyMemory<byte> bytes)
    {
        _traffic.Written(bytes.Length);
        _entries.Written(bytes.Length);
        var sending = _transport.SendAsync(bytes);
        if (sending.IsCompleted)
        {
            sending.GetAwaiter().GetResult(); // throws what went wrong
            return true;
        }

        _sending = sending;
        Volatile.Write(ref _writingSince, Math.Max(1, _hub.Time.GetTimestamp()));
        return false;
    }

    /// <summary>The transport has taken a write that it did not take at once.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: whatever a transport throws ends this one connection and no other.")]
    private void Taken()
    {
        try
        {
            var sent = _sending;
            _sending = default;
            sent.GetAwaiter().GetResult();
            Volatile.Write(ref _writingSince, 0);
            CloseIfLost();
        }
        catch (Exception)
        {
            Break();
            return;
        }

        Run();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: whatever a transport throws ends this one connection and no other.")]
    private async Task CloseAsync(Disconnect disconnect)
    {
        try
        {
            await _transport.CloseAsync(disconnect).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Break();
        }
    }

    /// <summary>
    /// The client went away in mid-write, which is everyday; the receive side sees the same end and disposes us, also when
    /// it waits for its answers to be taken.
    /// </summary>
    private void Break()
    {
        lock (_gate)
        {
            _broken = true;
            _writingSince = 0;
            _replies.Clear();
            _batch.Release();
        }

        _transport.Abort();
    }

    /// <summary>Takes what is pending, up to the write size: answers first, then entries.</summary>
    private ReadOnlyMemory<byte> TakeLocked(out bool readerIsLost, out bool hasMore)
    {
        readerIsLost = hasMore = false;
        if (IsGone)
        {
            return default;
        }

        _replies.MoveTo(_batch);
        hasMore = _entries.Take(out readerIsLost);
        return _batch.Take();
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
