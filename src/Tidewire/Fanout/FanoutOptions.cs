using System.ComponentModel.DataAnnotations;

namespace Tidewire.Fanout;

/// <summary>Bounds of the fan-out: what may be held, by whom, for how long. Section <c>Fanout</c>.</summary>
public sealed class FanoutOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Fanout";

    /// <summary>Bytes that all logs and their encodings may hold together; the coldest channels are cut first. Default 256 MiB.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MemoryBytes { get; set; } = 256L << 20;

    /// <summary>Entries a channel keeps in memory even when it is cold, as far as <see cref="MemoryBytes"/> allows; also the most that history sends unless a client asks for more. Default 100.</summary>
    [Range(0, 1_000)]
    public int History { get; set; } = 100;

    /// <summary>The most entries one channel keeps in memory. Default 131,072.</summary>
    [Range(64, 1 << 24)]
    public int MaxLogLength { get; set; } = 1 << 17;

    /// <summary>Clients connected at once over all wires; further ones are closed with 4009. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Channels one connection may hold. Default 128.</summary>
    [Range(1, 1_000_000)]
    public int MaxChannelsPerConnection { get; set; } = 128;

    /// <summary>The largest message a client may send, in bytes. Default 16 KiB.</summary>
    [Range(256, 1 << 20)]
    public int MaxMessageBytes { get; set; } = 16 << 10;

    /// <summary>Bytes handed to a transport in one write at most, unless a single entry is larger. Default 64 KiB.</summary>
    [Range(1 << 10, 1 << 20)]
    public int WriteBytes { get; set; } = 64 << 10;

    /// <summary>
    /// How long news is gathered before it is written, 10 to 50 ms, so that what comes within it goes to a client in one
    /// write: fewer packets and less processor time, for a delay of as much. Answers and history are not held back. Zero for
    /// no delay. Default zero.
    /// </summary>
    [GatherWindow]
    public TimeSpan Batch { get; set; }

    /// <summary>Answers that may wait for a client that sends commands and does not read; beyond, its next command waits. Default 64.</summary>
    [Range(1, 10_000)]
    public int MaxPendingReplies { get; set; } = 64;

    /// <summary>Bytes of answers that may wait likewise. Default 256 KiB.</summary>
    [Range(1 << 10, 1 << 28)]
    public int MaxPendingReplyBytes { get; set; } = 256 << 10;

    /// <summary>Bytes of publications that one history answer holds at most, the newest first kept. Default 1 MiB.</summary>
    [Range(1 << 10, 1 << 28)]
    public int MaxHistoryBytes { get; set; } = 1 << 20;

    /// <summary>Long polls that may wait at once; a further one is answered with 503. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxPollWaiters { get; set; } = 5_000;

    /// <summary>How long a write may make no progress before the reader is closed with 4008. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SlowReaderLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a close waits for a slow client to take what it was already sent. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CloseLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a state reader's write may make no progress before it is closed likewise. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StateReaderLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the cursor of a live reader may stay out of memory, where entries are kept on disk, before it is closed with 4008. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan BehindLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes a second that one client is sent at most, and after a pause up to one second's worth at once; what waits
    /// meanwhile is conflated or stays in the log. 0 for no limit. Default 0.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long MaxClientBytesPerSecond { get; set; }

    /// <summary>How long ago a client may have left and still recover what it missed. Default 24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RecoveryWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How many publications of a channel a client may have missed and still recover them. Default 1,000,000.</summary>
    [Range(0, long.MaxValue)]
    public long MaxRecovered { get; set; } = 1_000_000;

    /// <summary>
    /// Offsets of a channel that are reserved on disk at once. After a kill a channel goes on above what was reserved, so
    /// that no offset is given out twice; while the disk refuses a channel can go on for half as many. Default 1,048,576.
    /// </summary>
    [Range(2, 1L << 36)]
    public long ReservedOffsets { get; set; } = 1 << 20;

    /// <summary>How long entries may wait for the disk before the stream goes on without it. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan CommitLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one read of past entries may last before those that wait for it are answered without the disk. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ReadLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the end of the process waits, all in all, for a disk that does not answer; then the recording counts as not closed. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan StoreEndLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that may wait for the disk before the stream goes on without it. Default 64 MiB.</summary>
    [Range(1 << 16, long.MaxValue)]
    public long MaxPendingCommitBytes { get; set; } = 64L << 20;

    /// <summary>A file with further feeds, in the form of the built-in catalogue. Default none.</summary>
    public string? CatalogueFile { get; set; }
}
