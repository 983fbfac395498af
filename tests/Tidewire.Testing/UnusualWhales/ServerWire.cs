using System.Net.Sockets;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>The bytes of one accepted connection: whole frames, fragments, trickles and the ways to end it. Writes are serialised.</summary>
internal sealed class ServerWire : IDisposable
{
    private static readonly byte[] Ping = FrameBytes.Encode(Opcode.Ping, "between"u8);
    private readonly Socket _socket;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TimeProvider _time;

    public ServerWire(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _time = time;
        Stream = new NetworkStream(socket, ownsSocket: false);
        Ended = _ended.Token;
    }

    public NetworkStream Stream { get; }

    /// <summary>Cancelled once this side has hung up.</summary>
    public CancellationToken Ended { get; }

    /// <summary>
    /// Whether the peer has hung up, even if no read has noticed yet. Without it, a client that closes one connection and
    /// opens the next could be seen with two.
    /// </summary>
    public bool PeerIsGone
    {
        get
        {
            const int Tcp = 6, TcpInfo = 11, Established = 1;
            try
            {
                if (OperatingSystem.IsLinux())
                {
                    Span<byte> info = stackalloc byte[8];
                    return _socket.GetRawSocketOption(Tcp, TcpInfo, info) > 0 && info[0] != Established;
                }

                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Holds back all other writes until disposed.</summary>
    public async ValueTask<Turn> TakeTurnAsync()
    {
        await _writing.WaitAsync(Ended);
        return new(this);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var turn = await TakeTurnAsync();
        await turn.WriteAsync(bytes);
    }

    /// <summary>Ends the connection at the level of TCP.</summary>
    public void HangUp(bool reset)
    {
        try
        {
            if (reset)
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            else
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }

        _socket.Dispose();
        Cancel();
    }

    public void Dispose()
    {
        _socket.Dispose();
        Stream.Dispose();
        Cancel();
    }

    private void Cancel()
    {
        // Never disposed: the token is handed out, and without a timer there is nothing to release.
        _ended.Cancel();
    }

    /// <summary>The right to write, until disposed.</summary>
    public readonly struct Turn(ServerWire wire) : IDisposable
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => wire.Stream.WriteAsync(bytes, wire.Ended);

        /// <summary>Writes one text message in the spelling that the script asks for.</summary>
        public async ValueTask WriteTextAsync(ReadOnlyMemory<byte> text, Misbehaviour script)
        {
            var size = script.FragmentBytes > 0 ? script.FragmentBytes : int.MaxValue;
            var offset = 0;
            do
            {
                var part = text.Slice(offset, Math.Min(size, text.Length - offset));
                var opcode = offset == 0 ? Opcode.Text : Opcode.Continuation;
                offset += part.Length;
                var last = offset == text.Length;
                await WriteSlowlyAsync(FrameBytes.Encode(opcode, part.Span, last), script.Trickle);
                if (!last && script.PingsBetweenFragments)
                {
                    await WriteAsync(Ping);
                }
            }
            while (offset < text.Length);
        }

        public void Dispose() => wire._writing.Release();

        private async ValueTask WriteSlowlyAsync(byte[] frame, TimeSpan? pause)
        {
            if (pause is not { } between)
            {
                await WriteAsync(frame);
                return;
            }

            for (var i = 0; i < frame.Length; i++)
            {
                await WriteAsync(frame.AsMemory(i, 1));
                if (between > TimeSpan.Zero)
                {
                    await Task.Delay(between, wire._time, wire.Ended);
                }
            }
        }
    }
}
