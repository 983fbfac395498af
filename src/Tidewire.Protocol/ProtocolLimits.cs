namespace Tidewire.Protocol;

/// <summary>Bounds of the protocol itself; what a server allows within them is told in its <c>connection</c> message.</summary>
public static class ProtocolLimits
{
    /// <summary>How deep a client's message may nest.</summary>
    public const int MaxJsonDepth = 8;

    /// <summary>The longest <c>id</c> a client may give a message, in characters.</summary>
    public const int MaxIdLength = 64;

    /// <summary>The most publications one <c>history</c> may ask for.</summary>
    public const int MaxHistory = 1000;

    /// <summary>How often, at least, a subscription that shows nothing is told its position.</summary>
    public static readonly TimeSpan PositionInterval = TimeSpan.FromSeconds(10);
}
