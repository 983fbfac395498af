using System.Collections.Concurrent;
using Tidewire.Fanout;

namespace Tidewire.Server.Recording;

/// <summary>Where a channel's rows stand in a day file.</summary>
/// <param name="Id">The channel's number in this file.</param>
/// <param name="First">The offset of its first entry in this file.</param>
internal readonly record struct ChannelRows(long Id, long First)
{
    /// <summary>The largest offset that a row can have.</summary>
    public const long MaxOffset = (1L << OffsetBits) - 1;

    private const int OffsetBits = 40;

    /// <summary>The row of an offset.</summary>
    public long Row(long offset) => (Id << OffsetBits) + Math.Clamp(offset, 0, MaxOffset + 1);

    /// <summary>The offset of a row.</summary>
    public static long Offset(long row) => row & MaxOffset;
}

/// <summary>
/// One New York date's entries: its name, its channels, and connections to read it with. Any thread may ask; the entries
/// of a channel are known here once they are committed.
/// </summary>
internal sealed class DayFile(string folder, DayName name, bool isOfLog)
{
    /// <summary>Connections that wait for the next reader; more are closed.</summary>
    private const int MostIdle = 4;

    private readonly ConcurrentDictionary<string, ChannelRows> _channels = new(StringComparer.Ordinal);
    private readonly Stack<DayReader> _idle = new();
    private readonly Lock _gate = new();
    private bool _retired;

    /// <summary>Its name.</summary>
    public DayName Name => name;

    /// <summary>Whether it belongs to the store's epoch. If not it is kept for playback only.</summary>
    public bool IsOfLog => isOfLog;

    /// <summary>Its path.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, name.ToString());

    /// <summary>Bytes it takes with its write-ahead log.</summary>
    public long Bytes => LengthOf(Path) + LengthOf(Path + "-wal");

    /// <summary>Its channels.</summary>
    public ICollection<KeyValuePair<string, ChannelRows>> Channels => _channels;

    /// <summary>The largest number of a channel.</summary>
    public long LastChannel { get; private set; }

    /// <summary>Whether it holds committed entries of a channel.</summary>
    public bool TryGet(string channel, out ChannelRows rows) => _channels.TryGetValue(channel, out rows);

    /// <summary>Takes in a channel whose first entry is committed.</summary>
    public void Add(string channel, ChannelRows rows)
    {
        LastChannel = Math.Max(LastChannel, rows.Id);
        _channels[channel] = rows;
    }

    /// <summary>A connection to read with; give it back. Null once the file is removed.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public DayReader? Rent()
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            if (_idle.TryPop(out var idle))
            {
                return idle;
            }
        }

        try
        {
            return new DayReader(Path);
        }
        catch (SqliteException) when (IsRetired)
        {
            return null; // removed in between
        }
    }

    /// <summary>Takes a connection back.</summary>
    public void Return(DayReader reader)
    {
        lock (_gate)
        {
            if (!_retired && _idle.Count < MostIdle)
            {
                _idle.Push(reader);
                return;
            }
        }

        reader.Dispose();
    }

    /// <summary>The newest entry of each channel; of none that cannot be read because of damage.</summary>
    /// <exception cref="SqliteException">The disk refused.</exception>
    public List<OffsetReservation> Tails()
    {
        var tails = new List<OffsetReservation>();
        try
        {
            using var reader = Rent();
            foreach (var (channel, rows) in _channels)
            {
                if (reader?.Newest(rows) is { } newest)
                {
                    tails.Add(new OffsetReservation(channel, newest.Offset, newest.ReceivedAt));
                }
            }
        }
        catch (SqliteException exception) when (exception.IsDamage)
        {
            // The reservations say the same and more; what is damaged must not stay for ever.
        }

        return tails;
    }

    /// <summary>Lets go of the file: nobody opens it any more, and who reads it reads it to the end.</summary>
    public void Retire()
    {
        DayReader[] idle;
        lock (_gate)
        {
            _retired = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (var reader in idle)
        {
            reader.Dispose();
        }
    }

    /// <summary>Whether it was let go of.</summary>
    public bool IsRetired
    {
        get
        {
            lock (_gate)
            {
                return _retired;
            }
        }
    }

    /// <summary>Removes the file and what belongs to it.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Delete()
    {
        File.Delete(Path);
        File.Delete(Path + "-wal");
        File.Delete(Path + "-shm");
    }

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        }
        catch (IOException)
        {
            return 0; // removed in between
        }
    }
}
