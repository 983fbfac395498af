using System.Globalization;
using System.Net;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Status;

public sealed class MetricsTests : MetricsTest
{
    private const int Frames = 25;

    [Fact]
    public async Task Three_clients_on_three_wires_and_25_frames_make_75_deliveries()
    {
        await StartAsync();
        var (json, envelope, socket) = await ThreeClientsAsync();
        for (var i = 0; i < Frames; i++)
        {
            await Provider.SendDataAsync("flow-alerts", $$"""{"seq":{{i}}}""");
        }

        for (var i = 0; i < Frames; i++)
        {
            await json.NextOfTypeAsync("message");
            await envelope.NextAsync();
            await socket.NextFrameAsync();
        }

        var scrape = await UntilAsync(
            ("""tidewire_publications_total{feed="flow-alerts",source="socket"}""", Frames),
            ("""tidewire_subscriptions{feed="flow-alerts"}""", 3),
            ("""tidewire_client_messages_total""", 2), // a subscription and a join
            ("""tidewire_client_errors_total""", 0),
            ("tidewire_upstream_publish_delay_seconds_count", Frames),
            ("tidewire_upstream_decode_delay_seconds_count", 20), // the first of a feed, and then one a second
            ("tidewire_delivery_delay_seconds_count", Frames),
            ("""tidewire_upstream_frames_decoded_total{kind="data"}""", Frames),
            ("""tidewire_upstream_frames_decoded_total{kind="acknowledgement"}""", 1),
            ("tidewire_upstream_frames_received_total", Frames + 1),
            ("""tidewire_upstream_channels{state="live"}""", 1),
            ("""tidewire_upstream_state{state="connected"}""", 1),
            ("""tidewire_upstream_state{state="disconnected"}""", 0),
            ("tidewire_upstream_sessions_total", 1),
            ("tidewire_upstream_reconnects_total", 0),
            ("tidewire_upstream_queue_size_bytes", 0),
            ("tidewire_ready", 1));
        foreach (var wire in (string[])["json", "envelope", "unusual_whales"])
        {
            Assert.Equal((1, 1, Frames), (Of("connections_open"), Of("connections_accepted_total"), Of("deliveries_total")));
            Assert.True(Of("written_bytes_total") > Frames * 10, wire);

            double Of(string name) => scrape[$$"""tidewire_{{name}}{wire="{{wire}}"}"""];
        }

        Assert.InRange(scrape["tidewire_logs"], 1, Server.Hub.Logs.Count());
        Assert.InRange(scrape["tidewire_logs_memory_usage_bytes"], 1, scrape["tidewire_logs_memory_limit_bytes"]);
        Assert.InRange(scrape["tidewire_delivery_delay_seconds_sum"], 0, 60);
        Assert.InRange(scrape["tidewire_upstream_last_frame_age_seconds"], 0, 60);
        Assert.InRange(scrape["process_uptime_seconds"], 0, 600);

        json.Abort();
        await UntilAsync(
            ("""tidewire_connections_open{wire="json"}""", 0),
            ("""tidewire_connections_accepted_total{wire="json"}""", 1),
            ("""tidewire_connections_open{wire="envelope"}""", 1),
            ("""tidewire_subscriptions{feed="flow-alerts"}""", 2));
    }

    [Fact]
    public async Task History_that_a_late_client_reads_is_delivered_and_is_no_delay()
    {
        await StartAsync();
        var first = await StreamAsync("flow");
        await UntilJoinedAsync("flow-alerts");
        await Provider.SendDataAsync("flow-alerts", "{}");
        await first.NextAsync();
        await Provider.SendDataAsync("flow-alerts", "{}");
        await first.NextAsync();
        var late = await StreamAsync("flow", history: 2);
        await late.NextAsync();
        await late.NextAsync();
        await UntilAsync(("""tidewire_deliveries_total{wire="envelope"}""", 4), ("tidewire_delivery_delay_seconds_count", 2));
    }

    [Fact]
    public async Task Frames_that_are_skipped_are_counted_by_reason()
    {
        await StartAsync();
        await Server.UntilConnectedAsync();
        await Provider.SendAsync("garbage");
        await Provider.SendAsync("""["gex:SPY",""");
        await Provider.SendAsync("""["gex:NOONE",{"a":1}]""");
        await Provider.SendBinaryAsync(new byte[] { 1, 2, 3 });
        await Provider.SendAsync("""{"error":"bad token"}""");
        await UntilAsync(
            (Skipped(FrameFault.MalformedJson), 2),
            (Skipped(FrameFault.UnknownChannel), 1),
            (Skipped(FrameFault.BinaryFrame), 1),
            (Skipped(FrameFault.ErrorFrame), 1),
            (Skipped(FrameFault.DroppedByUs), 0),
            ("tidewire_upstream_frames_received_total", 5));
        var scrape = await ScrapeAsync();
        Assert.Equal(UpstreamStatus.Reasons.Select(UpstreamWords.Name).Order(), scrape.LabelValues("tidewire_upstream_frames_skipped_total", "reason").Order());

        static string Skipped(FrameFault fault) => $$"""tidewire_upstream_frames_skipped_total{reason="{{UpstreamWords.Name(fault)}}"}""";
    }

