namespace Tidewire.Server.Sockets.Direct;

/// <summary>What is on its way to a client.</summary>
internal enum FrameUnderway
{
    /// <summary>The answer to the opening handshake, a ping or a pong.</summary>
    Control,

    /// <summary>Frames of the connection.</summary>
    Data,

    /// <summary>The close frame: nothing follows it.</summary>
    Close,
}

/// <summary>What one client has yet to be sent, and in which order it goes out. Guarded by its transport.</summary>
internal struct WaitingFrames
{
    /// <summary>The answer to the opening handshake: before everything else.</summary>
    public byte[]? Head;

    /// <summary>The newest pong: as soon as what is on its way has been taken.</summary>
    public byte[]? Pong;

    /// <summary>A ping: likewise.</summary>
    public byte[]? Ping;

    /// <summary>What the connection handed over.</summary>
    public ReadOnlyMemory<byte> Data;

    /// <summary>The close frame: after everything else.</summary>
    public byte[]? Close;

    /// <summary>Takes what goes out next. False when nothing waits.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> next, out FrameUnderway kind)
    {
        kind = FrameUnderway.Control;
        if (TryTake(ref Head, out next) || TryTake(ref Pong, out next) || TryTake(ref Ping, out next))
        {
            return true;
        }

        if (Data.IsEmpty)
        {
            kind = FrameUnderway.Close;
            return TryTake(ref Close, out next);
        }

        kind = FrameUnderway.Data;
        next = Data;
        Data = default;
        return true;
    }

    private static bool TryTake(ref byte[]? frame, out ReadOnlyMemory<byte> next)
    {
        next = frame;
        frame = null;
        return !next.IsEmpty;
    }
}
