using System.ComponentModel.DataAnnotations;

namespace Tidewire.Upstream;

/// <summary>How the one connection to the provider is kept. Section <c>Upstream</c>.</summary>
public sealed class UpstreamOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Upstream";

    /// <summary>Channels joined at once at most. The provider ends at 50 without a word. Default 45.</summary>
    [Range(1, 100_000)]
    public int MaxChannels { get; set; } = 45;

    /// <summary>How long a channel stays joined after its last subscriber left. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a channel stays joined, while no other needs its place, after a client was last told a position of it: who
    /// comes back with the position finds everything that came meanwhile. 0 turns it off. Default 24 h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan KeepPositions { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Time between two joins. Default 10 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan JoinPacing { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a join may stay unanswered before the channel counts as silent. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>When an unanswered or refused join is tried again. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan JoinRetry { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Channels that stay joined although no one reads them, separated by commas. <c>market_tide</c> is the canary: it
    /// goes on every two seconds, so that its silence tells that the connection has fallen mute; <c>trading_halts</c>
    /// tells why a symbol is quiet. Where every channel of the connection is taken they give way. Default <c>market_tide,trading_halts</c>.
    /// </summary>
    [Required(AllowEmptyStrings = true)]
    public string Keep { get; set; } = "market_tide,trading_halts";

    /// <summary>In market hours, with the canary or another channel joined that is known to speak more often, the session counts as mute after this long without any frame. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MuteAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a channel may wait for the socket before REST stands in for it, where REST has its data. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan FallbackAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether each feed's REST resource is asked for once after the start, so that what the token opens is known. Default true.</summary>
    public bool ProbeRest { get; set; } = true;

    /// <summary>How long connecting and the handshake may take together. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A ping is sent after this long without a frame. Default 8 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")]
    public TimeSpan PingAfter { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>The session counts as lost when a ping stays unanswered for this long. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:05:00")]
    public TimeSpan PongWithin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest frame taken from the provider, in bytes. Default 4 MiB.</summary>
    [Range(1 << 10, 1 << 28)]
    public int MaxFrameBytes { get; set; } = 4 << 20;

    /// <summary>Bytes that may wait between reading and decoding; what has no room is dropped, counted, and leaves a gap. Default 64 MiB.</summary>
    [Range(1 << 10, long.MaxValue)]
    public long QueueBytes { get; set; } = 64L << 20;
}
