namespace Tidewire.Client.Wires;

/// <summary>What a client counts and measures. Thread-safe.</summary>
internal sealed class Tally(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _received;
    private long _sent;
    private long _errors;
    private long _duplicates;
    private long _connections;
    private long _applied;
    private DateTimeOffset? _lastAt;
    private TimeSpan? _roundTrip;
    private TimeSpan? _skew;
    private TimeSpan? _lag;

    public void Sent() => Interlocked.Increment(ref _sent);

    public void Error() => Interlocked.Increment(ref _errors);

    public void Duplicate() => Interlocked.Increment(ref _duplicates);

    public void Connected() => Interlocked.Increment(ref _connections);

    public void Applied() => Interlocked.Increment(ref _applied);

    /// <summary>A message came.</summary>
    public void Received(ServerMessage message)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _received++;
            _lastAt = now;
            if (message is { IsPublication: true, Timestamp: { } at })
            {
                _lag = now + (_skew ?? TimeSpan.Zero) - at;
            }
        }
    }

    /// <summary>An answer came to what was asked a while ago: the server's clock showed its time half-way.</summary>
    public void Answered(long askedAt, DateTimeOffset? serverTime)
    {
        var roundTrip = time.GetElapsedTime(askedAt);
        lock (_gate)
        {
            _roundTrip = roundTrip;
            if (serverTime is { } server)
            {
                _skew = server + (roundTrip / 2) - time.GetUtcNow();
            }
        }
    }

    public ClientStatistics Read(ClientState state, IReadOnlyCollection<Subscriptions.Subscription> subscriptions)
    {
        lock (_gate)
        {
            return new ClientStatistics
            {
                IsConnected = state.Phase == ClientPhase.Connected,
                IsReconnecting = state.Phase is ClientPhase.Reconnecting or ClientPhase.Offline,
                ReconnectAttempts = state.Attempt,
                MessagesReceived = _received,
                MessagesSent = Interlocked.Read(ref _sent),
                UpdatesApplied = Interlocked.Read(ref _applied),
                Reconnects = Math.Max(0, Interlocked.Read(ref _connections) - 1),
                Errors = Interlocked.Read(ref _errors),
                LastMessageTime = _lastAt,
                Subscriptions = [.. subscriptions.Select(static subscription => subscription.Requested)],
                QueueSize = subscriptions.Sum(static subscription => subscription.Count),
                PendingUpdates = subscriptions.Count(static subscription => !subscription.HasRoom),
                CacheSize = subscriptions.Count(static subscription => subscription.Position is not null),
                RoundTripMs = _roundTrip?.TotalMilliseconds,
                ClockSkewMs = _skew?.TotalMilliseconds,
                LagMs = _lag?.TotalMilliseconds,
                Duplicates = Interlocked.Read(ref _duplicates),
                Wire = state.Wire,
            };
        }
    }
}
