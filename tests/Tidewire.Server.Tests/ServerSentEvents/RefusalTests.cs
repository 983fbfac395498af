using System.Net;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.ServerSentEvents;

/// <summary>What both wires over plain HTTP refuse, and how.</summary>
public sealed class RefusalTests : HttpWireTest
{
    private static readonly string[] Wires = ["/api/stream/sse/flow", "/stream/flow", "/api/stream/poll/flow?wait=0"];

    [Theory]
    [InlineData("nope", 404, "unknown_channel", "channel", "Allowed: flow-alerts, ")]
    [InlineData("nope/SPY", 404, "unknown_channel", "channel", "Allowed: flow-alerts, ")]
    [InlineData("@session%2Fflow", 404, "unknown_channel", "channel", "Unknown channel")]
    [InlineData("gex", 400, "bad_ticker", "ticker", "needs a ticker")]
    [InlineData("flow/SPY", 400, "bad_ticker", "ticker", "takes no ticker")]
    [InlineData("gex/S%20PY", 400, "bad_ticker", "ticker", "Bad ticker")]
    [InlineData("gex/%22%7D", 400, "bad_ticker", "ticker", "Bad ticker")]
    [InlineData("gex/%0D%0Aid:%201", 400, "bad_ticker", "ticker", "Bad ticker")]
    [InlineData("flow?since=now", 400, "bad_value", "since", "epoch:offset")]
    [InlineData("flow?since=e1:-1", 400, "bad_value", "since", "epoch:offset")]
    [InlineData("flow?since=e1:1&since=e1:2", 400, "bad_value", "since", "epoch:offset")]
    [InlineData("flow?history=1001", 400, "bad_value", "history", "from 0 to 1000")]
    [InlineData("flow?history=-1", 400, "bad_value", "history", "from 0 to 1000")]
    [InlineData("flow?history=many", 400, "bad_value", "history", "from 0 to 1000")]
    [InlineData("flow?filter=premium%3E", 400, "bad_value", "filter", "column 9")]
    public async Task What_cannot_be_served_is_answered_with_what_was_wrong(string feed, int status, string error, string field, string says)
    {
        await StartWithoutUpstreamAsync();
        foreach (var wire in new[] { "sse", "poll" })
        {
            var client = Keep(await SseClient.ConnectAsync(Server.Url, $"/api/stream/{wire}/{feed}"));
            Assert.Equal((status, "application/json"), ((int)client.Response.StatusCode, client.Response.Content.Headers.ContentType?.MediaType));
            var refusal = await client.RefusalAsync();
            Assert.Equal((error, field), (ErrorOf(refusal), refusal.GetProperty("field").GetString()));
            Assert.Contains(says, refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, Server.Hub.Counters.ErrorCount);
        Assert.Equal(0, Server.Hub.ConnectionsOpen);
    }

    [Theory]
    [InlineData("wait=61", "wait", "from 0 to 60")]
    [InlineData("wait=-1", "wait", "from 0 to 60")]
    [InlineData("wait=1.5", "wait", "from 0 to 60")]
    [InlineData("limit=0", "limit", "from 1 to 1000")]
    [InlineData("limit=1001", "limit", "from 1 to 1000")]
    [InlineData("limit=all", "limit", "from 1 to 1000")]
    public async Task A_poll_with_a_bad_number_is_told_its_range(string query, string field, string says)
    {
        await StartWithoutUpstreamAsync();
        var answer = await Poller("flow").AskAsync(query);
        Assert.Equal((HttpStatusCode.BadRequest, "bad_value", field), (answer.Status, ErrorOf(answer.Body), answer.Body.GetProperty("field").GetString()));
        Assert.Contains(says, answer.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_event_id_that_is_no_position_is_refused()
    {
        await StartWithoutUpstreamAsync();
        var refusal = await (await EventsAsync("flow", "42")).RefusalAsync();
        Assert.Equal(("bad_value", "Last-Event-ID"), (ErrorOf(refusal), refusal.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Only_GET_is_served(string method)
    {
        await StartWithoutUpstreamAsync();
        foreach (var wire in Wires)
        {
            using var response = await Server.SendAsync(wire, new HttpMethod(method));
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (response.StatusCode, string.Join(",", response.Content.Headers.Allow)));
        }
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "localhost.evil.example:PORT")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    public async Task A_host_or_origin_that_is_not_ours_is_refused(string header, string value)
    {
        await StartWithoutUpstreamAsync();
        foreach (var wire in Wires)
        {
            using var response = await Server.SendAsync(wire, null, (header, value.Replace("PORT", $"{Server.Url.Port}", StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }

        Assert.Equal(0, Server.Hub.Counters.ConnectionCount);
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_may_read_the_answer_and_no_other_may()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_ALLOWED_ORIGINS", "http://localhost:5173"));
        foreach (var wire in Wires)
        {
            var page = Keep(await SseClient.ConnectAsync(Server.Url, wire, headers: new() { ["Origin"] = "http://localhost:5173" }));
            Assert.Equal(["http://localhost:5173"], page.Response.Headers.GetValues("Access-Control-Allow-Origin"));
            Assert.Equal(["Origin"], page.Response.Headers.Vary);
            var program = Keep(await SseClient.ConnectAsync(Server.Url, wire));
            Assert.False(program.Response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Beyond_the_bound_of_connections_a_client_is_told_to_come_later()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxConnections", "2"));
        var first = await EventsAsync("flow");
        await first.NextEventAsync();
        await (await EventsAsync("flow")).NextEventAsync();
        foreach (var wire in Wires)
        {
            var refused = Keep(await SseClient.ConnectAsync(Server.Url, wire));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "2"), (refused.Response.StatusCode, refused.Response.Headers.GetValues("Retry-After").Single()));
            Assert.Equal("too_many_connections", ErrorOf(await refused.RefusalAsync()));
        }

        Assert.Equal(3, Server.Hub.Counters.RefusedCount);
        first.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "the first to be gone");
        await (await EventsAsync("flow")).NextEventAsync();
    }
}
