namespace Tidewire.Server.Sockets;

/// <summary>How the messages of one subprotocol become frames. One object for the whole process. Thread-safe.</summary>
internal abstract class SocketFraming
{
    /// <summary>What it adds to the name of a wire in the metrics; empty for plain text.</summary>
    public abstract string Name { get; }

    /// <summary>Whether several messages may share a frame.</summary>
    public virtual bool Joins => false;

    /// <summary>One message as one frame, ready to be sent.</summary>
    /// <param name="json">A JSON object.</param>
    public abstract byte[] Frame(ReadOnlySpan<byte> json);

    /// <summary>Puts frames together: see <see cref="Fanout.WireFormat.Join"/>.</summary>
    public virtual int Join(ReadOnlySpan<byte[]> parts, Span<byte> to) => throw new NotSupportedException("This framing does not join.");
}

/// <summary>No subprotocol: one JSON object per text frame.</summary>
internal sealed class TextFraming : SocketFraming
{
    public override string Name => "";

    public override byte[] Frame(ReadOnlySpan<byte> json) => WebSocketFrame.Text(json);
}

/// <summary><c>tidewire.v1.json</c>: several JSON objects per text frame, a line each.</summary>
internal sealed class LinesFraming : SocketFraming
{
    public override string Name => "lines";

    public override bool Joins => true;

    public override byte[] Frame(ReadOnlySpan<byte> json)
    {
        var frame = WebSocketFrame.Text(json);
        var message = WebSocketFrame.Payload(frame);
        if (message.ContainsAny((byte)'\n', (byte)'\r'))
        {
            // Between two tokens only: inside a string JSON escapes them.
            message.Replace((byte)'\n', (byte)' ');
            message.Replace((byte)'\r', (byte)' ');
        }

        return frame;
    }

    public override int Join(ReadOnlySpan<byte[]> parts, Span<byte> to) => WebSocketFrame.Join(parts, to, "\n"u8);
}
