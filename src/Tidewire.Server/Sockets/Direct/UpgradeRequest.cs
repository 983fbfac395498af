using System.Text;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>
/// The head of a request that asks for a WebSocket, read from its bytes. Reads only what is beyond doubt (RFC 6455 section
/// 4.2.1, no escapes in the path, no body, no folded or repeated header): everything else is for the web server to read, and to
/// refuse where it must.
/// </summary>
internal sealed class UpgradeRequest
{
    private const int MaxHeaders = 64;

    private UpgradeRequest(string path, string query, string host, string? origin, string key, string? protocols)
    {
        Path = path;
        Query = query;
        Host = host;
        Origin = origin;
        Key = key;
        Protocols = protocols;
    }

    /// <summary>The path, from its first slash.</summary>
    public string Path { get; }

    /// <summary>The parameters with their question mark, as they came; empty when there are none.</summary>
    public string Query { get; }

    public string Host { get; }

    /// <summary>Null when it was not sent, as by a program.</summary>
    public string? Origin { get; }

    /// <summary><c>Sec-WebSocket-Key</c>, not checked yet.</summary>
    public string Key { get; }

    /// <summary><c>Sec-WebSocket-Protocol</c>; null when none was asked for.</summary>
    public string? Protocols { get; }

    /// <summary>Whether the bytes may begin a request that is read here; no more are needed to say no.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> bytes) => bytes.StartsWith("GET /"u8);

    /// <summary>Reads a head that lies whole at the beginning of the bytes.</summary>
    /// <param name="bytes">What has arrived.</param>
    /// <param name="request">The request when the answer is true.</param>
    /// <param name="length">Bytes of the head, its empty line included.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out UpgradeRequest? request, out int length)
    {
        request = null;
        length = bytes.IndexOf("\r\n\r\n"u8) + 4;
        if (length < 4 || !MayBegin(bytes))
        {
            return false;
        }

        var head = bytes[..(length - 2)]; // each line with its end
        foreach (var character in head)
        {
            if (character is not ((>= 0x20 and < 0x7F) or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return false;
            }
        }

        if (!TryReadTarget(Line(ref head), out var path, out var query))
        {
            return false;
        }

        string? host = null, origin = null, key = null, protocols = null;
        var isUpgrade = false;
        var isConnection = false;
        var isVersion = false;
        for (var count = 0; !head.IsEmpty; count++)
        {
            var line = Line(ref head);
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || count == MaxHeaders || line.IndexOfAny((byte)'\r', (byte)'\n') >= 0 || line[..colon].IndexOfAny((byte)' ', (byte)'\t') >= 0)
            {
                return false;
            }

            var name = line[..colon];
            var value = line[(colon + 1)..].Trim(" \t"u8);
            var isTaken = Ascii.EqualsIgnoreCase(name, "Host"u8) ? TakeOnce(ref host, value)
                : Ascii.EqualsIgnoreCase(name, "Origin"u8) ? TakeOnce(ref origin, value)
                : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Key"u8) ? TakeOnce(ref key, value)
                : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Protocol"u8) ? TakeOnce(ref protocols, value)
                : Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Version"u8) ? TakeFlag(ref isVersion, value.SequenceEqual("13"u8))
                : Ascii.EqualsIgnoreCase(name, "Upgrade"u8) ? TakeFlag(ref isUpgrade, Ascii.EqualsIgnoreCase(value, "websocket"u8))
                : Ascii.EqualsIgnoreCase(name, "Connection"u8) ? TakeFlag(ref isConnection, HasToken(value, "upgrade"u8))
                : !Ascii.EqualsIgnoreCase(name, "Content-Length"u8) && !Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8) && !Ascii.EqualsIgnoreCase(name, "Expect"u8);
            if (!isTaken)
            {
                return false;
            }
        }

        if (host is null || key is null || !isUpgrade || !isConnection || !isVersion)
        {
            return false;
        }

        request = new UpgradeRequest(path, query, host, origin, key, protocols);
        return true;
    }

    private static bool TryReadTarget(ReadOnlySpan<byte> line, out string path, out string query)
    {
        path = query = string.Empty;
        if (!line.EndsWith(" HTTP/1.1"u8))
        {
            return false;
        }

        var target = line["GET ".Length..^" HTTP/1.1".Length];
        var mark = target.IndexOf((byte)'?');
        var first = mark < 0 ? target : target[..mark];
        if (target.IndexOfAny(" \t#"u8) >= 0 || first.IndexOfAny("%\\"u8) >= 0 || first.IndexOf("//"u8) >= 0 || first.IndexOf("/."u8) >= 0)
        {
            return false;
        }

        path = Encoding.ASCII.GetString(first);
        query = mark < 0 ? string.Empty : Encoding.ASCII.GetString(target[mark..]);
        return true;
    }

    /// <summary>Takes the next line off, without its end.</summary>
    private static ReadOnlySpan<byte> Line(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("\r\n"u8);
        var line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static bool TakeOnce(ref string? taken, ReadOnlySpan<byte> value)
    {
        if (taken is not null)
        {
            return false;
        }

        taken = Encoding.ASCII.GetString(value);
        return true;
    }

    private static bool TakeFlag(ref bool taken, bool isRight)
    {
        var isFirst = !taken;
        taken = true;
        return isFirst && isRight;
    }

    private static bool HasToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        foreach (var part in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(list[part].Trim(" \t"u8), token))
            {
                return true;
            }
        }

        return false;
    }
}
