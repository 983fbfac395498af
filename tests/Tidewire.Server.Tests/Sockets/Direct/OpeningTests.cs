namespace Tidewire.Server.Tests.Sockets.Direct;

/// <summary>What is read on sockets of our own is answered as the web server would have: it decides alone where they could differ.</summary>
public sealed class OpeningTests : ServerTest
{
    private const string Key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    private const string Upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";

    /// <summary>A request, without its end; HOST stands for the server's address.</summary>
    public static TheoryData<string> Requests =>
    [
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws?a=b HTTP/1.1\r\nhost:HOST\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        $"GET /API/WS HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws/ HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api//ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/./ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /x/../api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/%77s HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET http://HOST/api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/stream/ws/flow HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/stream/ws/gex/SPY?history=3 HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/stream/ws/gex/SPY/more HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/stream/ws/ HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/stream/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /socket?token=x HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /socket HTTP/1.0\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"POST /api/ws HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}Sec-WebSocket-Key: AAAA\r\n",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\n{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: evil.example\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nOrigin: http://evil.example\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost : HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nBroken\r\n{Upgrade}{Key}",
        $"GET  /api/ws HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws#x HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws\\ HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /health HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        "GET /health HTTP/1.1\r\nHost: HOST\r\n",
        $"GET /no/such HTTP/1.1\r\nHost: HOST\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nCookie: {new string('x', 12_000)}\r\n{Upgrade}{Key}",
        $"GET /api/ws HTTP/1.1\r\nHost: HOST\r\nX-Name: é\r\n{Upgrade}{Key}",
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Every_request_is_answered_as_the_web_server_answers_it(string request)
    {
        var direct = await StartWithoutUpstreamAsync(("Sockets:Direct", "true"));
        var through = await StartWithoutUpstreamAsync(("Sockets:Direct", "false"));
        Assert.Equal(await StatusAsync(through, request), await StatusAsync(direct, request));
    }

    [Fact]
    public async Task A_head_that_arrives_byte_by_byte_is_answered_too()
    {
        await StartWithoutUpstreamAsync();
        var client = Keep(RawSocket.Open(Server.Url));
        foreach (var part in $"GET /api/ws HTTP/1.1\r\nHost: {Server.Url.Authority}\r\n{Upgrade}{Key}\r\n")
        {
            await client.WriteAsync(new[] { (byte)part });
        }

        Assert.StartsWith("HTTP/1.1 101 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.Contains("\"connection\"", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_sends_together_with_its_head_is_read()
    {
        await StartWithoutUpstreamAsync();
        var client = Keep(RawSocket.Open(Server.Url));
        await client.WriteAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes($"GET /api/ws HTTP/1.1\r\nHost: {Server.Url.Authority}\r\n{Upgrade}{Key}\r\n"), .. RawSocket.Frame(RawSocket.Text, """{"type":"ping"}"""u8.ToArray())]);
        Assert.StartsWith("HTTP/1.1 101 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.Contains("\"connection\"", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
        Assert.Contains("\"pong\"", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
    }

    private static async Task<string> StatusAsync(ServerUnderTest server, string request)
    {
        var answer = await RawSocket.AskAsync(server.Url, request.Replace("HOST", server.Url.Authority, StringComparison.Ordinal) + "\r\n");
        return answer.Length < 12 ? answer : answer[..12];
    }
}
