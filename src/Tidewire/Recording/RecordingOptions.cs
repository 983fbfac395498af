using System.ComponentModel.DataAnnotations;

namespace Tidewire.Recording;

/// <summary>Whether and how publications are kept on disk. Section <c>Recording</c>.</summary>
public sealed class RecordingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Recording";

    /// <summary>
    /// Whether publications are kept, so that a client recovers what it missed after a restart of the server and from
    /// beyond what memory holds. Default true.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whole days that are kept; a day that began longer ago is removed. Default 7.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; set; } = 7;

    /// <summary>Bytes that all days may take together; beyond, the oldest are removed, never the one being written. Default 20 GiB.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long RetentionBytes { get; set; } = 20L << 30;

    /// <summary>
    /// Whether each commit reaches the disk itself before it counts: then it outlives a loss of power, not only the end of
    /// the process, and a lone message waits for the disk. Default false.
    /// </summary>
    public bool SurvivesPowerLoss { get; set; }
}
