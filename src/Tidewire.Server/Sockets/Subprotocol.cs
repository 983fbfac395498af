namespace Tidewire.Server.Sockets;

/// <summary>The subprotocols of the Tidewire wires over WebSocket (RFC 6455 section 1.9): how messages are framed, not what they say.</summary>
internal static class Subprotocol
{
    /// <summary>Several JSON objects per text frame, separated by a line's end.</summary>
    public const string Lines = "tidewire.v1.json";

    /// <summary>The one that a client prefers of those that are known here; null when it offers none of them.</summary>
    /// <param name="offered"><c>Sec-WebSocket-Protocol</c> as it was sent; null when it was not.</param>
    public static string? Choose(string? offered)
    {
        if (string.IsNullOrEmpty(offered))
        {
            return null;
        }

        foreach (var part in offered.AsSpan().Split(','))
        {
            switch (offered.AsSpan()[part].Trim(" \t"))
            {
                case Lines:
                    return Lines;
            }
        }

        return null;
    }
}
