using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Tidewire.Fanout;
using Tidewire.Server.Access;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>All clients whose sockets are ours: takes them in, looks after the quiet ones, and ends them when the server stops.</summary>
internal sealed partial class DirectServer : IDisposable
{
    private readonly ConcurrentDictionary<DirectClient, byte> _clients = new();
    private readonly ITimer _sweeper;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<DirectServer> _logger;
    private int _isEnding;
    private int _open = 1; // and one for the server itself, until it stops

    public DirectServer(Hub hub, SocketEndpoints endpoints, OriginPolicy policy, IHostApplicationLifetime lifetime, ILogger<DirectServer> logger)
    {
        Hub = hub;
        Endpoints = endpoints;
        Policy = policy;
        _logger = logger;
        Stopping = lifetime.ApplicationStopping;
        _sweeper = Time.CreateTimer(static server => ((DirectServer)server!).Sweep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public Hub Hub { get; }

    public SocketEndpoints Endpoints { get; }

    public OriginPolicy Policy { get; }

    /// <summary>The system's clock: a peer lives in real time, whatever a test or a replay says the time is.</summary>
    public TimeProvider Time { get; } = TimeProvider.System;

    public CancellationToken Stopping { get; }

    /// <summary>Takes a socket that was just accepted.</summary>
    public void Begin(Socket socket, DirectListener listener)
    {
        // Clients beside those that the hub counts: such as have yet to say what they want, and such as are being told to go.
        if (Volatile.Read(ref _open) > (2 * Hub.Options.MaxConnections) + 1024)
        {
            socket.Dispose();
            return;
        }

        var client = new DirectClient(this, socket, listener);
        _clients[client] = 0;
        Interlocked.Increment(ref _open);
        ThreadPool.UnsafeQueueUserWorkItem(client, preferLocal: false);
    }

    /// <summary>A client is gone, or is someone else's now.</summary>
    public void Remove(DirectClient client)
    {
        if (_clients.TryRemove(client, out _))
        {
            Leave();
        }
    }

    /// <summary>A client's fault of ours: it ends that client and no other.</summary>
    public void Failed(Exception exception) => Log.ClientFailed(_logger, exception);

    /// <summary>Completes once all clients have gone. Those that have said nothing go at once, those that take longer than a close may are cut off.</summary>
    public async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0)
        {
            Leave();
        }

        foreach (var client in _clients.Keys)
        {
            client.GiveUpUnlessOpen();
        }

        try
        {
            await _ended.Task.WaitAsync(Hub.Options.CloseLimit + TimeSpan.FromSeconds(1), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            foreach (var client in _clients.Keys)
            {
                client.Abort();
            }

            await _ended.Task;
        }
    }

    public void Dispose() => _sweeper.Dispose();

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _ended.TrySetResult();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "On a timer's thread, where it would end the process: one client's fault is no one else's.")]
    private void Sweep()
    {
        var now = Time.GetTimestamp();
        foreach (var (client, _) in _clients)
        {
            try
            {
                client.Sweep(now);
            }
            catch (Exception exception)
            {
                Failed(exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Error, "A client was ended because of a fault of ours.", EventName = "DirectClientFailed")]
        public static partial void ClientFailed(ILogger logger, Exception exception);
    }
}
