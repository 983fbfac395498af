using SQLitePCL;

namespace Tidewire.Server.Recording;

/// <summary>SQLite refused. Stays within this room: outwards it is a <see cref="Fanout.LogStoreException"/> that says what to do.</summary>
/// <param name="code">The extended result code.</param>
/// <param name="message">What SQLite said.</param>
internal sealed class SqliteException(int code, string message) : Exception($"{message} (SQLite {code})")
{
    private const int NoRoomForSharedMemory = raw.SQLITE_IOERR | (19 << 8);

    /// <summary>The disk is full.</summary>
    public bool IsFull => Primary == raw.SQLITE_FULL || code == NoRoomForSharedMemory;

    /// <summary>The file is not what it should be.</summary>
    public bool IsDamage => Primary is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The statement does not fit the file: a damaged schema, where the statement is known to be right.</summary>
    public bool IsMismatch => Primary is raw.SQLITE_ERROR or raw.SQLITE_MISMATCH or raw.SQLITE_SCHEMA or raw.SQLITE_TOOBIG;

    /// <summary>Not allowed, or not there.</summary>
    public bool IsAccess => Primary is raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH;

    private int Primary => code & 0xff;

    /// <summary>The file holds what its schema does not allow.</summary>
    /// <param name="what">What was found.</param>
    public static SqliteException Damaged(string what) => new(raw.SQLITE_CORRUPT, what);
}
