using Tidewire.Server.Tests.Status;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>The wires over plain HTTP in <c>/metrics</c>.</summary>
public sealed class WireLabelTests : MetricsTest
{
    private const int Rows = 7;

    [Fact]
    public async Task Events_and_polls_are_counted_by_their_wire()
    {
        await StartAsync();
        var events = Keep(await SseClient.ConnectAsync(Server.Url, "/api/stream/sse/flow"));
        var poller = Keep(new PollClient(Server.Url, "flow"));
        await poller.NextAsync("wait=0");
        await UntilJoinedAsync("flow-alerts");
        for (var i = 0; i < Rows; i++)
        {
            await Provider.SendDataAsync("flow-alerts", $$"""{"seq":{{i}}}""");
        }

        for (var i = 0; i < Rows; i++)
        {
            await events.NextAsync();
        }

        Assert.Equal(Rows, (await poller.NextAsync("wait=0")).Messages.Length);
        var scrape = await UntilAsync(
            ("""tidewire_connections_open{wire="sse"}""", 1),
            ("""tidewire_connections_accepted_total{wire="sse"}""", 1),
            ("""tidewire_deliveries_total{wire="sse"}""", Rows),
            ("""tidewire_connections_open{wire="poll"}""", 0),
            ("""tidewire_connections_accepted_total{wire="poll"}""", 2),
            ("""tidewire_deliveries_total{wire="poll"}""", Rows));
        Assert.All((string[])["sse", "poll"], wire => Assert.True(scrape[$$"""tidewire_written_bytes_total{wire="{{wire}}"}"""] > Rows * 10, wire));

        events.Abort();
        await UntilAsync(("""tidewire_connections_open{wire="sse"}""", 0), ("""tidewire_connections_accepted_total{wire="sse"}""", 1));
    }

    [Fact]
    public async Task Those_that_are_refused_are_counted_by_their_wire_too()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxConnections", "1"));
        await ConnectAsync();
        Keep(await SseClient.ConnectAsync(Server.Url, "/api/stream/sse/flow"));
        await Keep(new PollClient(Server.Url, "flow")).AskAsync("wait=0");
        await UntilAsync(("""tidewire_connections_refused_total{wire="sse"}""", 1), ("""tidewire_connections_refused_total{wire="poll"}""", 1));
    }
}
