namespace Tidewire.Fanout;

/// <summary>
/// A share of the connections, woken once for all of them: an append adds its channel to the shard's list, one worker
/// marks the readers, then flushes each connection once, however many channels had news for it.
/// </summary>
internal sealed class Shard(int index) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly List<Connection> _ready = [];
    private List<ChannelLog> _news = [];
    private List<ChannelLog> _taken = [];
    private bool _running;

    public int Index { get; } = index;

    /// <summary>Called by the appender: never blocks for longer than a list takes to grow.</summary>
    public void Tell(ChannelLog log)
    {
        var readers = log.ReadersOn(Index);
        if (readers.IsEmpty || !readers.TryTell())
        {
            return;
        }

        lock (_gate)
        {
            _news.Add(log);
            if (_running)
            {
                return;
            }

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_news.Count == 0)
                {
                    _running = false;
                    return;
                }

                (_news, _taken) = (_taken, _news);
            }

            foreach (var log in _taken)
            {
                log.ReadersOn(Index).WakeAll(_ready);
            }

            _taken.Clear();
            foreach (var connection in _ready)
            {
                connection.Flush();
            }

            _ready.Clear();
        }
    }
}
