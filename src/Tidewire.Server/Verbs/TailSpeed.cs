using System.Globalization;
using Tidewire.Client;

namespace Tidewire.Server.Verbs;

/// <summary>Messages per second and how old they are when they come, by the server's clock.</summary>
internal sealed class TailSpeed(TimeProvider time)
{
    private readonly List<double> _delays = [];
    private long _since = time.GetTimestamp();
    private long _count;
    private long _bytes;
    private long _total;

    public void Count(Publication publication)
    {
        _count++;
        _total++;
        _bytes += publication.Payload.Length;
        _delays.Add((time.GetUtcNow() - publication.ReceivedAt).TotalMilliseconds);
    }

    /// <summary>Writes the last second and begins the next.</summary>
    public void Write(TextWriter output, ClientStatistics statistics, bool asJson)
    {
        var seconds = Math.Max(time.GetElapsedTime(_since).TotalSeconds, 0.001);
        _delays.Sort();
        var skew = statistics.ClockSkewMs ?? 0;
        var half = At(0.5) + skew;
        var most = At(0.99) + skew;
        var wire = statistics.Wire switch { Wire.WebSocket => "websocket", Wire.ServerSentEvents => "sse", _ => "poll" };
        output.WriteLine(asJson
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"event":"speed","messages_per_second":{{_count / seconds:0.0}},"kilobytes_per_second":{{_bytes / seconds / 1024:0.0}},"latency_ms_p50":{{Json(half)}},"latency_ms_p99":{{Json(most)}},"total":{{_total}},"wire":"{{wire}}","connected":{{(statistics.IsConnected ? "true" : "false")}}}""")
            : string.Create(CultureInfo.InvariantCulture, $"{_count / seconds,9:0.0} messages/s {_bytes / seconds / 1024,9:0.0} KiB/s   latency half {Text(half)} 99 % {Text(most)}   {_total} in all, over {wire}{(statistics.IsConnected ? "" : ", not connected")}"));
        output.Flush();
        (_count, _bytes, _since) = (0, 0, time.GetTimestamp());
        _delays.Clear();
    }

    private static string Text(double milliseconds) => double.IsNaN(milliseconds) ? "-" : string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms");

    private static string Json(double milliseconds) => double.IsNaN(milliseconds) ? "null" : milliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private double At(double part) => _delays.Count == 0 ? double.NaN : _delays[(int)Math.Min(_delays.Count - 1, part * _delays.Count)];
}
