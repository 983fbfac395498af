using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Tidewire.Testing.Clients;

/// <summary>
/// A client of <c>/api/stream/sse/{feed}</c>, over a connection of its own. It reads only when a test asks it to, so a
/// test that does not ask is a slow reader. For one test's thread.
/// </summary>
public sealed class SseClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private readonly Func<Socket?> _socket;

    private SseClient(HttpClient http, Func<Socket?> socket, HttpResponseMessage response, Stream body)
    {
        _http = http;
        _socket = socket;
        _response = response;
        _lines = new StreamReader(body);
    }

    /// <summary>The status and headers of the answer.</summary>
    public HttpResponseMessage Response => _response;

    /// <summary>The id of the last event that had one: what a browser comes back with.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>Connects; whether it was let in is in <see cref="Response"/>.</summary>
    /// <param name="server">The base address.</param>
    /// <param name="path">Such as <c>/api/stream/sse/flow?history=5</c>.</param>
    /// <param name="lastEventId">The header <c>Last-Event-ID</c>.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="socketBufferBytes">The size of the socket's receive buffer; null for the system's own.</param>
    public static async Task<SseClient> ConnectAsync(
        Uri server, string path, string? lastEventId = null, Dictionary<string, string>? headers = null, int? socketBufferBytes = null)
    {
        Socket? opened = null;
        var http = HttpWire.Client(socketBufferBytes, socket => opened = socket);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WithinBound($"an answer from {path}");
        return new SseClient(http, () => opened, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The JSON of a refusal.</summary>
    public async Task<JsonElement> RefusalAsync()
    {
        using var json = JsonDocument.Parse(await _lines.ReadToEndAsync().WithinBound("a refusal"));
        return json.RootElement.Clone();
    }

    /// <summary>The next event of any kind; null once the stream has ended or the connection broke.</summary>
    public async Task<ServerSentEvent?> NextOrEndAsync()
    {
        var lines = new List<string>();
        try
        {
            while (await _lines.ReadLineAsync().WithinBound("an event") is { } line)
            {
                if (line.Length > 0)
                {
                    lines.Add(line);
                    continue;
                }

                var read = ServerSentEvent.Parse(lines);
                LastEventId = read.Id ?? LastEventId;
                return read;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // Broken off; what was read of the last event is not an event.
        }

        return null;
    }

    /// <summary>The next event of any kind.</summary>
    /// <exception cref="ConnectionEndedException">The stream ended first.</exception>
    public async Task<ServerSentEvent> NextEventAsync() => await NextOrEndAsync() ?? throw new ConnectionEndedException("an event", null, null);

    /// <summary>The JSON of the next event that has data; the id is in <see cref="LastEventId"/>.</summary>
    public async Task<JsonElement> NextAsync()
    {
        while (true)
        {
            if ((await NextEventAsync()).Data is { } data)
            {
                using var json = JsonDocument.Parse(data);
                return json.RootElement.Clone();
            }
        }
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort() => _socket()?.Close(timeout: 0);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Abort(); // disposed while it is open, an answer would be read on for a while
        _response.Dispose();
        _lines.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Connections of test clients over plain HTTP.</summary>
internal static class HttpWire
{
    /// <summary>A client with connections of its own.</summary>
    /// <param name="socketBufferBytes">The size of a socket's receive buffer; null for the system's own.</param>
    /// <param name="opened">Told of each socket.</param>
    public static HttpClient Client(int? socketBufferBytes = null, Action<Socket>? opened = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (socketBufferBytes is { } bytes)
            {
                socket.ReceiveBufferSize = bytes;
            }

            opened?.Invoke(socket);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
