using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>
/// A scripted stand-in for the provider's socket on loopback: it speaks the real bytes of PROTOCOL.md, and misbehaves as
/// <see cref="Misbehaviour"/> says. Thread-safe. Waits are bounded by <see cref="TestBound"/>.
/// </summary>
/// <remarks>
/// Politely it accepts an upgrade on <c>/socket</c> with any token, acknowledges joins sent as text, takes leaves and
/// answers pings. <c>/api/socket</c> upgrades and then never speaks (P5). It can be stopped and started again on the same
/// port and remembers no joins. A bug in the fake surfaces from <see cref="StopAsync"/> or <see cref="DisposeAsync"/>.
/// </remarks>
public sealed partial class FakeUnusualWhales : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private readonly List<Task> _serving = [];
    private ImmutableList<FakeSession> _open = [];
    private ImmutableHashSet<ServerWire> _wires = [];
    private ImmutableList<HandshakeAttempt> _handshakes = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;
    private int _maxOpen;

    private FakeUnusualWhales(int port, TimeProvider time)
    {
        Port = port;
        Time = time;
    }

    /// <summary>How it goes wrong; nothing at first.</summary>
    public Misbehaviour Misbehaviour { get; } = new();

    /// <summary>The port, the same across stops and starts.</summary>
    public int Port { get; }

    /// <summary>The address for the setting <c>UW_SOCKET_URL</c>, without a token.</summary>
    public Uri SocketUrl => new($"ws://127.0.0.1:{Port}/socket");

    /// <summary>Whether it takes connections: started and not stopped.</summary>
    public bool IsListening => Volatile.Read(ref _listener) is not null;

    /// <summary>How many upgrades were answered with 101 since the beginning.</summary>
    public int ConnectionsAccepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open now.</summary>
    public int ConnectionsOpen => _open.Count;

    /// <summary>The most connections that were open at one time. One that the client has hung up does not count.</summary>
    public int MaxConnectionsOpen => Volatile.Read(ref _maxOpen);

    /// <summary>Every upgrade request, the refused ones too.</summary>
    public IReadOnlyList<HandshakeAttempt> Handshakes => _handshakes;

    /// <summary>The forms joined on the open connections, in order of name.</summary>
    public IReadOnlyCollection<string> Joined => _open.SelectMany(session => session.Joined).ToImmutableSortedSet(StringComparer.Ordinal);

    internal TimeProvider Time { get; }

    internal FakeSession? Oldest => _open.FirstOrDefault();

    /// <summary>Starts listening.</summary>
    /// <param name="port">A port of loopback; by default one from <see cref="FreePort"/>.</param>
    /// <param name="time">The clock of late acks and trickles; the system's by default.</param>
    public static async Task<FakeUnusualWhales> StartNewAsync(int? port = null, TimeProvider? time = null)
    {
        var provider = new FakeUnusualWhales(port ?? FreePort.Next(), time ?? TimeProvider.System);
        await provider.StartAsync();
        return provider;
    }

    /// <summary>Listens again after <see cref="StopAsync"/>.</summary>
    public Task StartAsync()
    {
        lock (_gate)
        {
            if (_listener is not null)
            {
                return Task.CompletedTask;
            }

            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            listener.Listen(512);
            _listener = listener;
            _accepting = AcceptAsync(listener);
        }

        return Task.CompletedTask;
    }

    /// <summary>Stops listening and ends all connections: new ones are refused by TCP until <see cref="StartAsync"/>.</summary>
    /// <param name="parting">How connections end; <see cref="Parting.Reset"/> by default. A client that does not answer a close frame within a second is reset.</param>
    public async Task StopAsync(Parting? parting = null)
    {
        Task accepting;
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            accepting = _accepting;
        }

        await accepting.WithinBound("the fake provider's listener to stop");
        await PartAsync(parting ?? Parting.Reset);
        Task served;
        lock (_gate)
        {
            served = Task.WhenAll(_serving);
        }

        if (parting?.Code is not null && _open.Count > 0)
        {
            await Task.WhenAny(served, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        }

        foreach (var wire in _wires)
        {
            wire.HangUp(reset: true);
        }

        await served.WithinBound("the fake provider's connections to end");
        lock (_gate)
        {
            _serving.Clear();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    internal static bool IsHangUp(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception e) when (IsHangUp(e))
            {
                return;
            }

            var wire = new ServerWire(socket, Time);
            ImmutableInterlocked.Update(ref _wires, wires => wires.Add(wire));
            lock (_gate)
            {
                _serving.RemoveAll(task => task.IsCompletedSuccessfully);
                _serving.Add(ServeAsync(wire));
            }
        }
    }

    private async Task ServeAsync(ServerWire wire)
    {
        await Task.Yield();
        FakeSession? session = null;
        try
        {
            session = await UpgradeAsync(wire);
            if (session is not null)
            {
                await session.RunAsync();
            }
        }
        catch (Exception e) when (IsHangUp(e))
        {
            // The ordinary end of a connection.
        }
        finally
        {
            wire.Dispose();
            ImmutableInterlocked.Update(ref _wires, wires => wires.Remove(wire));
            if (session is not null)
            {
                ImmutableInterlocked.Update(ref _open, open => open.Remove(session));
            }

            _changed.Beat();
        }
    }

    /// <summary>Answers the upgrade request; null when the answer was not 101.</summary>
    private async Task<FakeSession?> UpgradeAsync(ServerWire wire)
    {
        if (await HttpHead.ReadAsync(wire.Stream, wire.Ended) is not { } request)
        {
            return null;
        }

        var attempt = HandshakeAttempt.From(request.FirstLine, request.Headers, Time.GetUtcNow());
        if (Misbehaviour.UpgradeUnanswered)
        {
            Record(attempt);
            await wire.Stream.CopyToAsync(Stream.Null, wire.Ended);
            return null;
        }

        var key = request["Sec-WebSocket-Key"];
        if (RefusalOf(attempt, key) is { } refusal)
        {
            Record(attempt with { Answer = refusal.Status });
            await wire.WriteAsync(refusal.ToBytes());
            return null;
        }

        // Open before the client can know it, and silent until the answer is out.
        using var turn = await wire.TakeTurnAsync();
        var session = new FakeSession(this, wire, neverSpeaks: attempt.Path == "/api/socket");
        lock (_gate)
        {
            _open = _open.Add(session);
            _accepted++;
            _maxOpen = Math.Max(_maxOpen, _open.Count(open => open == session || !open.Wire.PeerIsGone));
        }

        Record(attempt with { Answer = 101 });
        var accept = HttpHead.AcceptFor(Misbehaviour.WrongAcceptKey ? "wrong" : key!);
        try
        {
            await turn.WriteAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
            await session.OpenAsync(turn);
        }
        catch (Exception e) when (IsHangUp(e))
        {
            // Counted as open already: the session's own loop sees the end and takes it back.
        }

        return session;
    }

    private Refusal? RefusalOf(HandshakeAttempt attempt, string? key)
    {
        if (Misbehaviour.TakeRefusal() is { } scripted)
        {
            return scripted;
        }

        if (attempt.Path is not ("/socket" or "/api/socket"))
        {
            return new(404, "Not Found", "Not Found");
        }

        if (string.IsNullOrEmpty(attempt.Token))
        {
            return Refusal.Unauthorized;
        }

        if (key is null)
        {
            return new(426, "Upgrade Required", "This is a WebSocket.");
        }

        return Misbehaviour.ConnectionLimit <= _open.Count(open => !open.Wire.PeerIsGone) ? Refusal.TooManyRequests : null;
    }

    private void Record(HandshakeAttempt attempt)
    {
        ImmutableInterlocked.Update(ref _handshakes, all => all.Add(attempt));
        _changed.Beat();
    }
}
