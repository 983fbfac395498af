using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>One client: its subscriptions, from the first to the end. What they have for it is written by its <see cref="WriteLoop"/>.</summary>
/// <remarks>Locks are taken in the order shard readers, connection, log, publication.</remarks>
public sealed class Connection : IDisposable
{
    /// <summary>Positions are told at least once per interval; who looks once a second must look a second early.</summary>
    private static readonly TimeSpan PositionDue = ProtocolLimits.PositionInterval - TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Hub _hub;
    private readonly IClientTransport _transport;
    private readonly WireFormat _wire;
    private readonly Dictionary<ChannelName, Subscription> _subscriptions = [];
    private readonly WriteLoop _loop;

    internal Connection(Hub hub, IClientTransport transport, WireFormat wire, string id, int shard, int writeBytes)
    {
        _hub = hub;
        _transport = transport;
        _wire = wire;
        Id = id;
        Shard = shard;
        Counters = hub.Counters.Of(wire);
        _loop = new WriteLoop(this, _gate, hub, transport, wire, writeBytes);
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
            if (!_loop.IsGone && !_loop.IsClosing)
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
            if (_loop.IsOver || _loop.IsClosing)
            {
                return;
            }

            _loop.ReplyLocked(reply);
        }

        Flush();
    }

    /// <summary>Waits while more answers are pending than a client may leave unread.</summary>
    public Task RepliesTakenAsync()
    {
        lock (_gate)
        {
            return _loop.IsOver ? Task.CompletedTask : _loop.RoomLockedAsync();
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
            if (_loop.IsGone || _loop.IsClosing)
            {
                return;
            }

            ended = EndAllLocked();
            _loop.CloseLocked(disconnect);
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
            if (_loop.IsGone)
            {
                return;
            }

            ended = EndAllLocked();
            _loop.EndLocked();
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
            return _loop.MarkReadyLocked(subscription);
        }
    }

    /// <summary>Writes what is pending, unless that is being done.</summary>
    internal void Flush() => _loop.Wake();

    /// <summary>Once a second: closes a reader that takes nothing, cuts off one that does not close, tells positions.</summary>
    internal void Sweep(long now)
    {
        WriteState state;
        var told = false;
        lock (_gate)
        {
            if (_loop.IsGone)
            {
                return;
            }

            MeasureQueueLocked();
            state = _loop.StateLocked(now);
            if (state == WriteState.Free)
            {
                told = TellPositionsLocked(now);
            }
        }

        if (state == WriteState.Overdue)
        {
            _transport.Abort();
        }
        else if (state == WriteState.Stuck)
        {
            Counters.CountSlowReader();
            Close(Disconnect.Slow);
        }
        else if (told)
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

        foreach (var subscription in _loop.Ready)
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
                && _wire.Position(subscription.Log, subscription.Cursor - subscription.Merged, default) is { Length: > 0 } position)
            {
                subscription.ShownAt = now;
                _loop.ReplyLocked(position);
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
        return ended;
    }

    private void Forget(Subscription subscription)
    {
        subscription.Log.ReadersOn(Shard).Remove(subscription);
        if (_wire.IsResumed)
        {
            _hub.Remember(subscription.Log);
        }

        _hub.Release(subscription.Log);
    }
}
