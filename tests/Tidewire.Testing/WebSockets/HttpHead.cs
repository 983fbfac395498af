using System.Security.Cryptography;
using System.Text;

namespace Tidewire.Testing.WebSockets;

/// <summary>The head of an HTTP request or answer: the first line and the headers.</summary>
internal sealed record HttpHead(string FirstLine, IReadOnlyDictionary<string, string> Headers)
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>What ends a head.</summary>
    public static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <summary>The header's value; null when it is absent.</summary>
    public string? this[string header] => Headers.GetValueOrDefault(header);

    /// <summary>Parses a head, with or without the empty line that ends it.</summary>
    public static HttpHead Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            if (colon > 0)
            {
                headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }
        }

        return new(lines.Length > 0 ? lines[0] : "", headers);
    }

    /// <summary>Reads one head; null when the stream ends first. A WebSocket client sends nothing behind it until it is answered.</summary>
    public static async Task<HttpHead?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (buffer.AsSpan(0, length).IndexOf(End) < 0)
        {
            if (length == buffer.Length)
            {
                if (length >= MaxBytes)
                {
                    return null;
                }

                Array.Resize(ref buffer, length * 2);
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                return null;
            }

            length += read;
        }

        return Parse(buffer.AsSpan(0, length));
    }

    /// <summary>The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key.</summary>
    public static string AcceptFor(string key) =>
#pragma warning disable CA5350 // RFC 6455 fixes SHA-1 here; nothing secret depends on it.
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
