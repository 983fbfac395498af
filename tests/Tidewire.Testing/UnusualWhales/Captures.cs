using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>One frame of the real captures.</summary>
/// <param name="ReceivedAt">When the recorder got it, by its own clock.</param>
/// <param name="Channel">The joined form.</param>
/// <param name="Frame"><c>["channel",payload]</c> with the payload spelled as in the file, spaces included.</param>
/// <param name="Compact">The same without insignificant spaces, as the service itself writes.</param>
/// <param name="IsAck">A join's acknowledgement.</param>
public sealed record CapturedFrame(DateTimeOffset ReceivedAt, string Channel, byte[] Frame, byte[] Compact, bool IsAck);

/// <summary>
/// Real frames of one connection, in order of receipt. They lie beside the repository and not in it, so a test that needs
/// them asks first and skips without them.
/// </summary>
public sealed class Captures
{
    // In the order of the joins, which decides between frames of one instant.
    private static readonly string[] Files =
        ["ws_option_trades_tsla_2025-05-16.ndjson", "ws_gex_2025-05-16.ndjson", "ws_flow_alerts_2025-05-16.ndjson"];

    private Captures(string folder) =>
        Frames = [.. Files.SelectMany(file => File.ReadLines(Path.Combine(folder, file), Encoding.UTF8)).Select(Read).OrderBy(frame => frame.ReceivedAt)];

    /// <summary>All frames of the three files, acks included.</summary>
    public IReadOnlyList<CapturedFrame> Frames { get; }

    /// <summary>The forms that were joined, in order of their first frame.</summary>
    public IEnumerable<string> Channels => Frames.Select(frame => frame.Channel).Distinct();

    /// <summary>
    /// Looks for the captures in the folder that <c>TIDEWIRE_CAPTURES</c> names, else beside the repository that holds the
    /// test's build output or the current directory.
    /// </summary>
    public static bool TryFind([NotNullWhen(true)] out Captures? captures)
    {
        var folder = new[] { Environment.GetEnvironmentVariable("TIDEWIRE_CAPTURES"), FolderBeside(AppContext.BaseDirectory), FolderBeside(Environment.CurrentDirectory) }
            .FirstOrDefault(found => found is not null && Array.TrueForAll(Files, file => File.Exists(Path.Combine(found, file))));
        captures = folder is null ? null : new(folder);
        return captures is not null;
    }

    private static string? FolderBeside(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tidewire.slnx")))
            {
                return Path.Combine(folder.FullName, "..", "shared", "unusual-whales", "captures");
            }
        }

        return null;
    }

    private static CapturedFrame Read(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        using var json = JsonDocument.Parse(bytes);
        var (at, channel, payload) = (json.RootElement.GetProperty("received_at"), json.RootElement.GetProperty("channel").GetString()!, json.RootElement.GetProperty("payload"));
        var spelled = Encoding.UTF8.GetBytes(payload.GetRawText());
        var isAck = payload.TryGetProperty("response", out _) && payload.TryGetProperty("status", out _);
        return new(at.GetDateTimeOffset(), channel, ProviderFrames.Data(channel, spelled), ProviderFrames.Data(channel, WithoutSpaces(spelled)), isAck);
    }

    /// <summary>Removes spaces between tokens and touches nothing else: numbers keep their digits, strings their escapes.</summary>
    private static ReadOnlySpan<byte> WithoutSpaces(byte[] json)
    {
        var compact = new ArrayBufferWriter<byte>(json.Length);
        var (inString, escaped) = (false, false);
        foreach (var b in json)
        {
            if (!inString && (b is (byte)' ' or (byte)'\t'))
            {
                continue;
            }

            compact.Write([b]);
            inString = escaped || b != '"' ? inString : !inString;
            escaped = inString && !escaped && b == '\\';
        }

        return compact.WrittenSpan;
    }
}
