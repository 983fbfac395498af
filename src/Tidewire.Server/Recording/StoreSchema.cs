using System.Globalization;

namespace Tidewire.Server.Recording;

/// <summary>How the files of a store are marked and made, so that each is recognised and a newer one is not misread.</summary>
internal static class StoreSchema
{
    /// <summary>The version of both kinds of file. A newer one is refused.</summary>
    public const int Version = 1;

    /// <summary>
    /// Small pages: a lone entry dirties one leaf of its channel, and a burst one leaf of each of many channels, so that
    /// pages of 16 kB would write four times as much.
    /// </summary>
    private const int PageSize = 4096;

    /// <summary><c>TWdy</c>.</summary>
    private const int DayId = 0x54576479;

    /// <summary><c>TWct</c>.</summary>
    private const int CatalogueId = 0x54576374;

    private const string Day = """
        CREATE TABLE file (epoch TEXT NOT NULL);
        CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first INTEGER NOT NULL);
        CREATE TABLE publications (
          id INTEGER PRIMARY KEY,        -- channels.id << 40 | offset: clustered by channel and offset
          received_at INTEGER NOT NULL,  -- 100 ns since 0001-01-01 UTC
          kind INTEGER NOT NULL,         -- 0 payload, 1 frame, 2 gap
          source INTEGER NOT NULL,       -- 0 socket, 1 rest, 2 derived, 3 simulated, 4 replay
          start INTEGER NOT NULL,        -- where the payload stands in bytes
          length INTEGER NOT NULL,
          replaces INTEGER NOT NULL,     -- the offset that it corrects; 0 for none
          bytes BLOB NOT NULL);          -- as received; of a gap, JSON
        CREATE TABLE probe (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        """;

    private const string Catalogue = """
        CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, closed INTEGER NOT NULL, lives INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE reservations (channel TEXT PRIMARY KEY, through INTEGER NOT NULL, known_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE days (name TEXT PRIMARY KEY, damaged INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE probe (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        """;

    /// <summary>Makes an empty file a day file of an epoch, and durable.</summary>
    public static void MakeDay(SqliteConnection connection, string epoch) => Make(connection, Day, DayId, () =>
    {
        using var insert = connection.Prepare("INSERT INTO file (epoch) VALUES (?1)");
        insert.Bind(1, epoch);
        insert.Run();
    });

    /// <summary>Makes an empty file a catalogue, and durable.</summary>
    public static void MakeCatalogue(SqliteConnection connection, string epoch) => Make(connection, Catalogue, CatalogueId, () =>
    {
        using var insert = connection.Prepare("INSERT INTO store (id, epoch, closed) VALUES (1, ?1, 1)");
        insert.Bind(1, epoch);
        insert.Run();
    });

    /// <summary>Whether nothing was ever written to a file: it was being made when the process ended.</summary>
    public static bool IsEmpty(SqliteConnection connection)
        => connection.Number("SELECT count(*) FROM sqlite_schema") == 0 && connection.Number("PRAGMA application_id") == 0;

    /// <summary>Makes sure that a file is a day file of this version.</summary>
    /// <exception cref="SqliteException">It is something else.</exception>
    /// <exception cref="InvalidDataException">It is newer.</exception>
    public static void CheckDay(SqliteConnection connection, string path) => Check(connection, path, DayId, "day file");

    /// <summary>Makes sure that a file is a catalogue of this version.</summary>
    /// <exception cref="SqliteException">It is something else.</exception>
    /// <exception cref="InvalidDataException">It is newer.</exception>
    public static void CheckCatalogue(SqliteConnection connection, string path) => Check(connection, path, CatalogueId, "catalogue");

    /// <summary>Adds what a catalogue of an earlier build lacks. One of that build can still be opened by it.</summary>
    public static void Complete(SqliteConnection connection)
    {
        foreach (var (table, column, value) in (ReadOnlySpan<(string, string, string)>)[("store", "lives", "1"), ("reservations", "known_at", "0")])
        {
            if (connection.Number($"SELECT count(*) FROM pragma_table_info('{table}') WHERE name = '{column}'") == 0)
            {
                connection.Execute($"ALTER TABLE {table} ADD COLUMN {column} INTEGER NOT NULL DEFAULT {value}");
            }
        }
    }

    private static void Make(SqliteConnection connection, string tables, int id, Action fill)
    {
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size = {PageSize}"));
        var mode = connection.Text("PRAGMA journal_mode = WAL");
        if (mode != "wal")
        {
            throw new SqliteException(SQLitePCL.raw.SQLITE_CANTOPEN, "the file system does not allow a write-ahead log; take a local disk");
        }

        connection.Execute("PRAGMA synchronous = FULL");
        connection.InTransaction(() =>
        {
            connection.Execute(tables);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {id}; PRAGMA user_version = {Version}"));
            fill();
        });
        connection.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_TRUNCATE, out _);
    }

    private static void Check(SqliteConnection connection, string path, int id, string kind)
    {
        if (connection.Number("PRAGMA application_id") != id)
        {
            throw SqliteException.Damaged($"it is no {kind}");
        }

        var version = connection.Number("PRAGMA user_version");
        if (version > Version)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} was written by a newer Tidewire (format {version}, this one knows {Version}). Start that one, or set TIDEWIRE_DATA to another folder."));
        }

        if (version < 1)
        {
            throw SqliteException.Damaged($"it is a {kind} of no version");
        }
    }
}
