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
    private readonly Queue<Subscription> _ready = new();
    private readonly ReplyQueue _replies = new(hub.Options);
    private readonly WriteBatch _batch = new(writeBytes);
    private readonly WireTraffic _traffic = connection.Counters.On(connection.Shard);
    private Disconnect? _closing;
    private long _closingSince;
    private long _writingSince;
    private bool _flushing;
    private bool _woken;
    private bool _broken;

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
    public WriteState StateLocked(long now)
    {
        if (_closing is { } closing)
        {
            var limit = closing.Code == Disconnect.Slow.Code ? hub.Options.SlowReaderLimit : hub.Options.CloseLimit;
            return hub.Time.GetElapsedTime(_closingSince, now) >= limit ? WriteState.Overdue : WriteState.Busy;
        }

        if (_writingSince == 0)
        {
            return WriteState.Free;
        }

        return hub.Time.GetElapsedTime(_writingSince, now) >= hub.Options.SlowReaderLimit ? WriteState.Stuck : WriteState.Busy;
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
                Disconnect? close = null;
                lock (gate)
                {
                    bytes = TakeLocked(out readerIsLost);
                    if (bytes.IsEmpty && !readerIsLost)
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
                    var sending = transport.SendAsync(bytes);
                    if (!sending.IsCompleted)
                    {
                        Volatile.Write(ref _writingSince, Math.Max(1, hub.Time.GetTimestamp()));
                    }

                    await sending.ConfigureAwait(false);
                    Volatile.Write(ref _writingSince, 0);
                }

                if (close is { } disconnect)
                {
                    await transport.CloseAsync(disconnect).ConfigureAwait(false);
                    return;
                }

                if (readerIsLost && _closing is null)
                {
                    connection.Counters.CountSlowReader();
                    connection.Close(Disconnect.Slow); // the loop goes on to say so and to close
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
    private ReadOnlyMemory<byte> TakeLocked(out bool readerIsLost)
    {
        readerIsLost = false;
        if (IsGone)
        {
            return default;
        }

        _replies.MoveTo(_batch);
        while (!readerIsLost && !_batch.IsFull && _ready.TryDequeue(out var subscription))
        {
            if (!subscription.HasEnded)
            {
                readerIsLost = !TakeEntriesLocked(subscription);
            }
        }

        return _batch.Take();
    }

    /// <summary>Takes a turn's worth of one channel. False when something the reader cannot do without has left memory.</summary>
    private bool TakeEntriesLocked(Subscription subscription)
    {
        var turn = default(Turn);
        Span<Publication> entries = turn;
        var log = subscription.Log;
        subscription.Lags |= subscription.Cursor >= subscription.LiveAfter && !log.IsNearTail(subscription.Cursor + 1); // what it resumes with is given whole
        var read = log.Read(subscription.Cursor + 1, entries, newestOnly: subscription.Lags);
        if (read.IsBroken)
        {
            return false;
        }

        var taken = 0;
        var shown = 0;
        while (taken < read.Count && !_batch.IsFull)
        {
            var entry = entries[taken++];
            MergeLocked(subscription, entry.Offset - 1);
            subscription.Cursor = entry.Offset;
            var bytes = subscription.Merged == 0
                ? entry.Encoded(wire, log)
                : wire.Encode(log, entry, new PassedOver(subscription.Merged, Filtered: 0));
            if (bytes.Length > 0)
            {
                _batch.Add(bytes);
                subscription.Merged = 0;
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
            _traffic.Delivered(shown);
        }

        if (taken == read.Count)
        {
            MergeLocked(subscription, read.Through);
        }

        if (taken < read.Count || read.HasMore)
        {
            _ready.Enqueue(subscription); // more may follow: the others have their turn first
        }
        else
        {
            subscription.IsReady = false;
            subscription.Lags = false;
        }

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
