using System.Net;

namespace Tidewire.Server.Tests.Access;

public sealed class HostGuardTests : ServerTest
{
    private static readonly string[] Pages = ["/", "/dashboard", "/health", "/api/stream/status", "/api/stream/channels", "/api/ws/stats", "/no/such/page", "/assets/x.js"];
    private static readonly string[] Wires = ["/api/ws", "/api/stream/ws/flow", "/api/stream/ws/gex/SPY", "/socket?token=x"];

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:PORT")]
    [InlineData("127.0.0.1.nip.io:PORT")]
    [InlineData("localhost.evil.example:PORT")]
    [InlineData("evil.localhost:PORT")]
    [InlineData("localhost.:PORT")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:80")]
    [InlineData("localhost:1")]
    [InlineData("[::2]:PORT")]
    [InlineData("[fe80::1]:PORT")]
    [InlineData("192.168.0.1:PORT")]
    [InlineData("0.0.0.0:PORT")]
    public async Task A_host_that_is_not_ours_is_refused_on_every_route_and_wire(string host)
    {
        await StartWithoutUpstreamAsync();
        await RefusedAsync("Host", host);
    }

    [Theory]
    [InlineData("127.0.0.1:PORT")]
    [InlineData("localhost:PORT")]
    [InlineData("LocalHost:PORT")]
    [InlineData("[::1]:PORT")]
    public async Task Our_own_hosts_are_let_in(string host)
    {
        await StartWithoutUpstreamAsync();
        await LetInAsync("Host", host);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("http://evil.example")]
    [InlineData("http://evil.example:PORT")]
    [InlineData("https://127.0.0.1.evil.example:PORT")]
    [InlineData("http://localhost.evil.example:PORT")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://192.168.0.1:PORT")]
    [InlineData("http://127.0.0.1:PORT/")]
    [InlineData("http://127.0.0.1:PORT/page")]
    [InlineData("http://127.0.0.1:PORT@evil.example:PORT")]
    [InlineData("ws://127.0.0.1:PORT")]
    [InlineData("file://")]
    [InlineData("chrome-extension://abcdefgh")]
    [InlineData("127.0.0.1:PORT")]
    [InlineData("http://127.0.0.1:PORT, http://evil.example")]
    [InlineData("http://localhost:5173")]
    public async Task An_origin_that_is_not_ours_is_refused_on_every_route_and_wire(string origin)
    {
        await StartWithoutUpstreamAsync();
        await RefusedAsync("Origin", origin);
    }

    [Theory]
    [InlineData("http://127.0.0.1:PORT")]
    [InlineData("http://localhost:PORT")]
    [InlineData("http://[::1]:PORT")]
    public async Task Our_own_origins_are_let_in(string origin)
    {
        await StartWithoutUpstreamAsync();
        await LetInAsync("Origin", origin);
    }

    [Fact]
    public async Task An_origin_that_is_allowed_by_setting_is_let_in_and_its_neighbours_are_not()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_ALLOWED_ORIGINS", "http://localhost:5173; https://127.0.0.1:8443"));
        await LetInAsync("Origin", "http://localhost:5173");
        await LetInAsync("Origin", "https://127.0.0.1:8443");
        foreach (var origin in new[] { "http://localhost:5174", "https://localhost:5173", "http://127.0.0.1:5173", "http://localhost", "null" })
        {
            await RefusedAsync("Origin", origin);
        }
    }

    [Fact]
    public async Task A_program_that_sends_no_origin_is_let_in()
    {
        await StartWithoutUpstreamAsync();
        await LetInAsync("X-None", "x");
    }

    [Fact]
    public async Task Two_origins_are_refused_when_one_of_them_is_not_ours()
    {
        await StartWithoutUpstreamAsync();
        var answer = await Sockets.RawSocket.AskAsync(Server.Url, $"GET /health HTTP/1.1\r\nHost: {Server.Url.Authority}\r\nOrigin: http://{Server.Url.Authority}\r\nOrigin: http://evil.example\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET /health HTTP/1.1\r\nHost:\r\n\r\n", "403")]
    [InlineData("GET /health HTTP/1.0\r\n\r\n", "403")]
    [InlineData("GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403")]
    public async Task A_request_without_a_host_of_ours_is_refused(string request, string status)
    {
        await StartWithoutUpstreamAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", await Sockets.RawSocket.AskAsync(Server.Url, request), StringComparison.Ordinal);
    }

    private string WithPort(string value) => value.Replace("PORT", $"{Server.Url.Port}", StringComparison.Ordinal);

    private async Task RefusedAsync(string header, string value)
    {
        value = WithPort(value);
        var connections = Server.Hub.Counters.ConnectionCount;
        foreach (var page in Pages)
        {
            using var response = await Server.SendAsync(page, null, (header, value));
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{page} answered {header} '{value}' with {(int)response.StatusCode}");
            Assert.Contains("\"error\":\"forbidden\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        foreach (var wire in Wires)
        {
            Assert.Equal(HttpStatusCode.Forbidden, await UpgradeAsync(wire, header, value));
        }

        Assert.Equal(connections, Server.Hub.Counters.ConnectionCount);
    }

    private async Task LetInAsync(string header, string value)
    {
        value = WithPort(value);
        using var response = await Server.SendAsync("/health", null, (header, value));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        foreach (var wire in Wires)
        {
            Assert.Equal(HttpStatusCode.SwitchingProtocols, await UpgradeAsync(wire, header, value));
        }
    }

    private async Task<HttpStatusCode> UpgradeAsync(string wire, string header, string value)
    {
        var host = header == "Host" ? value : Server.Url.Authority;
        var origin = header == "Origin" ? $"Origin: {value}\r\n" : "";
        var answer = await Sockets.RawSocket.AskAsync(
            Server.Url,
            $"GET {wire} HTTP/1.1\r\nHost: {host}\r\n{origin}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        return Enum.Parse<HttpStatusCode>(answer.Split(' ')[1]);
    }
}
