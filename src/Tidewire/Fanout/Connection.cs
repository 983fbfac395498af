using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// One client: its subscriptions and the loop that writes to it. The loop takes what is pending, answers first, then
/// entries in turn from each channel with news, hands them to the transport in one write, and goes on when the
/// transport has taken it. What the transport does not take stays at the cursors.
/// </summary>
/// <remarks>
/// Locks are taken in the order shard readers, connection, log, publication. The loop runs on whoever woke it and
/// continues wherever the transport completes; there is never more than one.
/// </remarks>
public sealed class Connection : IDisposable
{
    /// <summary>Positions are told at least once per interval; who looks once a second must look a second early.</summary>
    private static readonly TimeSpan PositionDue = ProtocolLimits.PositionInterval - TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Hub _hub;
    private readonly IClientTransport _transport;
    private readonly WireFormat _wire;
    private readonly Dictionary<ChannelName, Subscription> _subscriptions = [];
    private readonly Queue<Subscription> _ready = new();
    private readonly ReplyQueue _replies;
    private readonly WriteBatch _batch;
    private readonly WireTraffic _traffic;
    private Disconnect? _closing;
    private long _closingSince;
    private long _writingSince;
    private bool _flushing;
    private bool _woken;
    private bool _gone;
    private bool _broken;

    internal Connection(Hub hub, IClientTransport transport, WireFormat wire, string id, int shard, int writeBytes)
    {
        _hub = hub;
        _transport = transport;
        _wire = wire;
        Id = id;
        Shard = shard;
        _replies = new ReplyQueue(hub.Options);
        _batch = new WriteBatch(writeBytes);
        Counters = hub.Counters.Of(wire);
        _traffic = Counters.On(shard);
    }

    /// <summary>The connection's id, unique in the process.</summary>
    public string Id { get; }

    internal int Shard { get; }

    /// <summary>Where its wire is counted.</summary>
    internal WireCounters Counters { get; }

    /// <summary>How many channels it holds.</summary>
    public int Channels
    {
        get
        {
            lock (_gate)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>
    /// Adds a subscription that delivers nothing until <see cref="Begin"/>, so that its confirmation can be sent first.
    /// A channel that the connection already holds is answered with the subscription it has.
    /// </summary>
    /// <param name="feed">The channel's feed.</param>
    /// <param name="name">The canonical channel.</param>
    /// <param name="since">The position to resume after.</param>
    /// <param name="history">Entries before the tail to begin with, when there is no position or it cannot be resumed.</param>
    /// <param name="subscription">The subscription when the answer is null.</param>
    /// <returns>Null, or why not.</returns>
    public ProtocolError? Subscribe(Feed feed, ChannelName name, StreamPosition? since, int history, out Subscription? subscription)
    {
        ArgumentNullException.ThrowIfNull(feed);
        lock (_gate)
        {
            if (_subscriptions.TryGetValue(name, out subscription))
            {
                return null;
            }

            if (_subscriptions.Count >= _hub.Options.MaxChannelsPerConnection)
            {
                return new ProtocolError(ErrorCode.TooManyChannels,
                    $"This connection holds {_subscriptions.Count} channels, the most it may: unsubscribe from one first.", "channel");
            }
        }

        var log = _hub.Reserve(name, feed);
        var made = new Subscription(this, log, log.StartOf(since, history), _hub.Time.GetTimestamp());
        lock (_gate)
        {
            if (!_gone && _closing is null)
            {
                _subscriptions.Add(name, made);
                subscription = made;
                return null;
            }
        }

        _hub.Release(log);
        return new ProtocolError(ErrorCode.NotSubscribed, "The connection is closing.", "channel");
    }

    /// <summary>The position up to which a subscription has taken entries.</summary>
    /// <param name="subscription">One of this connection's.</param>
    public StreamPosition PositionOf(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            return new StreamPosition(subscription.Log.Epoch, subscription.Cursor - subscription.Merged); // what was merged is counted with the next entry
        }
    }

    /// <summary>Lets a subscription deliver. Calling it again does nothing.</summary>
    /// <param name="subscription">One of this connection's.</param>
    public void Begin(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            if (subscription.HasEnded || subscription.Place >= 0)
            {
                return;
            }
        }

        var readers = subscription.Log.ReadersOn(Shard);
        readers.Add(subscription);
        if (subscription.HasEnded)
        {
            readers.Remove(subscription); // ended between the two: whoever ended it found it in no list
            return;
        }

        _hub.InterestIn(subscription.Log);
        if (MarkReady(subscription))
        {
            Flush();
        }
    }

