using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>
/// A connection that reads a day file; each call is one short transaction, so that it sees what was committed before and
/// holds nothing up. One thread uses it at a time.
/// </summary>
internal sealed class DayReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _range;
    private readonly SqliteStatement _back;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is not what it should be.</exception>
    public DayReader(string path)
    {
        _connection = new SqliteConnection(path, create: false, TimeSpan.FromSeconds(5));
        try
        {
            // A read-only connection would leave its files behind where it is the last; this one cannot write either.
            _connection.Execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -1024");
            _range = _connection.Prepare("SELECT id, received_at, kind, source, start, length, replaces, bytes FROM publications WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3");
            _back = _connection.Prepare("SELECT id, received_at FROM publications WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
        }
        catch
        {
            _range?.Dispose();
            _connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _range.Dispose();
        _back.Dispose();
        _connection.Dispose();
    }

    /// <summary>Checks what the file says of itself.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <returns>Its epoch.</returns>
    /// <exception cref="SqliteException">It is damaged.</exception>
    /// <exception cref="InvalidDataException">It is newer.</exception>
    public static string? EpochOf(string path)
    {
        using var connection = new SqliteConnection(path, create: false, TimeSpan.FromSeconds(5));
        if (StoreSchema.IsEmpty(connection))
        {
            return null;
        }

        StoreSchema.CheckDay(connection, path);
        return connection.Text("SELECT epoch FROM file");
    }

    /// <summary>Every channel of the file.</summary>
    /// <param name="into">Takes them.</param>
    public void ReadChannels(Action<string, ChannelRows> into)
    {
        using var channels = _connection.Prepare("SELECT name, id, first FROM channels");
        while (channels.Step())
        {
            into(channels.Text(0), new ChannelRows(channels.Long(1), channels.Long(2)));
        }
    }

    /// <summary>The newest entry of a channel; null when there is none.</summary>
    public (long Offset, DateTimeOffset ReceivedAt)? Newest(ChannelRows rows)
    {
        Bind(_back, rows, 0, long.MaxValue, 1);
        if (!_back.Step())
        {
            return null;
        }

        var (row, ticks) = (_back.Long(0), _back.Long(1));
        _back.Reset();
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? (ChannelRows.Offset(row), new DateTimeOffset(ticks, TimeSpan.Zero))
            : throw SqliteException.Damaged("the newest row was received at an impossible time");
    }

    /// <summary>Reads entries.</summary>
    /// <param name="rows">The channel's rows.</param>
    /// <param name="from">The first offset wanted.</param>
    /// <param name="below">Only offsets below.</param>
    /// <param name="most">Entries at most, with those that are there already.</param>
    /// <param name="bytes">Bytes that may follow; what was read is taken off.</param>
    /// <param name="into">Takes the entries.</param>
    /// <returns>False when the bytes did not suffice for one that is there.</returns>
    public bool Read(ChannelRows rows, long from, long below, int most, ref long bytes, List<Publication> into)
    {
        Bind(_range, rows, from, below, most - into.Count);
        try
        {
            while (_range.Step())
            {
                var received = _range.Bytes(7);
                if (received.Length > bytes && into.Count > 0)
                {
                    return false;
                }

                bytes -= received.Length;
                into.Add(EntryFormat.Read(ChannelRows.Offset(_range.Long(0)), _range.Long(1), _range.Long(2), _range.Long(3), _range.Long(4), _range.Long(5), _range.Long(6), received));
            }

            return true;
        }
        finally
        {
            _range.Reset();
        }
    }

    /// <summary>Counts entries backwards.</summary>
    /// <param name="rows">The channel's rows.</param>
    /// <param name="below">Only offsets below.</param>
    /// <param name="count">How many are to be passed; what was passed is taken off.</param>
    /// <returns>The offset of the last one passed; null when there was none.</returns>
    public long? Back(ChannelRows rows, long below, ref int count)
    {
        long? last = null;
        Bind(_back, rows, 0, below, count);
        try
        {
            while (_back.Step())
            {
                last = ChannelRows.Offset(_back.Long(0));
                count--;
            }

            return last;
        }
        finally
        {
            _back.Reset();
        }
    }

    private static void Bind(SqliteStatement statement, ChannelRows rows, long from, long below, long most)
    {
        statement.Bind(1, rows.Row(from));
        statement.Bind(2, rows.Row(below));
        statement.Bind(3, most);
    }
}
