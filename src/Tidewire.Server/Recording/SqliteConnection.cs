using SQLitePCL;

namespace Tidewire.Server.Recording;

/// <summary>One connection to a database file. One thread uses it at a time.</summary>
internal sealed class SqliteConnection : IDisposable
{
    private const int PagesWritten = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    private readonly sqlite3 _handle;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Whether it is made when it is missing.</param>
    /// <param name="patience">How long to wait for a lock of another connection.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public SqliteConnection(string path, bool create, TimeSpan patience)
    {
        NativeSqlite.Load();
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var code = raw.sqlite3_open_v2(path, out _handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = new SqliteException(code, $"{Path.GetFileName(path)}: {raw.sqlite3_errstr(code).utf8_to_string()}");
            _handle.Dispose();
            throw failure;
        }

        _ = raw.sqlite3_extended_result_codes(_handle, 1);
        Wait(patience);
    }

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>How long to wait for a lock of another connection.</summary>
    /// <param name="patience">At most so long.</param>
    public void Wait(TimeSpan patience) => _ = raw.sqlite3_busy_timeout(_handle, (int)patience.TotalMilliseconds);

    /// <summary>Makes a statement. It must be disposed of before the connection.</summary>
    /// <param name="sql">One statement.</param>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return new SqliteStatement(this, statement);
    }

    /// <summary>Runs statements for their effect.</summary>
    /// <param name="sql">One statement or more.</param>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>The number in the first row of an answer.</summary>
    /// <param name="sql">One statement.</param>
    public long Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Long(0) : throw SqliteException.Damaged($"no answer to {sql}");
    }

    /// <summary>The text in the first row of an answer.</summary>
    /// <param name="sql">One statement.</param>
    public string Text(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : throw SqliteException.Damaged($"no answer to {sql}");
    }

    /// <summary>Runs something in one transaction: all of it counts or none.</summary>
    /// <param name="work">What to do.</param>
    public void InTransaction(Action work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            Execute("COMMIT");
        }
        finally
        {
            RollBack();
        }
    }

    /// <summary>Ends an open transaction without effect; nothing when there is none.</summary>
    public void RollBack()
    {
        if (IsInTransaction)
        {
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
        }
    }

    /// <summary>Pages that this connection has written to the write-ahead log since it was last asked.</summary>
    public int TakePagesWritten()
        => raw.sqlite3_db_status(_handle, PagesWritten, out var pages, out _, resetFlg: 1) == raw.SQLITE_OK ? pages : 0;

    /// <summary>Copies the write-ahead log into the file.</summary>
    /// <param name="mode">How far to go: <c>SQLITE_CHECKPOINT_…</c>.</param>
    /// <param name="logPages">Pages that the log holds.</param>
    /// <returns>False when a lock of another connection stood in the way; what could be copied was.</returns>
    /// <exception cref="SqliteException">The disk refused.</exception>
    public bool Checkpoint(int mode, out int logPages)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out logPages, out _);
        if ((code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }

        Check(code);
        return true;
    }

    /// <summary>Throws what SQLite said unless it said yes.</summary>
    /// <param name="code">What it answered.</param>
    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    /// <summary>What SQLite said of its last answer.</summary>
    /// <param name="code">The answer.</param>
    public SqliteException Failure(int code) => new(code, raw.sqlite3_errmsg(_handle).utf8_to_string());
}
