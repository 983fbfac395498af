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

    /// <summary>A file with further feeds, in the form of the built-in catalogue. Default none.</summary>
    public string? CatalogueFile { get; set; }
}
