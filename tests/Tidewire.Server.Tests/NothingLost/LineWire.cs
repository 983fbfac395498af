using System.Globalization;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>A wire of one line per entry, the cheapest that can be: it leaves the time to the engine.</summary>
internal sealed class LineWire() : WireFormat(slot: 7)
{
    private const char Separator = '\t';

    public override bool IsResumed => true;

    public static LineWire Instance { get; } = new();

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed) => publication.Gap is { } gap
        ? Line(log, publication.Offset, passed, "gap", string.Create(CultureInfo.InvariantCulture, $"{gap.From.UtcTicks}{Separator}{gap.To.UtcTicks}{Separator}{Encoding.UTF8.GetString(gap.ReasonUtf8)}"))
        : Line(log, publication.Offset, passed, "entry", Encoding.UTF8.GetString(publication.Payload));

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => Line(log, offset, passed, "position", "");

    public override byte[] Closing(Disconnect disconnect) => [];

    /// <summary>The reply that a channel was left.</summary>
    public static byte[] Left(string channel) => Encoding.UTF8.GetBytes($"left{Separator}{channel}\n");

    /// <summary>Notes the lines in the journals of their channels.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="journals">By channel.</param>
    /// <param name="left">Told of a channel that was left.</param>
    public static void Read(ReadOnlySpan<byte> lines, IReadOnlyDictionary<string, Journal> journals, Action<Journal> left)
    {
        foreach (var line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(Separator, 7);
            if (parts[0] == "left")
            {
                left(journals[parts[1]]);
                continue;
            }

            var at = new StreamPosition(parts[2], Number(parts[3]));
            var (merged, filtered) = (Number(parts[4]), Number(parts[5]));
            journals[parts[1]].Add(parts[0] switch
            {
                "entry" => new Note.Shown(at, merged, filtered, parts[6], Gap: null),
                "gap" => new Note.Shown(at, merged, filtered, Payload: null, GapOf(parts[6].Split(Separator))),
                _ => new Note.Told(at, merged, filtered),
            });
        }
    }

    private static byte[] Line(ChannelLog log, long offset, PassedOver passed, string kind, string text) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{kind}{Separator}{log.Name}{Separator}{log.Epoch}{Separator}{offset}{Separator}{passed.Merged}{Separator}{passed.Filtered}{Separator}{text}\n"));

    private static SeenGap GapOf(string[] parts) => new(new DateTimeOffset(Number(parts[0]), TimeSpan.Zero), new DateTimeOffset(Number(parts[1]), TimeSpan.Zero), parts[2]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
