using SQLitePCL;

namespace Tidewire.Server.Recording;

/// <summary>A prepared statement, used again and again. Parameters count from 1, columns from 0.</summary>
/// <param name="connection">The connection it belongs to.</param>
/// <param name="handle">The statement.</param>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    /// <summary>Sets a parameter.</summary>
    public void Bind(int parameter, long value) => connection.Check(raw.sqlite3_bind_int64(handle, parameter, value));

    /// <summary>Sets a parameter; SQLite takes a copy.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> value) => connection.Check(raw.sqlite3_bind_blob(handle, parameter, value));

    /// <summary>Sets a parameter.</summary>
    public void Bind(int parameter, string value) => connection.Check(raw.sqlite3_bind_text(handle, parameter, value));

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none; it can then be run again.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        switch (code)
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                _ = raw.sqlite3_reset(handle);
                return false;
            default:
                var failure = connection.Failure(code);
                _ = raw.sqlite3_reset(handle);
                throw failure;
        }
    }

    /// <summary>Runs it for its effect.</summary>
    public void Run()
    {
        while (Step())
        {
            // rows are of no interest
        }
    }

    /// <summary>Ends a run before its last row.</summary>
    public void Reset() => _ = raw.sqlite3_reset(handle);

    /// <summary>A column of the row.</summary>
    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary>A column of the row.</summary>
    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    /// <summary>A column of the row; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);
}
