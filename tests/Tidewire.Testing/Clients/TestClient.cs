using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Tidewire.Testing.Clients;

/// <summary>One whole message from the server.</summary>
public readonly record struct ReceivedMessage(WebSocketMessageType Type, byte[] Bytes)
{
    /// <summary>The bytes as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>The server closed the connection while a test waited for a message.</summary>
public sealed class ConnectionEndedException(string waitedFor, int? code, string? reason)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"The connection ended ({code?.ToString(CultureInfo.InvariantCulture) ?? "without a close frame"} {reason}) while waiting for {waitedFor}."));

/// <summary>
/// A WebSocket client over a real socket. It reads only when a test asks it to, so a test that does not ask is a slow
/// reader. Every wait ends at <see cref="TestBound"/> with a message that says what was waited for. For one test's thread.
/// </summary>
public abstract class TestClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();

    // Its own handler, because the default one follows redirects, and takes proxies from the environment.
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
    private readonly ArrayBufferWriter<byte> _message = new();

    private protected TestClient()
    {
    }

    /// <summary>What the upgrade was answered with: 101, or the refusal's status.</summary>
    public HttpStatusCode UpgradeStatus { get; private set; }

    /// <summary>Whether the upgrade was granted and the connection has not ended.</summary>
    public bool IsOpen => UpgradeStatus == HttpStatusCode.SwitchingProtocols && _socket.State == WebSocketState.Open;

    /// <summary>The subprotocol that the server chose; null for none.</summary>
    public string? Subprotocol => _socket.SubProtocol;

    /// <summary>The code of the server's close frame, once it was read; null before, and when the connection just broke.</summary>
    public int? CloseStatus => (int?)_socket.CloseStatus;

    /// <summary>The reason in the server's close frame.</summary>
    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Sends one text message.</summary>
    public Task SendTextAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    /// <summary>Sends one message.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type)
    {
        RequireUpgrade();
        await _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None).AsTask().WithinBound("the server to take a message");
    }

    /// <summary>The next message, whatever it is.</summary>
    /// <exception cref="ConnectionEndedException">The connection ended first.</exception>
    /// <exception cref="TimeoutException">Nothing came; the connection is aborted.</exception>
    public async Task<ReceivedMessage> NextMessageAsync(string what = "a message")
    {
        using var bound = new CancellationTokenSource(TestBound.Value);
        return await NextMessageAsync(() => what, bound.Token) ?? throw new ConnectionEndedException(what, CloseStatus, CloseReason);
    }

    /// <summary>Reads and drops messages until the server closes the connection or it breaks. Returns the close code; null when there was none.</summary>
    public async Task<int?> WaitForCloseAsync()
    {
        using var bound = new CancellationTokenSource(TestBound.Value);
        while (await NextMessageAsync(() => "the server to close the connection", bound.Token) is not null)
        {
        }

        return CloseStatus;
    }

    /// <summary>Closes politely.</summary>
    public Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string reason = "") =>
        _socket.CloseAsync(status, reason, CancellationToken.None).WithinBound("the closing handshake");

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort() => _socket.Abort();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _http.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Upgrades. A refusal is in <see cref="UpgradeStatus"/>; only a connection that did not come about at all throws.</summary>
    private protected async Task UpgradeAsync(Uri server, string pathAndQuery, Dictionary<string, string>? headers, string? subprotocol = null)
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        _socket.Options.CollectHttpResponseDetails = true;
        if (subprotocol is not null)
        {
            _socket.Options.AddSubProtocol(subprotocol);
        }

        foreach (var (name, value) in headers ?? [])
        {
            _socket.Options.SetRequestHeader(name, value);
        }

        var url = new UriBuilder(new Uri(server, pathAndQuery)) { Scheme = server.Scheme is "https" or "wss" ? "wss" : "ws" }.Uri;
        try
        {
            await _socket.ConnectAsync(url, _http, CancellationToken.None).WithinBound($"an upgrade of {url.AbsolutePath}");
        }
        catch (WebSocketException) when (_socket.HttpStatusCode is not 0 and not HttpStatusCode.SwitchingProtocols)
        {
            // Refused over HTTP: the status tells.
        }

        UpgradeStatus = _socket.HttpStatusCode;
    }

    /// <summary>The next message; null once the connection has ended.</summary>
    private protected async Task<ReceivedMessage?> NextMessageAsync(Func<string> what, CancellationToken bound)
    {
        RequireUpgrade();
        _message.ResetWrittenCount();
        try
        {
            while (_socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var part = await _socket.ReceiveAsync(_message.GetMemory(4096), bound);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", bound);
                    return null;
                }

                _message.Advance(part.Count);
                if (part.EndOfMessage)
                {
                    return new(part.MessageType, _message.WrittenSpan.ToArray());
                }
            }
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            throw TestBound.Exceeded(TestBound.Value, what());
        }
        catch (WebSocketException)
        {
            // Broken without a close frame; CloseStatus stays null.
        }

        return null;
    }

    private void RequireUpgrade()
    {
        if (UpgradeStatus != HttpStatusCode.SwitchingProtocols)
        {
            throw new InvalidOperationException($"The upgrade was refused with {(int)UpgradeStatus}.");
        }
    }
}
