using SQLitePCL;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Recording;

namespace Tidewire.Server.Recording;

/// <summary>
/// The log store in a folder of SQLite files: one per New York calendar date of receipt, and a catalogue with the epoch
/// and the offset reservations.
/// </summary>
/// <remarks>
/// <para>Dates never go back: an entry that was received before midnight and is committed after one that was received
/// later stands in the later date's file, so that the offsets of a channel rise with the files. A batch that spans
/// midnight is written as one transaction per file, in order of dates: where a later one fails, the earlier are
/// written, and the whole batch can be tried again.</para>
/// <para>The past counts as lost, and a new epoch begins, when the catalogue is missing or damaged while there are day
/// files, when a day file of the epoch is damaged, or when one is missing that is not among the oldest (the oldest may
/// be taken away by hand). What is damaged is set aside as <c>.corrupt-1</c> and so on and never removed. Day files of a
/// former epoch stay for playback until retention takes them; nothing is read from them here.</para>
/// </remarks>
internal sealed partial class SqliteLogStore : ILogStore
{
    private readonly StoreFolder _folder;
    private readonly RecordingOptions _options;
    private readonly StoreRetention _retention;
    private readonly MarketCalendar _calendar;
    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private readonly Lock _pruning = new();
    private readonly StoreCatalogue _catalogue;
    private readonly Checkpointer? _checkpointer;
    private readonly StoredDays _days;
    private DayWriter? _writer;
    private long _hour = -1;
    private DateOnly _hourDate;
    private int _checkpointFailed;
    private bool _gone;
    private bool _closed;
    private volatile bool _disposed;

