using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Tests.Status;

public sealed class StatusTests : ServerTest
{
    [Fact]
    public async Task The_status_tells_of_the_connection_the_channels_and_the_clients()
    {
        await StartAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await client.SubscribedAsync("flow");
        await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY", "flow-alerts");
        await Provider.SendDataAsync("gex:SPY", "{}");
        await client.NextOfTypeAsync("message");

        var status = await Server.StatusAsync();
        Assert.Equal("connected", status.GetProperty("status").GetString());
        Assert.False(status.GetProperty("simulated").GetBoolean());
        Assert.NotEmpty(status.GetProperty("message").GetString()!);
        Assert.NotEmpty(status.GetProperty("version").GetString()!);
        Assert.Equal(TimeProvider.System.GetUtcNow(), status.GetProperty("server_time").GetDateTimeOffset(), TimeSpan.FromSeconds(30));
        Assert.Equal(2, status.GetProperty("total_clients").GetInt32());
        Assert.Equal("""{"flow-alerts":1,"gex:SPY":2}""", status.GetProperty("client_connections").GetRawText());
        var connection = status.GetProperty("uw_connection");
        Assert.Equal("uw", connection.GetProperty("upstream").GetString());
        Assert.True(connection.GetProperty("connected").GetBoolean() && connection.GetProperty("running").GetBoolean());
        Assert.Equal((0, 2, 0, 1), (Int("reconnect_attempts"), Int("channel_count"), Int("attempt"), Int("sessions")));
        Assert.Equal(["flow-alerts", "gex:SPY"], connection.GetProperty("subscribed_channels").EnumerateArray().Select(channel => channel.GetString()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (connection.GetProperty("next_attempt_at").ValueKind, connection.GetProperty("reason").ValueKind));
        Assert.True(connection.GetProperty("since").GetDateTimeOffset() <= connection.GetProperty("last_frame_at").GetDateTimeOffset());
        var frames = connection.GetProperty("frames");
        Assert.Equal((3, 1, 2), (frames.GetProperty("received").GetInt32(), frames.GetProperty("data").GetInt32(), frames.GetProperty("acknowledgements").GetInt32()));
        Assert.Equal(UpstreamStatus.Reasons.Count, frames.GetProperty("skipped").EnumerateObject().Count());
        Assert.All(frames.GetProperty("skipped").EnumerateObject(), pair => Assert.Equal(0, pair.Value.GetInt32()));

        int Int(string field) => connection.GetProperty(field).GetInt32();
    }

    [Fact]
    public async Task An_outage_shows_with_its_reason_its_attempts_and_the_next_one()
    {
        await StartAsync();
        await Server.UntilConnectedAsync();
        await Provider.StopAsync();
        await Server.UntilUpstreamAsync(view => view is { Attempt: >= 3, NextAttemptAt: not null }, "to have knocked");
        var status = await Server.StatusAsync();
        Assert.Contains(status.GetProperty("status").GetString(), new[] { "disconnected", "connecting" });
        Assert.False(status.GetProperty("simulated").GetBoolean());
        var connection = status.GetProperty("uw_connection");
        Assert.False(connection.GetProperty("connected").GetBoolean());
        Assert.True(connection.GetProperty("running").GetBoolean());
        Assert.True(connection.GetProperty("reconnect_attempts").GetInt32() >= 3);
        Assert.NotEmpty(connection.GetProperty("reason").GetString()!);
        Assert.Equal(0, connection.GetProperty("channel_count").GetInt32());
    }

    [Fact]
    public async Task Channels_are_listed_with_what_is_known_and_what_is_measured()
    {
        await StartAsync();
        await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY");
        var channels = (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray().ToDictionary(feed => feed.GetProperty("id").GetString()!);
        Assert.True(channels.Count >= 23);
        string[] fields = ["active", "aliases", "class", "description", "endpoint", "id", "measured", "name", "rest", "rest_fallback", "shape", "source", "status", "ticker"];
        Assert.All(channels.Values, feed => Assert.Equal(fields, feed.EnumerateObject().Select(field => field.Name).Order()));
        var flow = channels["flow-alerts"];
        Assert.Equal(("/api/stream/ws/flow", "event", "none", "verified", "socket"), (Text(flow, "endpoint"), Text(flow, "class"), Text(flow, "ticker"), Text(flow, "status"), Text(flow, "source")));
        Assert.Equal(["flow", "flow_alerts"], flow.GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()));
        Assert.Equal(("experimental", "rest"), (Text(channels["market_movers"], "status"), Text(channels["market_movers"], "source")));
        Assert.Equal("/api/stream/ws/gex/{ticker}", Text(channels["gex"], "endpoint"));
        var active = Assert.Single(channels["gex"].GetProperty("active").EnumerateArray());
        Assert.Equal(("gex:SPY", "joined", Server.Hub.Epoch, 1), (Text(active, "channel"), Text(active, "state"), Text(active, "epoch"), active.GetProperty("subscribers").GetInt32()));

        await Provider.SendDataAsync("gex:SPY", "{}");
        await ServerUnderTest.UntilAsync(() => Server.Published == 1, "a publication");
        var live = (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray().Single(feed => Text(feed, "id") == "gex").GetProperty("active")[0];
        Assert.Equal(("live", active.GetProperty("offset").GetInt64() + 1), (Text(live, "state"), live.GetProperty("offset").GetInt64()));
        Assert.Equal(JsonValueKind.String, live.GetProperty("last_at").ValueKind);

        static string? Text(JsonElement item, string field) => item.GetProperty(field).GetString();
    }

    [Fact]
    public async Task A_feed_tells_in_what_it_differs_from_its_documentation_and_never_its_token()
    {
        await StartAsync();
        var client = await StreamAsync("price/SPY");
        await UntilJoinedAsync("price:SPY");
        Assert.Equal(JsonValueKind.Null, (await ShapeAsync()).ValueKind);
        await Provider.SendDataAsync("price:SPY", $$"""{"close":1.5,"time":1,"{{Token}}":1,"bid":"1"}""");
        await client.NextAsync();
        await ServerUnderTest.UntilAsync(() => Server.Get<SampledMessages>().ShapeOf(Server.Get<FeedCatalogue>().Feeds.Single(static feed => feed.Name == "price")) is not null, "the message to be looked at");
        var shape = await ShapeAsync();
        Assert.Equal((4, 1, true), (shape.GetProperty("fields").GetInt32(), shape.GetProperty("looked_at").GetInt32(), shape.GetProperty("documented").GetBoolean()));
        Assert.Equal(["bid", "***"], Names("undocumented"));
        Assert.Equal(["vol"], Names("missing"));
        Assert.Equal(["close"], Names("other_types"));

        string[] Names(string list) => [.. shape.GetProperty(list).EnumerateArray().Select(static name => name.GetString()!)];

        async Task<JsonElement> ShapeAsync()
            => (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray().Single(static feed => feed.GetProperty("id").GetString() == "price").GetProperty("shape");
    }

    [Fact]
    public async Task What_the_token_opens_over_REST_is_told_feed_by_feed()
    {
        var rest = Keep(FakeUnusualWhalesRest.StartNew(TimeProvider.System));
        rest.Script("/api/option-trades/flow-alerts", RestScript.Unauthorized with { Status = 403 });
        await StartAsync(("UW_REST_URL", rest.Address.ToString()), ("TIDEWIRE_DATA", Folder));
        var access = Server.Get<RestAccess>();
        var feeds = Server.Get<FeedCatalogue>();
        await ServerUnderTest.UntilAsync(() => feeds.TryGet("gex", out var gex) && access.Of(gex) is { State: RestAccessState.Open }, "the first two to be asked for");
        var told = (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray().ToDictionary(static feed => feed.GetProperty("id").GetString()!, static feed => feed.GetProperty("rest"));
        Assert.Equal(("not_entitled", "open", "unknown"), (State("flow-alerts"), State("gex"), State("congress_trades")));
        Assert.Contains("HTTP 403", told["flow-alerts"].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, told["trading_halts"].ValueKind);
        Assert.DoesNotContain(Server.Logs, static line => line.Text.Contains(Token, StringComparison.Ordinal));

        string? State(string feed) => told[feed].GetProperty("state").GetString();
    }

    [Fact]
    public async Task Statistics_count_what_happened_over_all_sockets()
    {
        await StartAsync();
        var first = await ConnectAsync();
        var second = await ConnectAsync();
        await StreamAsync("flow");
        await first.SubscribedAsync("ticker", "AAPL");
        await second.SubscribedAsync("ticker", "AAPL");
        await UntilJoinedAsync("price:AAPL");
        await Provider.SendDataAsync("price:AAPL", """{"close":"1"}""");
        await first.NextOfTypeAsync("price_update");
        await second.NextOfTypeAsync("price_update");
        await second.SendTextAsync("nonsense");
        await second.NextOfTypeAsync("error");
        second.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 2, "one client to be gone");

        var stats = await Server.JsonAsync("/api/ws/stats");
        Assert.Equal("""{"AAPL":1}""", stats.GetProperty("ticker_subscriptions").GetRawText());
        foreach (var (field, value) in new[]
        {
            ("active_connections", 2), ("total_connections", 3), ("pattern_subscribers", 0), ("alert_subscribers", 0), ("market_status_subscribers", 0),
            ("messages_sent", 2), ("messages_received", 3), ("errors", 1), ("published", 3), ("slow_readers_closed", 0), ("connections_refused", 0),
        })
        {
            Assert.True(stats.GetProperty(field).GetInt32() == value, $"{field} is {stats.GetProperty(field)}, not {value}");
        }

        Assert.InRange(stats.GetProperty("uptime").GetDouble(), 0, 60);
        Assert.InRange(stats.GetProperty("memory_bytes").GetInt64(), 1, stats.GetProperty("memory_limit_bytes").GetInt64());
    }

    [Fact]
    public async Task Health_is_good_whatever_the_upstream_does()
    {
        await StartAsync();
        await Server.UntilConnectedAsync();
        Assert.Equal(("ok", "connected"), await HealthAsync());
        Provider.Misbehaviour.Refusal = Refusal.Unauthorized;
        await Provider.PartAsync(Parting.Reset);
        await Server.UntilUpstreamAsync(view => view.State == UpstreamState.NotEntitled, "to be refused");
        Assert.Equal(("ok", "not_entitled"), await HealthAsync());

        async Task<(string?, string?)> HealthAsync()
        {
            var health = await Server.JsonAsync("/health");
            Assert.True(health.TryGetProperty("timestamp", out _) && health.TryGetProperty("version", out _) && health.TryGetProperty("connections", out _));
            return (health.GetProperty("status").GetString(), health.GetProperty("upstream").GetString());
        }
    }

    [Fact]
    public async Task Without_an_upstream_streaming_is_disabled_and_all_else_works()
    {
        await StartWithoutUpstreamAsync();
        var status = await Server.StatusAsync();
        Assert.Equal("disabled", status.GetProperty("status").GetString());
        Assert.False(status.GetProperty("simulated").GetBoolean());
        Assert.False(status.GetProperty("uw_connection").GetProperty("running").GetBoolean());
        Assert.False(status.GetProperty("uw_connection").GetProperty("connected").GetBoolean());
        Assert.Equal("disabled", (await Server.JsonAsync("/health")).GetProperty("upstream").GetString());
        var client = await ConnectAsync();
        await client.SubscribedAsync("flow");
        Assert.Empty(await client.UntilPongAsync());
    }

    [Fact]
    public async Task A_simulated_market_says_so_everywhere()
    {
        await StartSimulatedAsync(("Simulation:Rate", "20"));
        await Server.UntilUpstreamAsync(view => view.State == UpstreamState.Simulated, "to be simulated");
        var status = await Server.StatusAsync();
        Assert.Equal("simulated", status.GetProperty("status").GetString());
        Assert.True(status.GetProperty("simulated").GetBoolean());
        Assert.Equal("simulated", status.GetProperty("uw_connection").GetProperty("upstream").GetString());
        var health = await Server.JsonAsync("/health");
        Assert.True(health.GetProperty("simulated").GetBoolean());
        Assert.Equal("simulated", health.GetProperty("upstream").GetString());

        var client = Keep(await Testing.Clients.TidewireClient.ConnectAsync(Server.Url));
        Assert.True((await client.NextAsync()).GetProperty("simulated").GetBoolean());
        await client.SubscribedAsync("option_trades");
        Assert.Equal("simulated", (await client.NextOfTypeAsync("message")).GetProperty("source").GetString());
        var envelope = await (await StreamAsync("option_trades")).NextAsync();
        Assert.Equal("simulated", envelope.GetProperty("source").GetString());
        Assert.StartsWith("sim-", envelope.GetProperty("epoch").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("refusing")]
    public async Task With_a_token_nothing_is_ever_simulated_however_the_provider_fails(string how)
    {
        if (how == "down")
        {
            await Provider.StopAsync();
        }
        else
        {
            Provider.Misbehaviour.Refusal = Refusal.Unauthorized;
        }

        await StartAsync(("TIDEWIRE_UPSTREAM", "auto"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("option_trades");
        await Server.UntilUpstreamAsync(view => view.NextAttemptAt is not null, "to fail");
        var status = await Server.StatusAsync();
        Assert.False(status.GetProperty("simulated").GetBoolean());
        Assert.NotEqual("simulated", status.GetProperty("status").GetString());
        Assert.DoesNotContain("sim-", Server.Hub.Epoch, StringComparison.Ordinal);
        Assert.Empty(await client.UntilPongAsync());
    }
}
