using Tidewire.Client.Wires;
using Tidewire.Protocol;

namespace Tidewire.Client.Subscriptions;

/// <summary>What became of a message that a wire handed on.</summary>
internal enum Verdict
{
    /// <summary>It is in the queue, or said nothing new.</summary>
    Taken,

    /// <summary>It came before.</summary>
    Duplicate,

    /// <summary>Offsets before it are missing: the wire asks again from the position.</summary>
    Hole,

    /// <summary>There is no room: the wire stops reading the channel, and asks again from the position once there is.</summary>
    Full,
}

/// <summary>
/// One channel as one reader wants it: where it stands, what waits for the reader, and the seam between one connection and the
/// next. The only place that judges offsets; every wire hands its messages here. Thread-safe.
/// </summary>
internal sealed class Subscription(string requested, SubscriptionOptions options, int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly EntryQueue _queue = new();
    private readonly Signal _arrived = new();
    private readonly Signal _room = new();
    private readonly CancellationTokenSource _gone = new();
    private StreamPosition? _position = options.Since;
    private StreamPosition? _askedAgainAt;
    private bool _isFull;
    private bool _isConfirmed;
    private bool _ended;
    private TidewireException? _failure;
    private string? _channel;
    private Func<Publication, string?>? _keyOf = StateKey.Of(requested);

    /// <summary>The channel as the reader wrote it.</summary>
    public string Requested => requested;

    /// <summary>The canonical name, once the server has told it.</summary>
    private string Channel => _channel ?? requested;

    public SubscriptionOptions Options => options;

    /// <summary>Whether it still wants anything.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return !_ended && _failure is null;
            }
        }
    }

    /// <summary>Cancelled once it wants nothing more.</summary>
    public CancellationToken Gone
    {
        get
        {
            try
            {
                return _gone.Token;
            }
            catch (ObjectDisposedException)
            {
                return new CancellationToken(canceled: true);
            }
        }
    }

    /// <summary>Whether there is room to read on.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return !_isFull;
            }
        }
    }

    /// <summary>How many entries may still be taken in; at least one.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                return Math.Max(1, capacity - _queue.Count);
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Where to go on; null before the first confirmation.</summary>
    public StreamPosition? Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>The past to ask for: only before anything was confirmed.</summary>
    public int HistoryDue
    {
        get
        {
            lock (_gate)
            {
                return _isConfirmed || _position is not null ? 0 : options.History;
            }
        }
    }

    /// <summary>Raised, outside of any lock, when the reader has made room or gone.</summary>
    public event Action? Freed;

    /// <summary>Waits for room to read on.</summary>
    public Task UntilRoomAsync(CancellationToken cancellation) => _room.UntilAsync(() => !_isFull, _gate, cancellation);

    /// <summary>The next entry; null when the client was closed.</summary>
    /// <exception cref="TidewireException">It ended for good.</exception>
    public async ValueTask<Entry?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _arrived.UntilAsync(() => _queue.Count > 0 || _ended || _failure is not null, _gate, cancellation).ConfigureAwait(false);
            Entry? entry;
            var freed = false;
            lock (_gate)
            {
                if (!_queue.TryTake(out entry) && _failure is not null)
                {
                    throw new TidewireException(_failure.Code, _failure.Message, _failure.Number);
                }

                if (entry is null && !_ended)
                {
                    continue; // another reader of the same enumeration was faster
                }

                if (_isFull && _queue.Count <= capacity / 2)
                {
                    _isFull = false;
                    freed = true;
                }
            }

            if (freed)
            {
                _room.Set();
                Freed?.Invoke();
            }

            return entry;
        }
    }

    /// <summary>Ends it quietly: the reader gets what is in the queue, then the end.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _isFull = false;
        }

        Leave();
    }

    /// <summary>Ends it with an error that the reader gets after what is in the queue.</summary>
    public void Fail(TidewireException failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            _isFull = false;
        }

        Leave();
    }

    public void Dispose() => _gone.Dispose();

    /// <summary>Takes the server's word on where it begins.</summary>
    /// <param name="channel">The canonical name.</param>
    /// <param name="at">What follows begins after it.</param>
    /// <param name="asked">The position that was asked for; null for none.</param>
    /// <param name="recovered">Whether nothing after that is missing.</param>
    /// <param name="reason">Why it is not.</param>
    public void Confirm(string channel, StreamPosition at, StreamPosition? asked, bool recovered, string? reason)
    {
        lock (_gate)
        {
            _channel = channel;
            _keyOf = StateKey.Of(channel);
            _isConfirmed = true;
            if (asked is { } from && recovered)
            {
                _queue.Add(new Subscribed(channel) { Position = from, IsRecovered = true });
                if (at.Epoch == from.Epoch && at.Offset > from.Offset)
                {
                    _queue.Add(new Missed(channel) { Epoch = at.Epoch, From = from.Offset + 1, To = at.Offset });
                    _position = at;
                }
                else
                {
                    _position = from;
                }
            }
            else
            {
                if (asked is not null)
                {
                    _queue.Add(new Reset(channel) { Position = at, Reason = reason ?? "the server did not say why" });
                }

                _queue.Add(new Subscribed(channel) { Position = at, IsRecovered = false });

                _position = at;
                _askedAgainAt = null;
            }
        }

        _arrived.Set();
    }

    /// <summary>Takes the past that was asked for; it stands at or before the position.</summary>
    public void TakeHistory(ServerMessage history, string epoch)
    {
        lock (_gate)
        {
            foreach (var message in history.Messages.Where(static message => message.IsPublication))
            {
                _queue.Add(LogEntry.Publication(message, Channel, new StreamPosition(epoch, message.Offset!.Value), isHistory: true));
            }
        }

        _arrived.Set();
    }

    /// <summary>Takes a publication, a gap or a position.</summary>
    /// <param name="message">The message.</param>
    /// <param name="epoch">The epoch where the message has none.</param>
    public Verdict Take(ServerMessage message, string epoch)
    {
        lock (_gate)
        {
            if (_ended || _failure is not null)
            {
                return Verdict.Taken;
            }

            if (_isFull)
            {
                return Verdict.Full;
            }

            var verdict = TakeLocked(message, new StreamPosition(message.Epoch ?? epoch, message.Offset ?? 0));
            if (verdict != Verdict.Taken)
            {
                _arrived.Set();
                return verdict;
            }
        }

        _arrived.Set();
        return Verdict.Taken;
    }

    private void Leave()
    {
        _arrived.Set();
        _room.Set();
        try
        {
            _gone.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has left before.
        }
    }

    /// <summary>Whether merging what waits has made room. Where hardly anything went, the next entry would sort it all again for nothing.</summary>
    private bool MadeRoom()
    {
        if (_keyOf is not null)
        {
            _queue.Conflate(_keyOf);
        }

        return _queue.Count <= capacity * 3L / 4;
    }

    private Verdict TakeLocked(ServerMessage message, StreamPosition at)
    {
        var isEntry = message.Type != "position";
        _channel = message.Channel ?? _channel;
        if (_position is { } previous && previous.Epoch == at.Epoch)
        {
            if (at.Offset <= previous.Offset)
            {
                return isEntry ? Verdict.Duplicate : Verdict.Taken;
            }

            var through = at.Offset - message.Merged - message.Filtered - (isEntry ? 1 : 0);
            if (through > previous.Offset)
            {
                if (_askedAgainAt != previous)
                {
                    _askedAgainAt = previous;
                    _queue.Add(new Missed(Channel) { Epoch = at.Epoch, From = previous.Offset + 1, To = through });
                    return Verdict.Hole;
                }
            }
        }
        else if (_position is not null)
        {
            _queue.Add(new Reset(Channel) { Position = at, Reason = "the epoch changed without a word" });
        }

        if (isEntry && _queue.Count >= capacity && !MadeRoom())
        {
            _isFull = true;
            return Verdict.Full;
        }

        _askedAgainAt = null;
        _position = at;
        _queue.Add(message.Type switch
        {
            "position" => new Advanced(Channel) { Position = at, Merged = message.Merged, Filtered = message.Filtered },
            "gap" => LogEntry.Gap(message, Channel, at),
            _ => LogEntry.Publication(message, Channel, at, isHistory: false),
        });
        return Verdict.Taken;
    }
}
