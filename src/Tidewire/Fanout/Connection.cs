using Tidewire.Fanout.Filtering;
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
    /// Of a channel that the connection already holds, the subscription goes on where it stands, and has the terms that are
    /// given now. Where it begins may have to be read from the disk: <see cref="StartedAsync"/> waits for that.
    /// </summary>
    /// <param name="feed">The channel's feed.</param>
    /// <param name="name">The canonical channel.</param>
    /// <param name="since">The position to resume after.</param>
    /// <param name="history">Entries before the tail to begin with, when there is no position or it cannot be resumed.</param>
    /// <param name="subscription">The subscription when the answer is null.</param>
    /// <returns>Null, or why not.</returns>
    public ProtocolError? Subscribe(Feed feed, ChannelName name, StreamPosition? since, int history, out Subscription? subscription)
        => Subscribe(feed, name, since, history, new SubscriptionTerms(), out subscription);

    /// <summary>As the shorter form, with a filter or a rate.</summary>
    /// <param name="feed">The channel's feed.</param>
    /// <param name="name">The canonical channel.</param>
    /// <param name="since">The position to resume after.</param>
    /// <param name="history">Entries before the tail to begin with, when there is no position or it cannot be resumed.</param>
    /// <param name="terms">The filter and the rate.</param>
    /// <param name="subscription">The subscription when the answer is null.</param>
    /// <returns>Null, or why not.</returns>
    public ProtocolError? Subscribe(Feed feed, ChannelName name, StreamPosition? since, int history, SubscriptionTerms terms, out Subscription? subscription)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(terms);
        subscription = null;
        if (terms.MaxRate > 0 && feed.Class == FeedClass.Event)
        {
            return new ProtocolError(ErrorCode.BadValue, $"'{name}' is an event feed, whose every publication is delivered: leave 'max_rate' out, or use a filter.", "max_rate");
        }

        var interval = feed.Class == FeedClass.Event ? TimeSpan.Zero : terms.MaxRate switch
        {
            null => _wire.StateInterval,
            0 => TimeSpan.Zero,
            { } rate => TimeSpan.FromSeconds(Math.Min(3600, 1 / rate)),
        };
        lock (_gate)
        {
            if (!_subscriptions.TryGetValue(name, out subscription) && _subscriptions.Count >= _hub.Options.MaxChannelsPerConnection)
            {
                return new ProtocolError(ErrorCode.TooManyChannels,
                    $"This connection holds {_subscriptions.Count} channels, the most it may: unsubscribe from one first.", "channel");
            }
        }

        if (subscription is not null)
        {
            Change(subscription, terms.Filter, interval);
            return null;
        }

        var log = _hub.Reserve(name, feed);
        var filter = terms.Filter is null ? null : log.Filters.Use(terms.Filter);
        var made = new Subscription(this, log, terms with { Interval = interval }, filter, _hub.Time.GetTimestamp());
        var start = _hub.StartOfAsync(log, since, history);
        if (start.IsCompletedSuccessfully)
        {
            made.StartAt(start.Result);
        }
        else
        {
            made.Starting = StartAsync(made, start);
        }

        lock (_gate)
        {
            if (!_loop.IsGone && !_loop.IsClosing)
            {
                _subscriptions.Add(name, made);
                subscription = made;
                return null;
            }
        }

        if (filter is not null)
        {
            log.Filters.Release(filter);
        }

        _hub.Release(log);
        return new ProtocolError(ErrorCode.NotSubscribed, "The connection is closing.", "channel");
    }

    /// <summary>Waits until it is known where a subscription begins. False when it has ended meanwhile.</summary>
    /// <param name="subscription">One of this connection's.</param>
    public async ValueTask<bool> StartedAsync(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (subscription.Starting is { } starting)
        {
            await starting.ConfigureAwait(false);
        }

        lock (_gate)
        {
            return !subscription.HasEnded;
        }
    }

    /// <summary>The position up to which a subscription has taken entries.</summary>
    /// <param name="subscription">One of this connection's.</param>
    public StreamPosition PositionOf(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            return PositionLocked(subscription);
        }
    }

    /// <summary>The position up to which a subscription has taken entries or passed over them, and what it passed over since the last delivery.</summary>
    /// <param name="subscription">One of this connection's.</param>
    public (StreamPosition Position, PassedOver Passed) ReachOf(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            return (new StreamPosition(subscription.Log.Epoch, subscription.Cursor), subscription.Passed);
        }
    }

    /// <summary>Lets a subscription deliver. Calling it again does nothing.</summary>
    /// <param name="subscription">One of this connection's, of which it is known where it begins.</param>
    public void Begin(Subscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            if (subscription.HasEnded || subscription.Place >= 0)
            {
                return;
            }

            if (!subscription.HasStarted)
            {
                throw new InvalidOperationException("It is not known yet where the subscription begins.");
            }
        }

        var readers = subscription.Log.ReadersOn(Shard);
        readers.Add(subscription);
        if (subscription.HasEnded)
        {
            readers.Remove(subscription); // ended between the two: whoever ended it found it in no list
            return;
        }

        if (subscription.Log.IsRetired)
        {
            Close(Hub.BeginsAnew); // its log was replaced between the two
            return;
        }

        if (_wire.HasPositions)
        {
            subscription.Log.PositionToldAt = _hub.Time.GetUtcNow();
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

    /// <summary>Sends ready bytes that tell where a subscription stands: they come after what was taken up to there, and before what follows.</summary>
    /// <param name="subscription">One of this connection's.</param>
    /// <param name="reply">Whole frames for the position; called once, and must not call back.</param>
    public void Confirm(Subscription subscription, Func<StreamPosition, byte[]> reply)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(reply);
        lock (_gate)
        {
            if (_loop.IsOver || _loop.IsClosing)
            {
                return;
            }

            _loop.ReplyLocked(reply(PositionLocked(subscription)));
        }

        Flush();
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

    /// <summary>One more answer is being made, and takes a place among those that wait, until <see cref="Answered"/>.</summary>
    public void Answers()
    {
        lock (_gate)
        {
            _loop.OweLocked(1);
        }
    }

    /// <summary>An answer that was being made is sent, or will not be.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            _loop.OweLocked(-1);
        }
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

    /// <summary>The past entries that a subscription waits for are there, or its time to be sent something has come: it goes on.</summary>
    internal void GoOn(Subscription subscription)
    {
        lock (_gate)
        {
            if (!_loop.GoOnLocked(subscription))
            {
                return;
            }
        }

        Flush();
    }

    /// <summary>The client may be sent more: its bandwidth has grown again.</summary>
    internal void Paced()
    {
        lock (_gate)
        {
            _loop.PacedLocked();
        }

        Flush();
    }

    /// <summary>The past entries that a subscription waits for cannot be read: it is closed, and comes back with its position.</summary>
    internal void PastFailed() => Close(Disconnect.Slow.Because("past entries could not be read: the disk does not answer"));

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
            state = _loop.StateLocked(now, LimitLocked());
            if (state != WriteState.Overdue && !_loop.IsClosing && IsBehindLocked(now))
            {
                state = WriteState.Stuck;
            }

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
            Close(Disconnect.Slow);
            Counters.CountSlowReader(); // after: who reads the count finds it closed
        }
        else if (told)
        {
            Flush();
        }
    }

    /// <summary>A client that reads an event channel must take something within a shorter time than one that reads only states.</summary>
    private TimeSpan LimitLocked()
    {
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.Log.Feed.Class == FeedClass.Event)
            {
                return _hub.Options.SlowReaderLimit;
            }
        }

        return _subscriptions.Count == 0 ? _hub.Options.SlowReaderLimit : _hub.Options.StateReaderLimit;
    }

    private bool IsBehindLocked(long now)
    {
        foreach (var subscription in _subscriptions.Values)
        {
            // Nothing of it is read while a write is under way: it may have fallen out of memory since.
            if (subscription.BehindSince == 0 && subscription is { IsReady: true, Log: { Stored: not null, Feed.Class: FeedClass.Event } log }
                && subscription.Cursor >= subscription.LiveAfter && subscription.Cursor + 1 < log.First)
            {
                subscription.BehindSince = now;
            }

            if (subscription.BehindSince != 0 && _hub.Time.GetElapsedTime(subscription.BehindSince, now) >= _hub.Options.BehindLimit)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What was passed over is counted with the next entry.</summary>
    private static StreamPosition PositionLocked(Subscription subscription) => new(subscription.Log.Epoch, subscription.Cursor - subscription.Merged - subscription.Filtered);

    /// <summary>Gives a subscription other terms from where it stands.</summary>
    private void Change(Subscription subscription, Filter? filter, TimeSpan interval)
    {
        var filters = subscription.Log.Filters;
        var former = filter is null ? null : filters.Use(filter);
        var goesOn = false;
        lock (_gate)
        {
            if (!subscription.HasEnded)
            {
                (former, subscription.Filter) = (subscription.Filter, former);
                if (subscription.Interval != interval)
                {
                    (subscription.Interval, subscription.NotBefore) = (interval, 0); // what waited for the former time is sent now
                    goesOn = _loop.GoOnLocked(subscription);
                }
            }
        }

        if (former is not null)
        {
            filters.Release(former);
        }

        if (goesOn)
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
            // One that waits for its time to be sent something shows nothing either.
            if (subscription.HasStarted && (!subscription.IsReady || subscription.NotBefore > now) && _hub.Time.GetElapsedTime(subscription.ShownAt, now) >= PositionDue
                && _wire.Position(subscription.Log, subscription.Cursor, subscription.Passed) is { Length: > 0 } position)
            {
                subscription.ShownAt = now;
                subscription.Merged = subscription.Filtered = 0;
                _loop.ReplyLocked(position);
                told = true;
            }
        }

        return told;
    }

    private async Task StartAsync(Subscription subscription, ValueTask<SubscriptionStart> start)
    {
        var at = await start.ConfigureAwait(false);
        lock (_gate)
        {
            subscription.StartAt(at);
        }
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
        if (subscription.Filter is { } filter)
        {
            subscription.Log.Filters.Release(filter);
        }

        if (_wire.HasPositions)
        {
            subscription.Log.PositionToldAt = _hub.Time.GetUtcNow();
        }

        if (_wire.IsResumed)
        {
            _hub.Remember(subscription.Log);
        }

        _hub.Release(subscription.Log);
    }
}