    [Fact]
    public async Task A_restart_of_the_provider_counts_an_end_a_session_and_a_gap()
    {
        await StartAsync();
        var client = await StreamAsync("flow");
        await UntilJoinedAsync("flow-alerts");
        await Provider.SendDataAsync("flow-alerts", "{}");
        await client.NextAsync();

        await Provider.StopAsync();
        await Server.UntilUpstreamAsync(view => view.Attempt >= 2, "to have knocked in vain");
        var down = await UntilAsync(("""tidewire_upstream_state{state="connected"}""", 0), ("tidewire_upstream_sessions_total", 1));
        Assert.Equal(1, down["""tidewire_upstream_ends_total{reason="lost"}"""] + down["""tidewire_upstream_ends_total{reason="turned_away"}"""]);
        await Provider.StartAsync();
        await Server.UntilUpstreamAsync(view => view.Sessions == 2, "to be back");
        await UntilJoinedAsync("flow-alerts");
        await Provider.SendDataAsync("flow-alerts", "{}");
        await client.NextOfTypeAsync("gap");
        await client.NextAsync();

        var scrape = await UntilAsync(
            ("tidewire_upstream_sessions_total", 2),
            ("""tidewire_upstream_state{state="connected"}""", 1),
            ("""tidewire_gaps_total{feed="flow-alerts",reason="upstream_down"}""", 1),
            ("""tidewire_publications_total{feed="flow-alerts",source="socket"}""", 3),
            ("tidewire_delivery_delay_seconds_count", 2)); // a gap is no publication that was received
        Assert.True(scrape["tidewire_upstream_reconnects_total"] >= 2);
        Assert.True(scrape["""tidewire_upstream_ends_total{reason="cannot_connect"}"""] >= 1);
    }

    [Fact]
    public async Task Refused_clients_and_faulty_messages_are_counted()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxConnections", "1"));
        var client = await ConnectAsync();
        await client.SendTextAsync("nonsense");
        await client.NextOfTypeAsync("error");
        var second = Keep(await UnusualWhalesClient.ConnectAsync(Server.Url));
        await second.WaitForCloseAsync();
        await UntilAsync(
            ("""tidewire_connections_refused_total{wire="unusual_whales"}""", 1),
            ("""tidewire_connections_refused_total{wire="json"}""", 0),
            ("tidewire_client_messages_total", 1),
            ("tidewire_client_errors_total", 1),
            ("""tidewire_upstream_state{state="disabled"}""", 1));
    }

    [Fact]
    public async Task A_hostile_feed_name_cannot_break_the_text()
    {
        await StartWithoutUpstreamAsync();
        const string Hostile = "a\"} 1\n# TYPE x counter\nx{b=\\\r\u0000\u2028é\ud800";
        Assert.True(Server.Get<FeedCatalogue>().TryGet("flow-alerts", out var feed));
        Assert.True(ChannelName.TryParse("hostile", out var name));
        Server.Publish(Server.Hub.GetOrAdd(name, feed with { Name = Hostile }), Publication.OfPayload([1], TimeProvider.System.GetUtcNow(), PublicationSource.Rest));
        var text = await ScrapeTextAsync();
        var scrape = PrometheusScrape.Parse(text);
        Assert.Contains("a\"} 1\n# TYPE x counter\nx{b=\\\uFFFD\uFFFD\u2028é\uFFFD", scrape.LabelValues("tidewire_publications_total", "feed"));
        Assert.Contains("rest", scrape.LabelValues("tidewire_publications_total", "source"));
        Assert.DoesNotContain("x", scrape.Types.Keys);
        await PromtoolAsync(text);
    }

    [Fact]
    public async Task No_secret_no_symbol_and_no_client_is_in_it()
    {
        await StartAsync();
        var client = Keep(await TidewireClient.ConnectAsync(Server.Url));
        var id = (await client.NextAsync()).GetProperty("connection_id").GetString()!;
        await client.SubscribedAsync("gex:SECRETS");
        await Keep(await UnusualWhalesClient.ConnectAsync(Server.Url, "clients-own-token")).JoinAsync("gex:SECRETS");
        await UntilJoinedAsync("gex:SECRETS");
        await Provider.SendDataAsync("gex:SECRETS", """{"ticker":"SECRETS"}""");
        await client.NextOfTypeAsync("message");
        Provider.Misbehaviour.Refusal = new Refusal(500, "Error", $"token={Token}");
        await Provider.PartAsync(Parting.Close(1011, $"bad token {Token}"));
        await Server.UntilUpstreamAsync(view => view.Attempt >= 1 && view.NextAttemptAt is not null, "to be refused");
        var text = await ScrapeTextAsync();
        Assert.Contains("""feed="gex""", text, StringComparison.Ordinal);
        Assert.All((string[])[Token, "clients-own-token", "SECRETS", id, "127.0.0.1", Provider.Port.ToString(CultureInfo.InvariantCulture) + "/"], secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task What_a_stranger_may_not_read_is_refused_here_too()
    {
        await StartWithoutUpstreamAsync();
        foreach (var path in (string[])["/metrics", "/health/live", "/health/ready"])
        {
            using var response = await Server.SendAsync(path, headers: ("Origin", "http://evil.example"));
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    private async Task<(TidewireClient Json, StreamClient Envelope, UnusualWhalesClient Socket)> ThreeClientsAsync()
    {
        var json = await ConnectAsync();
        await json.SubscribedAsync("flow");
        var envelope = await StreamAsync("flow");
        var socket = await SocketAsync();
        await socket.JoinAsync("flow-alerts");
        await socket.NextFrameAsync("the acknowledgement");
        await UntilJoinedAsync("flow-alerts");
        await UntilSubscribersAsync("flow-alerts", 3);
        return (json, envelope, socket);
    }
}
