namespace Tidewire.Server.Recording;

/// <summary>Finds out whether a disk takes something of weight. Nothing of it stays.</summary>
internal static class StoreProbe
{
    private const int Weight = 256 << 10;

    /// <summary>By a transaction. Its pages are used again, so that the file grows once at most.</summary>
    /// <param name="connection">The connection to the file.</param>
    /// <exception cref="SqliteException">The disk refused.</exception>
    public static void Run(SqliteConnection connection)
    {
        connection.InTransaction(() =>
        {
            using var insert = connection.Prepare("INSERT OR REPLACE INTO probe (id, bytes) VALUES (1, zeroblob(?1))");
            insert.Bind(1, Weight);
            insert.Run();
        });
        connection.Execute("DELETE FROM probe");
    }

    /// <summary>By a file of its own: a write-ahead log may still have room where the disk has none.</summary>
    /// <param name="folder">Where.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Run(string folder)
    {
        var path = Path.Combine(folder, "probe.tmp");
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            file.Write(new byte[Weight]);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