    /// <summary>Ends a subscription: after this returns nothing of it is taken for sending.</summary>
    /// <param name="name">The canonical channel.</param>
    /// <returns>False when the connection does not hold it.</returns>
    public bool Unsubscribe(ChannelName name)
    {
        Subscription? subscription;
        lock (_gate)
        {
            if (!_subscriptions.Remove(name, out subscription))
            {
                return false;
            }

            subscription.HasEnded = true;
        }

        Forget(subscription);
        return true;
    }

    /// <summary>Sends ready bytes, before any publication not yet taken.</summary>
    /// <param name="reply">Whole frames; must not change any more.</param>
    public void Send(byte[] reply)
    {
        lock (_gate)
        {
            if (_gone || _broken || _closing is not null)
            {
                return;
            }

            _replies.Enqueue(reply);
        }

        Flush();
    }

    /// <summary>Waits while more answers are pending than a client may leave unread.</summary>
    public Task RepliesTakenAsync()
    {
        lock (_gate)
        {
            return _gone || _broken ? Task.CompletedTask : _replies.RoomAsync();
        }
    }

    /// <summary>
    /// Ends the connection: nothing more is delivered, the client is told why, and the transport closes once it has
    /// taken what it was given, or is cut off when it does not within the limit. The first reason stands.
    /// </summary>
    /// <param name="disconnect">Why.</param>
    public void Close(Disconnect disconnect)
    {
        Subscription[] ended;
        lock (_gate)
        {
            if (_gone || _closing is not null)
            {
                return;
            }

            _closing = disconnect;
            _closingSince = _hub.Time.GetTimestamp();
            ended = EndAllLocked();
            if (disconnect.Code == Disconnect.Slow.Code)
            {
                _replies.Clear(); // it has not read what it was given; what it asks next it asks anew
            }

            if (_wire.Closing(disconnect) is { Length: > 0 } closing)
            {
                _replies.Enqueue(closing);
            }
        }

        Array.ForEach(ended, Forget);
        Flush();
    }

    /// <summary>The client is gone, or its handler has ended: everything of it is released.</summary>
    public void Dispose()
    {
        Subscription[] ended;
        lock (_gate)
        {
            if (_gone)
            {
                return;
            }

            _gone = true;
            ended = EndAllLocked();
            _replies.Clear();
        }

        Array.ForEach(ended, Forget);
        _transport.Abort();
        _hub.Remove(this);
    }

    /// <summary>Notes that a subscription has news. True when the connection was at rest and must be flushed.</summary>
    internal bool MarkReady(Subscription subscription)
    {
        lock (_gate)
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
    }

    /// <summary>Starts the loop unless it runs.</summary>
    internal void Flush()
    {
        lock (_gate)
        {
            _woken = false;
            if (_flushing || _gone)
            {
                return;
            }

            _flushing = true;
        }

        _ = FlushLoopAsync(); // ends by itself; its faults end in Abort, and _flushing says that it runs
    }

    /// <summary>Once a second: closes a reader that takes nothing, cuts off one that does not close, tells positions.</summary>
    internal void Sweep(long now)
    {
        Disconnect? slow = null;
        var abort = false;
        var tell = false;
        lock (_gate)
        {
            if (_gone)
            {
                return;
            }

            MeasureQueueLocked();
            if (_closing is { } closing)
            {
                var limit = closing.Code == Disconnect.Slow.Code ? _hub.Options.SlowReaderLimit : _hub.Options.CloseLimit;
                abort = _hub.Time.GetElapsedTime(_closingSince, now) >= limit;
            }
            else if (_writingSince != 0 && _hub.Time.GetElapsedTime(_writingSince, now) >= _hub.Options.SlowReaderLimit)
            {
                slow = Disconnect.Slow;
            }
            else if (_writingSince == 0)
            {
                tell = TellPositionsLocked(now);
            }
        }

        if (abort)
        {
            _transport.Abort();
        }
        else if (slow is { } disconnect)
        {
            Counters.CountSlowReader();
            Close(disconnect);
        }
        else if (tell)
        {
            Flush();
        }
    }

    private void MeasureQueueLocked()
    {
        if (_hub.Metrics is not { } metrics)
        {
            return;
        }

        foreach (var subscription in _ready)
        {
            if (subscription.Log.WaitingSince(subscription.Cursor) is { } since)
            {
                metrics.Waiting(subscription.Log.Feed.Class, since);
            }
        }
    }

