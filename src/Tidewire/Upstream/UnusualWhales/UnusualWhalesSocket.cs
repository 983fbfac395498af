using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.WebSockets;
using System.Reflection;
using System.Text;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The provider's socket: one connection for all channels, joins as text frames, read on a thread of its own. Its end is
/// a value; who owns it decides what follows.
/// </summary>
/// <param name="provider">Where the provider is and what opens it.</param>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
public sealed class UnusualWhalesSocket(UnusualWhalesOptions provider, UpstreamOptions options, TimeProvider time) : IUpstream
{
    /// <summary>The provider's edge turns some default library names away, so ours is always given.</summary>
    internal static readonly string UserAgent = $"Tidewire/{typeof(UnusualWhalesSocket).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private ClientWebSocket? _socket;

    /// <inheritdoc/>
    public string Name => "uw";

    /// <inheritdoc/>
    public PublicationSource Source => PublicationSource.Socket;

    /// <inheritdoc/>
    public async Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ReadingThreadStream? stream = null;
        using var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(stream = new ReadingThreadStream(context.PlaintextStream)),
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("User-Agent", UserAgent);
        socket.Options.KeepAliveInterval = options.PingAfter;
        socket.Options.KeepAliveTimeout = options.PongWithin;
        socket.Options.CollectHttpResponseDetails = true;

        if (await ConnectAsync(socket, invoker, stopping) is { } refused)
        {
            return refused;
        }

        _socket = socket;
        try
        {
            listener.Opened();
            stream!.Block();
            var reading = new TaskCompletionSource<UpstreamEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
            var reader = new Thread(() => reading.SetResult(ReadAll(socket, listener, stopping))) { IsBackground = true, Name = "Tidewire upstream" };
            reader.Start();
            await using (stopping.Register(() =>
            {
                stream.Unblock();
                _ = CloseAsync(socket);
            }))
            {
                return await reading.Task;
            }
        }
        finally
        {
            _socket = null;
        }
    }

    /// <inheritdoc/>
    public ValueTask JoinAsync(string form, CancellationToken cancellation) => SendAsync(form, "join", cancellation);

    /// <inheritdoc/>
    public ValueTask LeaveAsync(string form, CancellationToken cancellation) => SendAsync(form, "leave", cancellation);

    private async Task<UpstreamEnd?> ConnectAsync(ClientWebSocket socket, HttpMessageInvoker invoker, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await socket.ConnectAsync(provider.AddressWithToken(), invoker, either.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            return stopping.IsCancellationRequested
                ? new UpstreamEnd(UpstreamEndKind.Stopped, "stopped")
                : new UpstreamEnd(UpstreamEndKind.CannotConnect, $"no connection within {options.ConnectTimeout.TotalSeconds:0} s");
        }
        catch (WebSocketException exception)
        {
            return socket.HttpStatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new UpstreamEnd(UpstreamEndKind.NotEntitled,
                    $"the provider refused the token for its socket (HTTP {(int)socket.HttpStatusCode}); check the token and that its plan includes WebSocket access"),
                > HttpStatusCode.SwitchingProtocols => new UpstreamEnd(UpstreamEndKind.TurnedAway, $"the provider answered HTTP {(int)socket.HttpStatusCode}"),
                _ => new UpstreamEnd(UpstreamEndKind.CannotConnect, Redacted(exception)),
            };
        }
    }

    /// <summary>Reads until the session ends, on the thread made for it.</summary>
    private UpstreamEnd ReadAll(ClientWebSocket socket, IUpstreamListener listener, CancellationToken stopping)
    {
        var buffer = new byte[Math.Min(64 << 10, options.MaxFrameBytes)];
        var filled = 0;
        var tooLarge = false;
        try
        {
            while (true)
            {
                if (filled == buffer.Length)
                {
                    tooLarge |= buffer.Length >= options.MaxFrameBytes;
                    filled = tooLarge ? 0 : filled;
                    if (!tooLarge)
                    {
                        Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, options.MaxFrameBytes));
                    }
                }

                var receiving = socket.ReceiveAsync(buffer.AsMemory(filled), CancellationToken.None);

                // The stream below blocks, so this is complete, except while a pong of ours waits for its turn to be sent.
                var received = receiving.IsCompleted ? receiving.GetAwaiter().GetResult() : receiving.AsTask().GetAwaiter().GetResult();
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return OfClose(socket, stopping);
                }

                filled += received.Count;
                if (!received.EndOfMessage)
                {
                    continue;
                }

                if (tooLarge)
                {
                    listener.Skipped(FrameFault.TooLarge);
                }
                else if (received.MessageType == WebSocketMessageType.Binary)
                {
                    listener.Skipped(FrameFault.BinaryFrame);
                }
                else
                {
                    listener.Frame(buffer.AsSpan(0, filled).ToArray());
                }

                filled = 0;
                tooLarge = false;
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            return stopping.IsCancellationRequested
                ? new UpstreamEnd(UpstreamEndKind.Stopped, "stopped")
                : new UpstreamEnd(UpstreamEndKind.Lost, Redacted(exception));
        }
    }

    private static UpstreamEnd OfClose(ClientWebSocket socket, CancellationToken stopping)
    {
        var code = (int?)socket.CloseStatus ?? 1005;
        var reason = socket.CloseStatusDescription ?? string.Empty;
        if (stopping.IsCancellationRequested)
        {
            return new UpstreamEnd(UpstreamEndKind.Stopped, "stopped");
        }

        // There is no documented list of codes; these are what clients in the field treat as a refused token.
        string[] refusals = ["401", "403", "unauthorized", "forbidden"];
        if (code is 1008 or 4401 or 4403 || Array.Exists(refusals, word => reason.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            return new UpstreamEnd(UpstreamEndKind.NotEntitled, $"the provider closed the session with code {code}, which says that the token is not entitled");
        }

        // 1001 and 1012 announce a restart: the provider will be back at once.
        var kind = code is 1001 or 1012 ? UpstreamEndKind.Lost : UpstreamEndKind.TurnedAway;
        return new UpstreamEnd(kind, $"the provider closed the session with code {code}");
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Closing is best effort: whatever fails, the socket is cut off after it.")]
    private async Task CloseAsync(ClientWebSocket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(CloseLimit, time);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            await Task.Delay(CloseLimit, time, limit.Token); // the reading thread ends on the provider's answer, and with it this socket
        }
        catch (Exception)
        {
            // Cut off below.
        }

        socket.Abort();
    }

    private async ValueTask SendAsync(string form, string type, CancellationToken cancellation)
    {
        if (_socket is not { State: WebSocketState.Open } socket)
        {
            return;
        }

        try
        {
            // Text, never binary: the provider ignores binary joins without a word.
            await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"channel":"{{form}}","msg_type":"{{type}}"}"""), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The session is over; the reading thread reports how.
        }
    }

    private string Redacted(Exception exception) => Secrets.Redact(exception.InnerException?.Message ?? exception.Message, provider.Token);
}