    /// <summary>Opens a store, or makes one. From now on it counts as not closed.</summary>
    /// <param name="folder">Its folder; nothing else should be in it. Made when it is missing.</param>
    /// <param name="simulated">Whether simulated data is kept in it. A store of the one kind is never opened as the other.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="calendar">Tells New York's date.</param>
    /// <param name="logger">Where to log.</param>
    /// <exception cref="InvalidDataException">It cannot be used: another process has it, it is newer, of the other kind, or the disk refused. The message says what to do.</exception>
    public SqliteLogStore(string folder, bool simulated, RecordingOptions options, MarketCalendar calendar, ILogger<SqliteLogStore> logger)
    {
        (_options, _calendar, _logger) = (options, calendar, logger);
        _retention = new StoreRetention(options);
        _folder = new StoreFolder(folder);
        try
        {
            var opening = new StoreOpening(_folder, simulated, logger);
            try
            {
                (_catalogue, var days, Channels) = opening.Run();
                _days = new StoredDays(days, Refusal, NoteDamage);
            }
            catch (SqliteException exception)
            {
                throw new InvalidDataException(Refusal(exception, "the store cannot be opened").Message, exception);
            }

            (Epoch, WasClosed, FormerLives) = (_catalogue.Epoch, _catalogue.WasClosed, _catalogue.FormerLives);
            try
            {
                _catalogue.MarkOpen();
            }
            catch (SqliteException exception)
            {
                throw new InvalidDataException(Refusal(exception, "the store cannot be opened").Message, exception);
            }

            _checkpointer = new Checkpointer(OnCheckpoint);
        }
        catch
        {
            _catalogue?.Dispose();
            _folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Epoch { get; }

    /// <inheritdoc/>
    public bool WasClosed { get; }

    /// <inheritdoc/>
    public long FormerLives { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StoredChannel> Channels { get; }

    /// <inheritdoc/>
    public long Bytes => _folder.Bytes;

    /// <inheritdoc/>
    public void Reserve(IReadOnlyList<OffsetReservation> reservations)
    {
        ArgumentNullException.ThrowIfNull(reservations);
        lock (_writing)
        {
            ThrowUnlessOpen();
            ThrowIfGone(_folder.CataloguePath);
            try
            {
                _catalogue.Reserve(reservations);
            }
            catch (SqliteException exception)
            {
                throw Refusal(exception, "offsets cannot be reserved");
            }
        }
    }

    /// <inheritdoc/>
    public void Commit(IReadOnlyList<LoggedEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        lock (_writing)
        {
            ThrowUnlessOpen();
            ThrowIfGone(_days.Current?.Path);
            for (var at = 0; at < entries.Count;)
            {
                var date = _days.Current is { } current ? Later(current.Name.Date, DateOf(entries[at].Entry.ReceivedAt)) : DateOf(entries[at].Entry.ReceivedAt);
                var end = at + 1;
                while (end < entries.Count && DateOf(entries[end].Entry.ReceivedAt) <= date)
                {
                    end++;
                }

                Write(entries, at, end, date);
                at = end;
            }
        }
    }

    /// <inheritdoc/>
    public void Probe()
    {
        lock (_writing)
        {
            ThrowUnlessOpen();
            ThrowIfGone(_folder.CataloguePath);
            ThrowIfGone(_days.Current?.Path);
            try
            {
                StoreProbe.Run(_folder.Path);
                if (_days.Current is { } day)
                {
                    var writer = WriterOf(day);
                    StoreProbe.Run(writer.Connection);
                    _checkpointer!.Empty(writer);
                }
                else
                {
                    _catalogue.Probe();
                }
            }
            catch (SqliteException exception)
            {
                LetGoUnlessFull(exception);
                throw Refusal(exception, "nothing can be written");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new LogStoreException($"The recording in {_folder.Path}: nothing can be written: {exception.Message} Make room on its disk, or make it writable; it goes on as soon as that is done.", exception);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _days.Read(channel, from, below, most, mostBytes);
    }

    /// <inheritdoc/>
    public long? OffsetBack(string channel, long below, int count)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _days.OffsetBack(channel, below, count);
    }

    /// <inheritdoc/>
    public long? FirstOffset(string channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _days.FirstOffset(channel);
    }

    /// <summary>
    /// Removes the days that retention does not keep: those too old, then the oldest while all together take too much; never
    /// the newest. Who reads one of them gets nothing from it any more. Any thread may call it.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="LogStoreException">The disk refused; what was not removed is tried again at the next call.</exception>
    public int Prune(DateTimeOffset now)
    {
        lock (_pruning)
        {
            var removed = 0;
            foreach (var day in _retention.NotKept(_days, _calendar.NewYorkDate(now)))
            {
                Remove(day);
                removed++;
            }

            return removed;
        }
    }

    /// <inheritdoc/>
    public void Close(IReadOnlyList<OffsetReservation> tails)
    {
        ArgumentNullException.ThrowIfNull(tails);
        lock (_writing)
        {
            ThrowUnlessOpen();
            try
            {
                // The entries reach the disk before it is said that nothing is missing.
                if (_writer is { } writer)
                {
                    _checkpointer!.Release();
                    writer.Connection.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
                    LetGo();
                }

                _catalogue.Close(tails);
                _closed = true;
            }
            catch (SqliteException exception)
            {
                throw Refusal(exception, "it cannot be closed in order");
            }
        }
    }

    /// <summary>Lets go of the folder. Without <see cref="Close"/> before it is what the end of the process would be.</summary>
    public void Dispose()
    {
        lock (_pruning)
        {
            lock (_writing)
            {
                if (_disposed)
                {
                    return;
                }

                _disposed = true;
                _checkpointer!.Dispose();
                LetGo();
                foreach (var day in _days.All)
                {
                    day.Retire();
                }

                _catalogue.Dispose();
                _folder.Dispose();
            }
        }
    }

    private static DateOnly Later(DateOnly one, DateOnly other) => one > other ? one : other;

    /// <summary>New York's date. It changes only at full hours of UTC, so that it is asked for once an hour.</summary>
    private DateOnly DateOf(DateTimeOffset at)
    {
        var hour = at.UtcTicks / TimeSpan.TicksPerHour;
        if (hour != _hour)
        {
            (_hour, _hourDate) = (hour, _calendar.NewYorkDate(at));
        }

        return _hourDate;
    }

    private void Write(IReadOnlyList<LoggedEntry> entries, int from, int to, DateOnly date)
    {
        try
        {
            var day = _days.Current is { } current && current.Name.Date >= date ? current : Begin(date);
            var writer = WriterOf(day);
            writer.Write(entries, from, to);
            AfterCommit(writer);
        }
        catch (SqliteException exception)
        {
            LetGoUnlessFull(exception);
            if (exception.IsDamage && _days.Current is { } day)
            {
                NoteDamage(day);
            }

            throw Refusal(exception, "entries cannot be kept");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LogStoreException($"The recording in {_folder.Path}: entries cannot be kept: {exception.Message} Make the folder writable; it goes on as soon as that is done.", exception);
        }
    }

    /// <summary>What is committed stays so whatever becomes of the log's copying.</summary>
    private void AfterCommit(DayWriter writer)
    {
        try
        {
            _checkpointer!.AfterCommit(writer);
        }
        catch (SqliteException exception)
        {
            OnCheckpoint(exception);
        }
    }

    private DayFile Begin(DateOnly date)
    {
        var number = _days.All.Where(day => day.Name.Date == date).Select(static day => day.Name.Number).DefaultIfEmpty().Max() + 1;
        var day = new DayFile(_folder.Path, new DayName(date, number), isOfLog: true);
        LetGoOfFormer();
        day.Delete(); // what a former try has left
        using (var connection = new SqliteConnection(day.Path, create: true, TimeSpan.FromSeconds(1)))
        {
            StoreSchema.MakeDay(connection, Epoch);
        }

        _catalogue.AddDay(day.Name.ToString());
        _days.Add(day);
        return day;
    }

    private DayWriter WriterOf(DayFile day)
    {
        if (_writer?.Day != day)
        {
            LetGoOfFormer();
            _writer = new DayWriter(day, _options.SurvivesPowerLoss);
            _checkpointer!.Follow(_writer);
            OpenReader(day);
        }

        return _writer;
    }

    /// <summary>Opens a connection that reads a day while there is room: on a full disk none can be opened, for want of the shared index of its log.</summary>
    private void OpenReader(DayFile day)
    {
        try
        {
            _days.TryUse(day, static _ => { });
        }
        catch (LogStoreException)
        {
            // Whoever reads is told.
        }
    }

    private void LetGoOfFormer()
    {
        if (_writer is { } former)
        {
            _writer = null;
            _checkpointer!.Finish(former);
        }
    }

    private void LetGo()
    {
        _writer?.Dispose();
        _writer = null;
    }

    /// <summary>A connection that has met anything but a full disk is opened anew.</summary>
    private void LetGoUnlessFull(SqliteException exception)
    {
        if (!exception.IsFull && _writer is not null)
        {
            _checkpointer!.Release();
            LetGo();
        }
    }

    private void Remove(DayFile day)
    {
        try
        {
            if (day.IsOfLog)
            {
                // Before the file goes: a channel that has nothing else keeps the mark below which nothing is given out.
                var tails = day.Tails();
                lock (_writing)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    _catalogue.RemoveDay(day.Name.ToString(), tails);
                }
            }

            lock (_writing)
            {
                _days.Remove(day);
            }

            day.Retire();
            day.Delete();
            Log.Removed(_logger, day.Path);
        }
        catch (SqliteException exception)
        {
            throw Refusal(exception, $"{day.Name} cannot be removed");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LogStoreException($"The recording in {_folder.Path}: {day.Name} cannot be removed: {exception.Message} Remove it by hand.", exception);
        }
    }

    private void NoteDamage(DayFile day)
    {
        lock (_writing)
        {
            try
            {
                if (!_disposed)
                {
                    _catalogue.MarkDamaged(day.Name.ToString());
                }
            }
            catch (SqliteException)
            {
                // it will be found again
            }
        }
    }

    private void OnCheckpoint(SqliteException? failure)
    {
        if (failure is null)
        {
            Volatile.Write(ref _checkpointFailed, 0);
        }
        else if (Interlocked.Exchange(ref _checkpointFailed, 1) == 0)
        {
            Log.CheckpointFailed(_logger, Refusal(failure, "the write-ahead log cannot be taken into its file").Message);
        }
    }

    private LogStoreException Refusal(SqliteException exception, string what) => StoreRefusal.Of(_folder.Path, what, exception);

    /// <summary>What is written to a file that was removed is written to nothing. It stays so, also when another takes its name.</summary>
    private void ThrowIfGone(string? path)
    {
        if (path is not null && (_gone || StoreFolder.IsGone(path)))
        {
            _gone = true;
            throw StoreRefusal.OfRemoved(_folder.Path);
        }
    }

    private void ThrowUnlessOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_closed)
        {
            throw new InvalidOperationException("The store is closed: nothing is written after it.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Information, "Retention has removed {Path}.", EventName = "RecordingRemoved")]
        public static partial void Removed(ILogger logger, string path);

        [LoggerMessage(401, LogLevel.Warning, "{Message}", EventName = "CheckpointFailed")]
        public static partial void CheckpointFailed(ILogger logger, string message);
    }
}
