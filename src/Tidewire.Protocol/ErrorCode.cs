namespace Tidewire.Protocol;

/// <summary>What was wrong with a message of a client: the number and name in <c>{"type":"error"}</c>.</summary>
/// <param name="Number">Stable number, never reused.</param>
/// <param name="Name">Stable name in snake case.</param>
/// <param name="Retryable">Whether the same message may succeed later.</param>
public readonly record struct ErrorCode(int Number, string Name, bool Retryable)
{
    /// <summary>Not JSON, not an object, or nested too deep.</summary>
    public static readonly ErrorCode MalformedJson = new(100, "malformed_json", Retryable: false);

    /// <summary>A binary message where text is due.</summary>
    public static readonly ErrorCode NotText = new(101, "not_text", Retryable: false);

    /// <summary>Larger than the limit that the <c>connection</c> message names.</summary>
    public static readonly ErrorCode TooLarge = new(102, "message_too_large", Retryable: false);

    /// <summary>The field <c>type</c> is missing or names no message.</summary>
    public static readonly ErrorCode UnknownType = new(103, "unknown_type", Retryable: false);

    /// <summary>A field that is needed is missing.</summary>
    public static readonly ErrorCode MissingField = new(104, "missing_field", Retryable: false);

    /// <summary>A field has a value of the wrong type or outside its range.</summary>
    public static readonly ErrorCode BadValue = new(105, "bad_value", Retryable: false);

    /// <summary>No feed has this name or alias.</summary>
    public static readonly ErrorCode UnknownChannel = new(106, "unknown_channel", Retryable: false);

    /// <summary>A ticker is missing, not well formed, or given to a feed that takes none.</summary>
    public static readonly ErrorCode BadTicker = new(107, "bad_ticker", Retryable: false);

    /// <summary>The connection holds as many channels as it may.</summary>
    public static readonly ErrorCode TooManyChannels = new(108, "too_many_channels", Retryable: true);

    /// <summary>The connection does not hold this channel.</summary>
    public static readonly ErrorCode NotSubscribed = new(109, "not_subscribed", Retryable: false);

    /// <summary>The protocol has this, the running version has not.</summary>
    public static readonly ErrorCode NotSupported = new(110, "not_supported", Retryable: false);

    /// <summary>Every code, for the documentation.</summary>
    public static IReadOnlyList<ErrorCode> All { get; } =
        [MalformedJson, NotText, TooLarge, UnknownType, MissingField, BadValue, UnknownChannel, BadTicker, TooManyChannels, NotSubscribed, NotSupported];
}
