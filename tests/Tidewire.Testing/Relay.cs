using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tidewire.Testing;

/// <summary>
/// A door of one address in front of a server that comes and goes: clients keep their address while the server changes its
/// own, and the door can be shut in their faces. Passes bytes on, with the server's address in place of its own, as a reverse
/// proxy does with <c>Host</c>: a server lets in only who names it.
/// </summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Pulse _changed = new();
    private readonly Task _accepting;
    private Uri? _target;
    private bool _isGone;

    public Relay()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>Whether clients are let through, and the server was there the last time one wanted to be.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _target is not null && !_isGone;
            }
        }
    }

    /// <summary>Lets clients through to a server.</summary>
    public void Open(Uri target)
    {
        lock (_gate)
        {
            (_target, _isGone) = (target, false);
        }

        _changed.Beat();
    }

    /// <summary>Breaks every connection, and each further one as soon as it is there.</summary>
    public void Shut()
    {
        lock (_gate)
        {
            _target = null;
            foreach (var socket in _sockets)
            {
                Reset(socket);
            }

            _sockets.Clear();
        }

        _changed.Beat();
    }

    /// <summary>Waits until a client has found that the server is gone, or the door is shut.</summary>
    public Task UntilGoneAsync() => _changed.UntilAsync(() => !IsOpen, () => "a client to find that the server is gone");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Shut();
        await _accepting;
        _stop.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }

        socket.Dispose();
    }

    private static byte[] Replaced(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> own, ReadOnlySpan<byte> address)
    {
        var replaced = new ArrayBufferWriter<byte>(bytes.Length + 16);
        while (bytes.IndexOf(own) is var at and >= 0)
        {
            replaced.Write(bytes[..at]);
            replaced.Write(address);
            bytes = bytes[(at + own.Length)..];
        }

        replaced.Write(bytes);
        return replaced.WrittenSpan.ToArray();
    }

    private async Task AcceptAsync()
    {
        var relayed = new List<Task>();
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }

            relayed.RemoveAll(static task => task.IsCompleted);
            relayed.Add(RelayAsync(client));
        }

        await Task.WhenAll(relayed);
    }

    private async Task RelayAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        Uri? target;
        lock (_gate)
        {
            target = _target;
            if (target is not null)
            {
                _sockets.Add(client);
                _sockets.Add(server);
            }
        }

        try
        {
            if (target is not null && await ConnectAsync(server, target))
            {
                // One side's end is passed on before the other's is waited for.
                await Task.WhenAll(CopyAsync(client, server, Encoding.ASCII.GetBytes(target.Authority)), CopyAsync(server, client, address: null));
            }
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(client);
                _sockets.Remove(server);
            }

            Reset(client);
            Reset(server);
        }
    }

    private async Task<bool> ConnectAsync(Socket server, Uri target)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Parse(target.Host), target.Port, _stop.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            lock (_gate)
            {
                _isGone |= _target == target;
            }

            _changed.Beat();
            return false;
        }
    }

    /// <param name="from">Who sends.</param>
    /// <param name="to">Who is sent.</param>
    /// <param name="address">What stands in place of our own address; null where nothing does. Whole in one read: a client sends a head in one go.</param>
    private async Task CopyAsync(Socket from, Socket to, byte[]? address)
    {
        var own = Encoding.ASCII.GetBytes(Url.Authority);
        var buffer = new byte[16 << 10];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                await to.SendAsync(address is null ? buffer.AsMemory(0, read) : Replaced(buffer.AsSpan(0, read), own, address), _stop.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset(from);
            Reset(to);
        }
    }
}
