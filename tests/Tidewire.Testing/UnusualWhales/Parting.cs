namespace Tidewire.Testing.UnusualWhales;

/// <summary>How the provider ends a connection.</summary>
public sealed record Parting
{
    private Parting()
    {
    }

    /// <summary>A TCP reset: the peer is gone without a word.</summary>
    public static Parting Reset { get; } = new() { Name = "reset" };

    /// <summary>The TCP connection is finished (FIN) without a close frame.</summary>
    public static Parting Finish { get; } = new() { Name = "finish" };

    /// <summary>P2: closed with the policy code, which clients take for an authorization failure.</summary>
    public static Parting PolicyViolation { get; } = Close(1008, "policy violation");

    /// <summary>P2: closed as unauthorized.</summary>
    public static Parting Unauthorized { get; } = Close(4401, "unauthorized");

    /// <summary>P2: closed as forbidden.</summary>
    public static Parting Forbidden { get; } = Close(4403, "forbidden");

    /// <summary>P2: an ordinary code; only the reason's text tells of the authorization failure.</summary>
    public static Parting UnauthorizedInWords { get; } = Close(1000, "401 Unauthorized: token revoked");

    /// <summary>P20: the service restarts.</summary>
    public static Parting GoingAway { get; } = Close(1001, "server restarting");

    internal string Name { get; private init; } = "";

    internal int? Code { get; private init; }

    internal string Reason { get; private init; } = "";

    /// <summary>A close frame, then the closing handshake. Code 0 sends a close frame without a code.</summary>
    public static Parting Close(int code, string reason = "") => new() { Name = $"close {code}", Code = code, Reason = reason };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
