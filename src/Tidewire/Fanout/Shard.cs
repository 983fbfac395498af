using System.Runtime.InteropServices;

namespace Tidewire.Fanout;

/// <summary>
/// A share of the connections, woken once for all of them: an append adds its channel to the shard's list, the shard's thread
/// marks the readers, then writes to each connection in turn, however many channels had news for it. With a window it does
/// so only at the end of one, so that what comes within it goes out in one write for each client.
/// </summary>
/// <remarks>
/// A thread of its own, and none of the pool's: to find a worker and to wake it costs more, and the pool has other work that
/// may keep it waiting. It begins with the first news that anyone reads, and ends by itself after <see cref="Dispose"/>.
/// </remarks>
internal sealed class Shard : IDisposable
{
    private readonly object _gate = new();
    private readonly List<Connection> _ready = [];
    private readonly TimeSpan _window;
    private readonly ITimer? _windowEnd;
    private List<ChannelLog> _news = [];
    private List<ChannelLog> _taken = [];
    private Thread? _thread;
    private bool _told;
    private bool _due;
    private bool _ended;

    /// <param name="index">Its number.</param>
    /// <param name="window">How long news is gathered before it is written; zero for not at all.</param>
    /// <param name="time">The clock of the window.</param>
    public Shard(int index, TimeSpan window, TimeProvider time)
    {
        Index = index;
        _window = window;
        _windowEnd = window == TimeSpan.Zero ? null : time.CreateTimer(static shard => ((Shard)shard!).EndWindow(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
            if (_told)
            {
                return;
            }

            _told = true;
            if (_windowEnd is null)
            {
                GoLocked();
                return;
            }
        }

        _windowEnd.Change(_window, Timeout.InfiniteTimeSpan); // the window begins with the first news
    }

    public void Dispose()
    {
        _windowEnd?.Dispose();
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
    }

    private void EndWindow()
    {
        lock (_gate)
        {
            GoLocked();
        }
    }

    private void GoLocked()
    {
        _due = true;
        if (_thread is not null)
        {
            Monitor.Pulse(_gate);
        }
        else if (!_ended)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "Tidewire shard" };
            _thread.Start();
        }
    }

    private void Run()
    {
        while (TakeNews())
        {
            MarkReaders();
            WriteAll();
        }
    }

    private bool TakeNews()
    {
        lock (_gate)
        {
            while (!_due && !_ended)
            {
                Monitor.Wait(_gate);
            }

            _due = _told = false;
            (_news, _taken) = (_taken, _news);
            return !_ended;
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