    private bool TellPositionsLocked(long now)
    {
        var told = false;
        foreach (var subscription in _subscriptions.Values)
        {
            if (!subscription.IsReady && _hub.Time.GetElapsedTime(subscription.ShownAt, now) >= PositionDue
                && _wire.Position(subscription.Log, subscription.Cursor - subscription.Merged) is { Length: > 0 } position)
            {
                subscription.ShownAt = now;
                _replies.Enqueue(position);
                told = true;
            }
        }

        return told;
    }

    private Subscription[] EndAllLocked()
    {
        var ended = _subscriptions.Values.ToArray();
        foreach (var subscription in ended)
        {
            subscription.HasEnded = true;
        }

        _subscriptions.Clear();
        _ready.Clear();
        return ended;
    }

    private void Forget(Subscription subscription)
    {
        subscription.Log.ReadersOn(Shard).Remove(subscription);
        _hub.Release(subscription.Log);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: whatever a transport throws ends this one connection and no other.")]
    private async Task FlushLoopAsync()
    {
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> bytes;
                bool readerIsLost;
                Disconnect? close = null;
                lock (_gate)
                {
                    bytes = TakeLocked(out readerIsLost);
                    if (bytes.IsEmpty && !readerIsLost)
                    {
                        _batch.Release(); // under the lock: once _flushing is false the batch may be another loop's
                        if (_gone || _closing is null)
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
                    var sending = _transport.SendAsync(bytes);
                    if (!sending.IsCompleted)
                    {
                        Volatile.Write(ref _writingSince, Math.Max(1, _hub.Time.GetTimestamp()));
                    }

                    await sending.ConfigureAwait(false);
                    Volatile.Write(ref _writingSince, 0);
                }

                if (close is { } disconnect)
                {
                    await _transport.CloseAsync(disconnect).ConfigureAwait(false);
                    return;
                }

                if (readerIsLost && _closing is null)
                {
                    Counters.CountSlowReader();
                    Close(Disconnect.Slow); // the loop goes on to say so and to close
                }
            }
        }
        catch (Exception)
        {
            // A client that went away in mid-write is everyday; the receive side sees the same end and disposes us,
            // also when it waits for its answers to be taken.
            lock (_gate)
            {
                _broken = true;
                _writingSince = 0;
                _replies.Clear();
                _batch.Release();
            }

            _transport.Abort();
        }
    }

    /// <summary>Takes what is pending, up to the write size: answers first, then entries in turn from each channel with news.</summary>
    private ReadOnlyMemory<byte> TakeLocked(out bool readerIsLost)
    {
        readerIsLost = false;
        if (_gone)
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

    /// <summary>Takes a turn's worth of one channel. False when an event reader's next entry has left memory.</summary>
    private bool TakeEntriesLocked(Subscription subscription)
    {
        var turn = default(Turn);
        Span<Publication> entries = turn;
        var log = subscription.Log;
        var count = log.Read(subscription.Cursor + 1, entries, out var skipped);
        if (skipped > 0)
        {
            if (log.Feed.Class == FeedClass.Event)
            {
                return false;
            }

            subscription.Merged += skipped;
            subscription.Cursor += skipped;
        }

        var taken = 0;
        var shown = 0;
        while (taken < count && !_batch.IsFull)
        {
            var entry = entries[taken++];
            var bytes = subscription.Merged == 0
                ? entry.Encoded(_wire, log)
                : _wire.Encode(log, entry, subscription.Merged);
            if (bytes.Length > 0)
            {
                _batch.Add(bytes);
                subscription.Merged = 0;
                shown++;
                if (entry.Offset > subscription.LiveAfter && _hub.Metrics is { } metrics && entry.TryShowFirst())
                {
                    metrics.FirstShown(entry);
                }
            }
        }

        subscription.Cursor += taken;
        if (shown > 0)
        {
            subscription.ShownAt = _hub.Time.GetTimestamp();
            _traffic.Delivered(shown);
        }

        if (taken < count || count == Turn.Length)
        {
            _ready.Enqueue(subscription); // more may follow: the others have their turn first
        }
        else
        {
            subscription.IsReady = false;
        }

        return true;
    }

    [InlineArray(Length)]
    private struct Turn
    {
        public const int Length = 16;
        private Publication _first;
    }
}
