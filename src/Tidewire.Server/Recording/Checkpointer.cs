using SQLitePCL;

namespace Tidewire.Server.Recording;

/// <summary>
/// Keeps the write-ahead log of the day being written short. A thread of its own copies the log into the file while
/// entries go on being written; but a log that is never quite copied never begins anew, so that the writer finishes the
/// rest between two commits when the log has grown long.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    /// <summary>Written bytes after which the thread copies.</summary>
    private const long CopyAfter = 8L << 20;

    /// <summary>Length of the log at which the writer finishes if that is at once possible.</summary>
    private const long FinishAfter = 32L << 20;

    /// <summary>Length of the log at which the writer waits for the thread and for readers.</summary>
    private const long InsistAfter = 48L << 20;

    /// <summary>Written bytes between two tries of the writer.</summary>
    private const long TryAgainAfter = 1L << 20;

    private static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Action<SqliteException?> _result;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Lock _copying = new();
    private readonly Queue<DayWriter> _finished = new();
    private readonly Thread _thread;
    private SqliteConnection? _connection;
    private string? _path;
    private string? _openPath;
    private volatile bool _stopping;
    private int _pageSize;
    private long _written;
    private long _signalled;
    private long _tried;
    private Seen _seen = new(0, 0);

    /// <summary>Starts the thread.</summary>
    /// <param name="result">Told how each copying of the thread ended.</param>
    public Checkpointer(Action<SqliteException?> result)
    {
        _result = result;
        _thread = new Thread(Run) { IsBackground = true, Name = "checkpoints" };
        _thread.Start();
    }

    /// <summary>Takes over the writer of a day that is over: copies its log to the end and closes it.</summary>
    public void Finish(DayWriter writer)
    {
        lock (_finished)
        {
            _finished.Enqueue(writer);
        }

        _wake.Set();
    }

    /// <summary>Turns to the day that is written from now on.</summary>
    /// <param name="writer">Its writer.</param>
    public void Follow(DayWriter writer)
    {
        lock (_copying)
        {
            (_path, _pageSize) = (writer.Day.Path, writer.PageSize);
            (_written, _signalled, _tried) = (0, 0, 0);
            _seen = new Seen(0, 0);
        }
    }

    /// <summary>Lets go of the day, so that its file has no connection of this.</summary>
    public void Release()
    {
        lock (_copying)
        {
            _path = null;
            CloseConnection();
        }
    }

    /// <summary>To be called by the writer between two commits.</summary>
    /// <param name="writer">The writer of the day that is followed.</param>
    /// <exception cref="SqliteException">The disk refused to take the log into the file; what was committed is not touched by it.</exception>
    public void AfterCommit(DayWriter writer)
    {
        var written = _written + ((long)writer.Connection.TakePagesWritten() * _pageSize);
        Volatile.Write(ref _written, written);
        if (written - _signalled >= CopyAfter)
        {
            _signalled = written;
            _wake.Set();
        }

        var seen = Volatile.Read(ref _seen);
        var length = seen.Length + (written - seen.Written);
        if (length >= FinishAfter && written - _tried >= TryAgainAfter)
        {
            _tried = written;
            FinishLog(writer, raw.SQLITE_CHECKPOINT_RESTART, insist: length >= InsistAfter);
        }
    }

    /// <summary>Takes the whole log into the file and empties it.</summary>
    /// <param name="writer">The writer of the day that is followed.</param>
    /// <exception cref="SqliteException">The disk refused.</exception>
    public void Empty(DayWriter writer) => FinishLog(writer, raw.SQLITE_CHECKPOINT_TRUNCATE, insist: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
        CloseConnection();
        _wake.Dispose();
    }

    private void FinishLog(DayWriter writer, int mode, bool insist)
    {
        if (!insist && !_copying.TryEnter())
        {
            return; // the thread is at it
        }

        if (insist)
        {
            _copying.Enter();
        }

        try
        {
            writer.Connection.Wait(insist ? Patience : ShortPatience);
            if (writer.Connection.Checkpoint(mode, out _))
            {
                Volatile.Write(ref _seen, new Seen(0, _written));
            }
        }
        finally
        {
            writer.Connection.Wait(Patience);
            _copying.Exit();
        }
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            FinishDays();
            if (_stopping)
            {
                return;
            }

            try
            {
                if (Copy())
                {
                    _result(null);
                }
            }
            catch (SqliteException exception)
            {
                _result(exception);
            }
        }
    }

    private bool Copy()
    {
        lock (_copying)
        {
            if (_path is null)
            {
                return false;
            }

            if (_openPath != _path)
            {
                CloseConnection();
                _connection = new SqliteConnection(_path, create: false, Patience);
                _ = _connection.Number("SELECT count(*) FROM file"); // until it has read, it does not know of the log and copies nothing
                _openPath = _path;
            }

            var written = Volatile.Read(ref _written);
            if (!_connection!.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE, out var pages) || pages < 0)
            {
                return false;
            }

            Volatile.Write(ref _seen, new Seen((long)pages * _pageSize, written));
            return true;
        }
    }

    private void FinishDays()
    {
        while (true)
        {
            DayWriter? writer;
            lock (_finished)
            {
                if (!_finished.TryDequeue(out writer))
                {
                    return;
                }
            }

            try
            {
                lock (_copying)
                {
                    if (_openPath == writer.Day.Path)
                    {
                        CloseConnection();
                    }
                }

                writer.Connection.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
            }
            catch (SqliteException exception)
            {
                _result(exception); // the log stays beside its file and is read with it
            }
            finally
            {
                writer.Dispose();
            }
        }
    }

    private void CloseConnection()
    {
        _connection?.Dispose();
        _connection = null;
        _openPath = null;
    }

    /// <summary>How long the log was when so much had been written.</summary>
    private sealed record Seen(long Length, long Written);
}
