using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Tidewire.Server.Verbs;

/// <summary>The three wires, each with what proxies do to it.</summary>
internal sealed class DoctorWires(Uri url, HttpClient http, string? token, TimeProvider time)
{
    /// <summary>A channel that every server has and that wakes no provider.</summary>
    private const string Quiet = "market_status";

    private const string Below = "Clients fall to the next wire by themselves.";

    public async Task<Finding> WebSocketAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        var isOpen = false;
        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(url, "api/ws")) { Scheme = url.Scheme == "https" ? "wss" : "ws" }.Uri, either.Token);
            isOpen = true;
            var buffer = new byte[16 << 10];
            await socket.ReceiveAsync(buffer.AsMemory(), either.Token);
            var started = time.GetTimestamp();
            await socket.SendAsync("""{"type":"ping","id":1}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, either.Token);
            await socket.ReceiveAsync(buffer.AsMemory(), either.Token);
            return Finding.Ok("websocket", string.Create(CultureInfo.InvariantCulture, $"The upgrade passes; a ping is answered in {time.GetElapsedTime(started).TotalMilliseconds:0.0} ms."));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Finding.Warning("websocket", isOpen ? "The upgrade passes, but nothing comes after it." : "The upgrade is not answered.", $"Let the proxy in between pass 'Upgrade: websocket' through unbuffered. {Below}");
        }
        catch (WebSocketException)
        {
            var status = (int)socket.HttpStatusCode;
            return status is 401 or 403
                ? Finding.Fault("websocket", $"The upgrade is refused with {status}.", status == 401 ? "Give a valid token with --token-file." : "The server does not allow this Host or Origin, or a proxy in between refuses: see TIDEWIRE_ALLOWED_ORIGINS.")
                : Finding.Warning("websocket", status is 0 ? "The upgrade is cut off." : $"The upgrade is answered with {status}: something in between strips it.", $"Let the proxy in between pass 'Upgrade: websocket' through. {Below}");
        }
    }

    public async Task<Finding> EventsAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var hasHead = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, $"api/stream/sse/{Quiet}"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            hasHead = true;
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                return Finding.Warning("sse", $"Server-sent events are answered with {(int)response.StatusCode} and {response.Content.Headers.ContentType?.MediaType ?? "no type"}.", $"Something in between changes the answer. {Below}");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var buffer = new byte[4096];
            var length = 0;
            while (Encoding.UTF8.GetString(buffer, 0, length) is var text && !text.Contains("id:", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), either.Token);
                if (read == 0 || length + read == buffer.Length)
                {
                    return Finding.Warning("sse", "The stream of server-sent events ends before its first event.", $"Something in between cuts it off. {Below}");
                }

                length += read;
            }

            return Finding.Ok("sse", "Server-sent events pass, unbuffered.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Finding.Warning("sse", hasHead ? "Server-sent events are held back: the first one does not come." : "Server-sent events are not answered.", $"Turn buffering off for /api/stream/sse in the proxy in between (nginx: proxy_buffering off). {Below}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Finding.Warning("sse", "Server-sent events are cut off.", $"Something in between breaks long answers. {Below}");
        }
    }

    public async Task<Finding> PollAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await http.GetAsync(new Uri(url, $"api/stream/poll/{Quiet}?wait=0"), either.Token);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
            if (response.IsSuccessStatusCode && json.RootElement.TryGetProperty("position_text", out _))
            {
                return Finding.Ok("poll", "Polling is there, for when nothing better passes.");
            }

            return Finding.Fault("poll", $"Polling is answered with {(int)response.StatusCode}.", "It is the last wire; see the server's log for why it refuses.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException || (exception is OperationCanceledException && limit.IsCancellationRequested))
        {
            return Finding.Fault("poll", "Polling is not answered as the server would.", "It is the last wire. Something in between answers for the server: check the address and the proxy.");
        }
    }
}
