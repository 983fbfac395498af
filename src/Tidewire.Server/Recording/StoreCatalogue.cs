using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>
/// What a store knows beside its entries: its epoch, whether it was closed, up to where offsets may have been shown, and
/// which day files belong to the epoch. Every change reaches the disk itself, so that no offset is given out twice even
/// after a loss of power.
/// </summary>
internal sealed class StoreCatalogue : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _reserve;

    private StoreCatalogue(SqliteConnection connection)
    {
        _connection = connection;
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF");
        Epoch = connection.Text("SELECT epoch FROM store");
        WasClosed = connection.Number("SELECT closed FROM store") != 0;
        FormerLives = connection.Number("SELECT lives FROM store");
        using (var reservations = connection.Prepare("SELECT channel, through, known_at FROM reservations"))
        {
            while (reservations.Step())
            {
                var knownAt = reservations.Long(2);
                Reservations[reservations.Text(0)] = (reservations.Long(1), knownAt > 0 && knownAt <= DateTime.MaxValue.Ticks ? new DateTimeOffset(knownAt, TimeSpan.Zero) : null);
            }
        }

        using (var days = connection.Prepare("SELECT name, damaged FROM days"))
        {
            while (days.Step())
            {
                Days[days.Text(0)] = days.Long(1) != 0;
            }
        }

        _reserve = connection.Prepare("INSERT INTO reservations (channel, through, known_at) VALUES (?1, ?2, ?3) ON CONFLICT (channel) DO UPDATE SET through = excluded.through WHERE excluded.through > through");
    }

    /// <summary>The epoch.</summary>
    public string Epoch { get; private set; }

    /// <summary>Whether it was closed in order, as it was opened.</summary>
    public bool WasClosed { get; private set; }

    /// <summary>How often it was opened before, in its epoch.</summary>
    public long FormerLives { get; private set; }

    /// <summary>The mark of each channel as it was opened, and up to when nothing of it is missing where no entry tells.</summary>
    public Dictionary<string, (long Through, DateTimeOffset? KnownAt)> Reservations { get; } = new(StringComparer.Ordinal);

    /// <summary>The day files of the epoch by name, and whether one was found to be damaged, as it was opened.</summary>
    public Dictionary<string, bool> Days { get; } = new(StringComparer.Ordinal);

    /// <summary>Opens one.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null when it is not there, or its making was cut short.</returns>
    /// <exception cref="SqliteException">It is damaged or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It is newer.</exception>
    public static StoreCatalogue? Open(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var connection = new SqliteConnection(path, create: false, TimeSpan.FromSeconds(5));
        try
        {
            if (StoreSchema.IsEmpty(connection))
            {
                connection.Dispose();
                return null;
            }

            StoreSchema.CheckCatalogue(connection, path);
            StoreSchema.Complete(connection);
            return new StoreCatalogue(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes one.</summary>
    /// <param name="path">The file: missing or empty.</param>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="SqliteException">The disk refused.</exception>
    public static StoreCatalogue Create(string path, string epoch)
    {
        var connection = new SqliteConnection(path, create: true, TimeSpan.FromSeconds(5));
        try
        {
            StoreSchema.MakeCatalogue(connection, epoch);
            return new StoreCatalogue(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reserve.Dispose();
        _connection.Dispose();
    }

    /// <summary>Forgets everything: the past was lost.</summary>
    /// <param name="epoch">The new epoch.</param>
    public void StartAnew(string epoch)
    {
        _connection.InTransaction(() =>
        {
            _connection.Execute("DELETE FROM reservations; DELETE FROM days");
            using var update = _connection.Prepare("UPDATE store SET epoch = ?1, closed = 1, lives = 0");
            update.Bind(1, epoch);
            update.Run();
        });
        Reservations.Clear();
        Days.Clear();
        (Epoch, WasClosed, FormerLives) = (epoch, true, 0);
    }

    /// <summary>Says that from now on entries are written.</summary>
    public void MarkOpen() => _connection.InTransaction(() => _connection.Execute("UPDATE store SET lives = lives + 1, closed = 0"));

    /// <summary>Raises marks.</summary>
    public void Reserve(IReadOnlyList<OffsetReservation> reservations) => _connection.InTransaction(() =>
    {
        for (var i = 0; i < reservations.Count; i++)
        {
            Reserve(reservations[i]);
        }
    });

    /// <summary>Sets marks to where the channels ended, and says that all is in order.</summary>
    public void Close(IReadOnlyList<OffsetReservation> tails) => _connection.InTransaction(() =>
    {
        using var set = _connection.Prepare("INSERT INTO reservations (channel, through, known_at) VALUES (?1, ?2, ?3) ON CONFLICT (channel) DO UPDATE SET through = excluded.through");
        foreach (var tail in tails)
        {
            set.Bind(1, tail.Channel);
            set.Bind(2, tail.Through);
            set.Bind(3, tail.At.UtcTicks);
            set.Run();
        }

        _connection.Execute("UPDATE store SET closed = 1");
    });

    /// <summary>Takes in a day file.</summary>
    public void AddDay(string name) => Change("INSERT OR IGNORE INTO days (name, damaged) VALUES (?1, 0)", name);

    /// <summary>Notes that a day file is damaged: it is set aside at the next opening.</summary>
    public void MarkDamaged(string name) => Change("UPDATE days SET damaged = 1 WHERE name = ?1", name);

    /// <summary>Takes day files out; what their channels ended with stays known.</summary>
    public void RemoveDay(string name, IReadOnlyList<OffsetReservation> tails) => _connection.InTransaction(() =>
    {
        using var keep = _connection.Prepare("INSERT INTO reservations (channel, through, known_at) VALUES (?1, ?2, ?3) ON CONFLICT (channel) DO UPDATE SET through = max(through, excluded.through), known_at = max(known_at, excluded.known_at)");
        foreach (var tail in tails)
        {
            keep.Bind(1, tail.Channel);
            keep.Bind(2, tail.Through);
            keep.Bind(3, tail.At.UtcTicks);
            keep.Run();
        }

        using var delete = _connection.Prepare("DELETE FROM days WHERE name = ?1");
        delete.Bind(1, name);
        delete.Run();
    });

    /// <summary>Writes something of weight and removes it.</summary>
    public void Probe()
    {
        StoreProbe.Run(_connection);
        _connection.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
    }

    private void Reserve(OffsetReservation reservation)
    {
        _reserve.Bind(1, reservation.Channel);
        _reserve.Bind(2, reservation.Through);
        _reserve.Bind(3, reservation.At.UtcTicks);
        _reserve.Run();
    }

    private void Change(string sql, string name) => _connection.InTransaction(() =>
    {
        using var change = _connection.Prepare(sql);
        change.Bind(1, name);
        change.Run();
    });
}
