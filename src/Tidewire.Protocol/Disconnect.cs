namespace Tidewire.Protocol;

/// <summary>Why a server ends a WebSocket, and whether the client should come back: closing codes as data.</summary>
/// <param name="Code">The close code, RFC 6455 section 7.4 or ours from 4000.</param>
/// <param name="Reason">The close reason, in words; at most 123 bytes.</param>
/// <param name="Reconnect">Whether connecting again, by position, is right.</param>
public readonly record struct Disconnect(ushort Code, string Reason, bool Reconnect)
{
    /// <summary>The server is shutting down.</summary>
    public static readonly Disconnect GoingAway = new(1001, "server is going away", Reconnect: true);

    /// <summary>The request cannot be served as it was made, such as an unknown feed.</summary>
    public static readonly Disconnect Policy = new(1008, "policy violation", Reconnect: false);

    /// <summary>A message was far larger than the limit.</summary>
    public static readonly Disconnect TooBig = new(1009, "message too big", Reconnect: false);

    /// <summary>The token is missing or not valid.</summary>
    public static readonly Disconnect Unauthenticated = new(4001, "token missing or invalid", Reconnect: false);

    /// <summary>The token does not allow this.</summary>
    public static readonly Disconnect NotAllowed = new(4003, "not allowed", Reconnect: false);

    /// <summary>The reader stayed too far behind; it may resume by position.</summary>
    public static readonly Disconnect Slow = new(4008, "reader too slow, resume by position", Reconnect: true);

    /// <summary>Too many connections or channels.</summary>
    public static readonly Disconnect TooMany = new(4009, "too many connections", Reconnect: true);

    /// <summary>The token has expired.</summary>
    public static readonly Disconnect Expired = new(4010, "token expired", Reconnect: true);

    private const int MaxReasonBytes = 123;

    /// <summary>The same code with a reason that says more.</summary>
    /// <param name="reason">The reason; cut to what a close frame can carry.</param>
    public Disconnect Because(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        var bytes = 0;
        var length = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxReasonBytes)
            {
                return this with { Reason = reason[..length] };
            }

            length += rune.Utf16SequenceLength;
        }

        return this with { Reason = reason };
    }
}
