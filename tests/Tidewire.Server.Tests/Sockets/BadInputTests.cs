using System.Net.WebSockets;
using System.Text;

namespace Tidewire.Server.Tests.Sockets;

public class BadInputTests : ServerTest
{
    public static TheoryData<string, string, string?, string> Faults => new()
    {
        { "", "malformed_json", null, "" },
        { " ", "malformed_json", null, "" },
        { "{", "malformed_json", null, "" },
        { "ping", "malformed_json", null, "" },
        { "null", "malformed_json", null, "JSON object" },
        { "[]", "malformed_json", null, "JSON object" },
        { "\"ping\"", "malformed_json", null, "JSON object" },
        { """{"type":"ping"}{"type":"ping"}""", "malformed_json", null, "" },
        { """{"type":"ping",}""", "malformed_json", null, "" },
        { """{"type":"\ud800"}""", "malformed_json", null, "" },
        { "{\"type\":\"ping\",\"deep\":" + new string('[', 20) + new string(']', 20) + "}", "malformed_json", null, "8" },
        { "{}", "unknown_type", "type", "subscribe, unsubscribe, ping, auth, history" },
        { """{"type":"subscrib","channel":"gex:SPY"}""", "unknown_type", "type", "subscribe, unsubscribe, ping, auth, history" },
        { """{"type":"PING"}""", "unknown_type", "type", "ping" },
        { """{"type":1}""", "bad_value", "type", "a string" },
        { """{"type":"subscribe"}""", "missing_field", "channel", "flow-alerts" },
        { """{"type":"subscribe","channel":""}""", "missing_field", "channel", "" },
        { """{"type":"subscribe","channel":["gex:SPY"]}""", "bad_value", "channel", "a string" },
        { """{"type":"subscribe","channel":"nope"}""", "unknown_channel", "channel", "flow-alerts, gex" },
        { """{"type":"subscribe","channel":"@session/flow"}""", "unknown_channel", "channel", "flow-alerts" },
        { """{"type":"subscribe","channel":"gex"}""", "bad_ticker", "ticker", "SPY" },
        { """{"type":"subscribe","channel":"gex","ticker":"S PY"}""", "bad_ticker", "ticker", "letters, digits" },
        { """{"type":"subscribe","channel":"gex:SPY","ticker":"QQQ"}""", "bad_ticker", "ticker", "one of them" },
        { """{"type":"subscribe","channel":"gex","ticker":7}""", "bad_value", "ticker", "a string" },
        { """{"type":"subscribe","channel":"flow","ticker":"SPY"}""", "bad_ticker", "ticker", "takes no ticker" },
        { """{"type":"subscribe","channel":"flow","history":1001}""", "bad_value", "history", "0 to 1000" },
        { """{"type":"subscribe","channel":"flow","history":-1}""", "bad_value", "history", "0 to 1000" },
        { """{"type":"subscribe","channel":"flow","history":1.5}""", "bad_value", "history", "0 to 1000" },
        { """{"type":"subscribe","channel":"flow","since":42}""", "bad_value", "since", "epoch" },
        { """{"type":"subscribe","channel":"flow","since":{"epoch":"a b","offset":1}}""", "bad_value", "since", "epoch" },
        { """{"type":"subscribe","channel":"flow","since":{"epoch":"a","offset":-1}}""", "bad_value", "since", "offset" },
        { """{"type":"subscribe","channel":"flow","filter":"premium >"}""", "bad_value", "filter", "column 10" },
        { """{"type":"subscribe","channel":"flow","max_rate":10}""", "bad_value", "max_rate", "event feed" },
        { """{"type":"subscribe","channel":"flow","max_rate":-1}""", "bad_value", "max_rate", "0" },
        { """{"type":"history","channel":"flow","before":0}""", "bad_value", "before", "above 0" },
        { """{"type":"history","channel":"flow","limit":1001}""", "bad_value", "limit", "0 to 1000" },
        { """{"type":"unsubscribe","channel":"flow"}""", "not_subscribed", "channel", "not subscribed" },
        { """{"type":"auth"}""", "missing_field", "token", "token" },
        { """{"type":"ping","id":1.5}""", "bad_value", "id", "whole number" },
        { """{"type":"ping","id":"0123456789012345678901234567890123456789012345678901234567890123456789"}""", "bad_value", "id", "64" },
        { """{"type":"0123456789012345678901234567890123456789012345678901234567890123😀😀"}""", "unknown_type", "type", "ping" },
        { """{"type":"012345678901234567890123456789012345678901234567890123456789012😀😀"}""", "unknown_type", "type", "ping" },
        { """{"type":"subscribe","channel":"012345678901234567890123456789012345678901234567890123456789012😀😀"}""", "unknown_channel", "channel", "flow-alerts" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_faulty_message_gets_one_error_that_names_the_field_and_what_is_allowed(string text, string error, string? field, string allowed)
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SendTextAsync(text);
        var answer = await client.NextAsync();
        Assert.Equal(("error", error), (answer.GetProperty("type").GetString(), ErrorOf(answer)));
        Assert.Equal(field, answer.TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.Contains(allowed, answer.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(answer.TryGetProperty("code", out _) && answer.TryGetProperty("retryable", out _) && answer.TryGetProperty("timestamp", out _));
        Assert.Empty(await client.UntilPongAsync());
        Assert.Equal(1, (await Server.JsonAsync("/api/ws/stats")).GetProperty("errors").GetInt32());
    }

    [Fact]
    public async Task Fields_that_no_one_knows_are_let_pass()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SendTextAsync("""{"type":"ping","newer":{"a":[1,2]},"id":null,"type":"ping"}""");
        Assert.Equal("pong", (await client.NextAsync()).GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("/api/ws")]
    [InlineData("/api/stream/ws/flow")]
    [InlineData("/socket?token=x")]
    public async Task A_message_over_the_limit_is_answered_and_one_beyond_all_bounds_ends_the_connection_with_1009(string path)
    {
        await StartWithoutUpstreamAsync();
        var client = Keep(await RawSocket.ConnectAsync(Server.Url, path));
        var bystander = await ConnectAsync();
        if (path == "/api/ws")
        {
            await client.NextAsync();
        }

        foreach (var size in new[] { 16_385, 60_000, 200_000 })
        {
            await client.SendTextAsync(new string('x', size));
            Assert.Contains("too large", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
        }

        await client.SendAsync(RawSocket.Text, new byte[1_000_000]);
        Assert.Equal(1009, await client.CloseCodeAsync());
        Assert.Empty(await bystander.UntilPongAsync());
    }

    [Fact]
    public async Task A_message_of_exactly_the_limit_is_read()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        var ping = """{"type":"ping","pad":""}""";
        await client.SendTextAsync(ping.Replace("\"\"", $"\"{new string('x', 16_384 - ping.Length)}\"", StringComparison.Ordinal));
        Assert.Equal("pong", (await client.NextAsync()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_binary_message_is_answered_and_the_connection_stays()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SendAsync("{\"type\":\"ping\"}"u8.ToArray(), WebSocketMessageType.Binary);
        Assert.Equal("not_text", ErrorOf(await client.NextAsync()));
        await client.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary);
        Assert.Equal("not_text", ErrorOf(await client.NextAsync()));
        Assert.Empty(await client.UntilPongAsync());
    }

    [Fact]
    public async Task A_message_in_fragments_with_pings_between_them_is_one_message()
    {
        await StartWithoutUpstreamAsync();
        var client = Keep(await RawSocket.ConnectAsync(Server.Url, "/api/ws"));
        await client.NextAsync();
        var bytes = Encoding.UTF8.GetBytes("""{"type":"ping","id":"é"}""");
        await client.SendAsync(RawSocket.Text, Array.Empty<byte>(), fin: false);
        for (var i = 0; i < bytes.Length; i++)
        {
            await client.SendAsync(RawSocket.Continuation, bytes.AsMemory(i, 1), fin: false);
            await client.SendAsync(RawSocket.Ping, new[] { (byte)i });
            var pong = await client.NextAsync();
            Assert.Equal((RawSocket.Pong, i), (pong!.Value.Opcode, pong.Value.Payload[0]));
        }

        await client.SendAsync(RawSocket.Continuation, Array.Empty<byte>());
        Assert.Contains("\"pong\"", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
    }

    /// <summary>What is wrong, the bytes, and the code that the server closes with; 0 for any end.</summary>
    public static TheoryData<string, byte[], int> Violations => new()
    {
        { "invalid UTF-8", RawSocket.Frame(RawSocket.Text, [(byte)'"', 0xC3, 0x28, (byte)'"']), 1007 },
        { "a reserved opcode", RawSocket.Frame(3, []), 1002 },
        { "a reserved bit", [0xC1, 0x80, 0, 0, 0, 0], 1002 },
        { "a continuation of nothing", RawSocket.Frame(RawSocket.Continuation, []), 1002 },
        { "a ping in fragments", RawSocket.Frame(RawSocket.Ping, [], fin: false), 1002 },
        { "a ping that is too long", RawSocket.Frame(RawSocket.Ping, new byte[126]), 1002 },
        { "a length beyond all bounds", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], 0 },
        { "a second beginning", [.. RawSocket.Frame(RawSocket.Text, [1], fin: false), .. RawSocket.Frame(RawSocket.Text, [1])], 1002 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_of_the_protocol_ends_that_connection_and_no_other(string kind, byte[] bytes, int code)
    {
        await StartWithoutUpstreamAsync();
        var bystander = await ConnectAsync();
        var client = Keep(await RawSocket.ConnectAsync(Server.Url, "/api/ws"));
        await client.NextAsync();
        await client.WriteAsync(bytes);
        Assert.True(await client.CloseCodeAsync() is var seen && (seen == code || code == 0), $"{kind}: closed with {seen?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no code"}, not {code}");
        Assert.Empty(await bystander.UntilPongAsync());
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "the connection to be released");
    }

    [Fact]
    public async Task Ten_thousand_pings_that_no_one_reads_the_answers_of_take_no_memory_and_no_one_elses_turn()
    {
        await StartWithoutUpstreamAsync();
        var bystander = await ConnectAsync();
        var client = Keep(await RawSocket.ConnectAsync(Server.Url, "/api/ws"));
        await client.NextAsync();
        const int Pings = 10_000;
        var burst = Enumerable.Repeat(RawSocket.Frame(RawSocket.Text, "{\"type\":\"ping\",\"id\":\"0123456789012345678901234567890123456789\"}"u8), 100).SelectMany(frame => frame).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Pings / 100; i++)
            {
                await client.WriteAsync(burst);
            }
        });
        for (var i = 0; i < 50; i++)
        {
            Assert.Empty(await bystander.UntilPongAsync());
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
        for (var i = 0; i < Pings; i++)
        {
            Assert.Contains("\"pong\"", (await client.NextAsync())!.Value.Text, StringComparison.Ordinal);
        }

        await sending;
    }

    [Fact]
    public async Task Nothing_that_one_client_does_wrong_is_felt_by_another()
    {
        await StartAsync();
        var checks = new Testing.Clients.SequenceCheck();
        var watcher = await LoadAsync("/api/stream/ws/gex/SPY", message => checks.Observe(message));
        await UntilJoinedAsync("gex:SPY");
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("gex:SPY", 1000, TimeSpan.FromMinutes(1), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}}}"""), enough.Token);
        foreach (var (_, bytes, _) in Violations.Select(row => row.Data))
        {
            var client = Keep(await RawSocket.ConnectAsync(Server.Url, "/api/stream/ws/gex/SPY"));
            await client.WriteAsync(bytes);
            await client.CloseCodeAsync();
        }

        await enough.CancelAsync();
        var report = await pump;
        await watcher.WaitForMessagesAsync(report.Sent);
        Assert.True(checks.IsPerfect && checks.Received == report.Sent, checks.ToString());
    }

    [Theory]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\n\r\n", "426")]
    [InlineData("POST /api/ws HTTP/1.1\r\nHost: {0}\r\nContent-Length: 0\r\n\r\n", "426")]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", "426")]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", "426")]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n", "400")]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n", "400")]
    [InlineData("GET /api/ws HTTP/1.1\r\nHost: {0}\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", "426")]
    [InlineData("nonsense\r\n\r\n", "400")]
    public async Task A_request_that_is_no_upgrade_is_refused_over_http(string request, string status)
    {
        await StartWithoutUpstreamAsync();
        var answer = await RawSocket.AskAsync(Server.Url, string.Format(System.Globalization.CultureInfo.InvariantCulture, request, Server.Url.Authority));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
    }
}
