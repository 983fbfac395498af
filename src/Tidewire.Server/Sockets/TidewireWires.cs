namespace Tidewire.Server.Sockets;

/// <summary>Every Tidewire wire over WebSocket: two kinds of message, each in the framing of each subprotocol.</summary>
internal sealed class TidewireWires
{
    private readonly Dictionary<string, (TidewireWire Many, TidewireWire One)> _bySubprotocol;

    public TidewireWires()
    {
        _bySubprotocol = new(StringComparer.Ordinal)
        {
            [string.Empty] = Both(many: 0, one: 1, new TextFraming()),
            [Subprotocol.Lines] = Both(many: 5, one: 6, new LinesFraming()),
        };
    }

    /// <summary><c>/api/ws</c>.</summary>
    /// <param name="subprotocol">The one that was agreed on; null for none.</param>
    public TidewireWire ManyChannels(string? subprotocol) => _bySubprotocol[subprotocol ?? string.Empty].Many;

    /// <summary><c>/api/stream/ws/{feed}</c>.</summary>
    /// <param name="subprotocol">The one that was agreed on; null for none.</param>
    public TidewireWire OneChannel(string? subprotocol) => _bySubprotocol[subprotocol ?? string.Empty].One;

    private static (TidewireWire Many, TidewireWire One) Both(int many, int one, SocketFraming framing)
        => (new ManyChannelsWire(many, framing), new EnvelopeWire(one, framing));
}
