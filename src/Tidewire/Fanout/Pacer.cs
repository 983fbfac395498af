namespace Tidewire.Fanout;

/// <summary>
/// Readers that are to be sent nothing before a time of their own: those of a state feed with a rate, and clients with a
/// bandwidth. One timer for all. Thread-safe.
/// </summary>
internal sealed class Pacer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(Connection Connection, Subscription? Subscription), long> _waiting = new();
    private readonly List<(Connection Connection, Subscription? Subscription)> _due = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _firesAt = long.MaxValue;
    private bool _firing;

    public Pacer(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static pacer => ((Pacer)pacer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes a subscription at a time.</summary>
    public void Later(Subscription subscription, long at) => Add(subscription.Connection, subscription, at);

    /// <summary>Wakes a connection at a time.</summary>
    public void Later(Connection connection, long at) => Add(connection, null, at);

    public void Dispose() => _timer.Dispose();

    private void Add(Connection connection, Subscription? subscription, long at)
    {
        lock (_gate)
        {
            _waiting.Enqueue((connection, subscription), at);
            ScheduleLocked();
        }
    }

    private void ScheduleLocked()
    {
        if (!_firing && _waiting.TryPeek(out _, out var at) && at < _firesAt)
        {
            _firesAt = at;
            var wait = _time.GetElapsedTime(_time.GetTimestamp(), at);
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            if (_firing)
            {
                return;
            }

            _firing = true;
            _firesAt = long.MaxValue;
        }

        while (true)
        {
            lock (_gate)
            {
                _due.Clear();
                var now = _time.GetTimestamp();
                while (_waiting.TryPeek(out var next, out var at) && at <= now)
                {
                    _waiting.Dequeue();
                    _due.Add(next);
                }

                if (_due.Count == 0)
                {
                    _firing = false;
                    ScheduleLocked();
                    return;
                }
            }

            foreach (var (connection, subscription) in _due)
            {
                if (subscription is not null)
                {
                    connection.GoOn(subscription);
                }
                else
                {
                    connection.Paced();
                }
            }
        }
    }
}
