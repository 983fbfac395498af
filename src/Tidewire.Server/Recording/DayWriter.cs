using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>The connection that writes a day file. One thread uses it at a time.</summary>
internal sealed class DayWriter : IDisposable
{
    private readonly List<KeyValuePair<string, ChannelRows>> _added = [];
    private readonly Dictionary<string, ChannelRows> _addedByName = new(StringComparer.Ordinal);
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _addChannel;

    /// <summary>Opens a file.</summary>
    /// <param name="day">The file.</param>
    /// <param name="survivesPowerLoss">Whether each commit waits for the disk.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public DayWriter(DayFile day, bool survivesPowerLoss)
    {
        Day = day;
        Connection = new SqliteConnection(day.Path, create: false, TimeSpan.FromSeconds(1));
        try
        {
            Connection.Execute("PRAGMA wal_autocheckpoint = 0; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384");
            Connection.Execute(survivesPowerLoss ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            PageSize = (int)Connection.Number("PRAGMA page_size");
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            // REPLACE: of a batch that spans midnight the first day's part may be written already when it is tried again.
            _insert = Prepare("INSERT OR REPLACE INTO publications (id, received_at, kind, source, start, length, replaces, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
            _addChannel = Prepare("INSERT INTO channels (id, name, first) VALUES (?1, ?2, ?3)");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public DayFile Day { get; }

    /// <summary>The connection.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>Bytes of a page.</summary>
    public int PageSize { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        Connection.Dispose();
    }

    /// <summary>Writes a run of entries in one transaction: all or none.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="from">The first one's index.</param>
    /// <param name="to">The index after the last one.</param>
    /// <exception cref="SqliteException">The disk refused; none is written.</exception>
    public void Write(IReadOnlyList<LoggedEntry> entries, int from, int to)
    {
        _begin.Run();
        try
        {
            for (var i = from; i < to; i++)
            {
                var logged = entries[i];
                Insert(logged.Channel, logged.Entry);
            }

            _commit.Run();
            foreach (var (channel, rows) in _added)
            {
                Day.Add(channel, rows); // now that readers can see the entries
            }
        }
        finally
        {
            Connection.RollBack();
            if (_added.Count > 0)
            {
                _added.Clear();
                _addedByName.Clear();
            }
        }
    }

    private void Insert(string channel, Publication entry)
    {
        if (!Day.TryGet(channel, out var rows) && !_addedByName.TryGetValue(channel, out rows))
        {
            rows = AddChannel(channel, entry.Offset);
        }

        if (entry.Offset is < 1 or > ChannelRows.MaxOffset)
        {
            throw new ArgumentOutOfRangeException(nameof(entry), entry.Offset, $"An offset of {channel} is from 1 to {ChannelRows.MaxOffset}.");
        }

        var gap = entry.Gap;
        var (start, length) = entry.PayloadRange.GetOffsetAndLength(entry.Received.Length);
        _insert.Bind(1, rows.Row(entry.Offset));
        _insert.Bind(2, entry.ReceivedAt.UtcTicks);
        _insert.Bind(3, (long)(gap is not null ? EntryKind.Gap : entry.IsFrame ? EntryKind.Frame : EntryKind.Payload));
        _insert.Bind(4, (long)entry.Source);
        _insert.Bind(5, start);
        _insert.Bind(6, length);
        _insert.Bind(7, entry.Replaces);
        _insert.Bind(8, gap is null ? entry.Received.Span : EntryFormat.Write(gap));
        _insert.Run();
    }

    private ChannelRows AddChannel(string channel, long first)
    {
        var rows = new ChannelRows(Day.LastChannel + _added.Count + 1, first);
        _addChannel.Bind(1, rows.Id);
        _addChannel.Bind(2, channel);
        _addChannel.Bind(3, first);
        _addChannel.Run();
        _added.Add(new(channel, rows));
        _addedByName.Add(channel, rows);
        return rows;
    }

    private SqliteStatement Prepare(string sql)
    {
        var statement = Connection.Prepare(sql);
        _statements.Add(statement);
        return statement;
    }
}
