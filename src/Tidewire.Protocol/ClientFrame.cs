namespace Tidewire.Protocol;

/// <summary>What a client asks for with one message on <c>/api/ws</c>.</summary>
public enum ClientFrameType
{
    /// <summary>Begin a subscription.</summary>
    Subscribe,

    /// <summary>End a subscription.</summary>
    Unsubscribe,

    /// <summary>Ask for a pong.</summary>
    Ping,

    /// <summary>Present or renew a token.</summary>
    Auth,

    /// <summary>Ask for past publications.</summary>
    History,
}

/// <summary>One message of a client, read and checked for form; whether the channel exists is for the server to say.</summary>
public sealed record ClientFrame
{
    /// <summary>What is asked.</summary>
    public required ClientFrameType Type { get; init; }

    /// <summary>The client's <c>id</c> as raw JSON (a string or an integer), to be echoed; null when it gave none.</summary>
    public string? Id { get; init; }

    /// <summary>The channel or feed as written; null where none was needed.</summary>
    public string? Channel { get; init; }

    /// <summary>The ticker as written; null when absent.</summary>
    public string? Ticker { get; init; }

    /// <summary>The position to resume after.</summary>
    public StreamPosition? Since { get; init; }

    /// <summary>How many past publications to send first, 0 to <see cref="ProtocolLimits.MaxHistory"/>.</summary>
    public int? History { get; init; }

    /// <summary>A filter expression.</summary>
    public string? Filter { get; init; }

    /// <summary>The most publications a second; 0 means no throttle.</summary>
    public double? MaxRate { get; init; }

    /// <summary>For <see cref="ClientFrameType.History"/>: only entries below this offset.</summary>
    public long? Before { get; init; }

    /// <summary>For <see cref="ClientFrameType.History"/>: how many entries at most.</summary>
    public int? Limit { get; init; }

    /// <summary>For <see cref="ClientFrameType.Auth"/>: the token.</summary>
    public string? Token { get; init; }
}

/// <summary>Why a message could not be read.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">One sentence: what was wrong and what is allowed.</param>
/// <param name="Field">The field at fault, when it is one.</param>
/// <param name="Id">The message's <c>id</c> as raw JSON, as far as it could be read.</param>
public sealed record ProtocolError(ErrorCode Code, string Message, string? Field = null, string? Id = null);
