using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.UnusualWhales;

/// <summary><c>/socket</c>: the provider's own frames, byte for byte. What did not come as one is not shown: REST rows, derived rows, gaps.</summary>
internal sealed class UnusualWhalesWire() : WireFormat(slot: 2)
{
    public override bool HasPositions => false;

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
        => publication.Frame is { IsEmpty: false } frame ? WebSocketFrame.Text(frame) : [];

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => [];

    public override byte[] Closing(Disconnect disconnect) => [];
}
