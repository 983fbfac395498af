namespace Tidewire.Upstream;

/// <summary>Why a session with the provider ended: the value that decides how long to wait before the next.</summary>
public enum UpstreamEndKind
{
    /// <summary>No connection came about: name not resolved, port closed, TLS or handshake failed, timed out.</summary>
    CannotConnect,

    /// <summary>The provider answered the handshake with 401 or 403, or closed the session naming an authorization failure.</summary>
    NotEntitled,

    /// <summary>The provider answered with another refusal (429, 503 ...) or closed the session of its own accord.</summary>
    TurnedAway,

    /// <summary>An open session broke: the peer vanished, or answered no ping in time.</summary>
    Lost,

    /// <summary>We ended it.</summary>
    Stopped,
}

/// <summary>The end of one session.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Reason">One line for an operator; never holds a token.</param>
public sealed record UpstreamEnd(UpstreamEndKind Kind, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Reason}";
}
