using System.Runtime.InteropServices;

namespace Tidewire.Fanout;

/// <summary>
/// A share of the connections, woken once for all of them: an append adds its channel to the shard's list, one worker
/// marks the readers, then writes to each connection in turn, however many channels had news for it. With a window it does
/// so only at the end of one, so that what comes within it goes out in one write for each client.
/// </summary>
internal sealed class Shard : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Connection> _ready = [];
    private readonly TimeSpan _window;
    private readonly ITimer? _windowEnd;
    private List<ChannelLog> _news = [];
    private List<ChannelLog> _taken = [];
    private bool _running;

    /// <param name="index">Its number.</param>
    /// <param name="window">How long news is gathered before it is written; zero for not at all.</param>
    /// <param name="time">The clock of the window.</param>
    public Shard(int index, TimeSpan window, TimeProvider time)
    {
        Index = index;
        _window = window;
        _windowEnd = window == TimeSpan.Zero ? null : time.CreateTimer(static shard => ((Shard)shard!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Index { get; }

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

        Schedule();
    }

    void IThreadPoolWorkItem.Execute() => Run();

    public void Dispose() => _windowEnd?.Dispose();

    /// <summary>Runs at once, or at the end of the window that now begins.</summary>
    private void Schedule()
    {
        if (_windowEnd is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            _windowEnd.Change(_window, Timeout.InfiniteTimeSpan);
        }
    }

    private void Run()
    {
        while (TakeNews())
        {
            MarkReaders();
            WriteAll();
            if (_windowEnd is not null && GoesOn())
            {
                Schedule();
                return;
            }
        }
    }

    private bool TakeNews()
    {
        lock (_gate)
        {
            if (_news.Count == 0)
            {
                _running = false;
                return false;
            }

            (_news, _taken) = (_taken, _news);
            return true;
        }
    }

    private bool GoesOn()
    {
        lock (_gate)
        {
            return _news.Count > 0;
        }
    }

    private void MarkReaders()
    {
        foreach (var log in CollectionsMarshal.AsSpan(_taken))
        {
            log.ReadersOn(Index).WakeAll(_ready);
        }

        _taken.Clear();
    }

    private void WriteAll()
    {
        foreach (var connection in CollectionsMarshal.AsSpan(_ready))
        {
            connection.Flush();
        }

        _ready.Clear();
    }
}
