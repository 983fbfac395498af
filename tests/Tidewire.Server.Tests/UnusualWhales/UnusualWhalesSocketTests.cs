using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.UnusualWhales;

public sealed class UnusualWhalesSocketTests : ServerTest
{
    [Theory]
    [InlineData("flow-alerts")]
    [InlineData("gex:SPY")]
    [InlineData("option_trades")]
    [InlineData("option_trades:TSLA")]
    [InlineData("off_lit_trades")]
    public async Task A_join_is_acknowledged_before_its_data_and_nothing_comes_after_a_leave(string form)
    {
        await StartAsync();
        var keeper = await SocketAsync();
        await keeper.JoinAsync(form);
        Assert.Equal(Ack(form), await keeper.NextTextAsync());
        await UntilJoinedAsync(form);
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync(form, 2000, TimeSpan.FromMinutes(1), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}}}"""), enough.Token);
        for (var round = 0; round < 5; round++)
        {
            var client = await SocketAsync();
            await client.JoinAsync(form);
            Assert.Equal(Ack(form), await client.NextTextAsync());
            var check = new SequenceCheck();
            for (var i = 0; i < 50; i++)
            {
                var frame = await client.NextFrameAsync();
                Assert.StartsWith($"[\"{form}\",", Encoding.UTF8.GetString(frame), StringComparison.Ordinal);
                check.Observe(frame);
            }

            Assert.True(check is { IsPerfect: true, Received: 50 }, check.ToString());
            await client.LeaveAsync(form);
            while (await client.NextTextAsync() != Ack(form))
            {
            }

            await client.LeaveAsync(form);
            Assert.Equal("not joined", ReasonOf(await client.NextTextAsync(), form));
        }

        await enough.CancelAsync();
        await pump;
    }

    [Fact]
    public async Task Joining_twice_is_acknowledged_twice_and_delivers_once()
    {
        await StartAsync();
        var client = await SocketAsync();
        await client.JoinAsync("gex:SPY");
        await client.JoinAsync("gex:SPY");
        Assert.Equal([Ack("gex:SPY"), Ack("gex:SPY")], new[] { await client.NextTextAsync(), await client.NextTextAsync() });
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"n":1}""");
        await Provider.SendDataAsync("gex:SPY", """{"n":2}""");
        Assert.Equal(["""["gex:SPY",{"n":1}]""", """["gex:SPY",{"n":2}]"""], new[] { await client.NextTextAsync(), await client.NextTextAsync() });
        Assert.Equal(1, Provider.JoinsOf("gex:SPY"));
    }

    [Theory]
    [InlineData("nope", "Unknown channel")]
    [InlineData("gex", "needs a ticker")]
    [InlineData("flow-alerts:SPY", "takes no ticker")]
    [InlineData("flow", "flow-alerts")]
    [InlineData("flow_alerts", "flow-alerts")]
    [InlineData("gex:spy", "gex:SPY")]
    [InlineData("ticker:SPY", "no channel of the provider")]
    [InlineData("market_movers", "no channel of the provider")]
    public async Task A_join_that_cannot_be_served_is_refused_with_the_reason_and_never_reaches_the_provider(string form, string reason)
    {
        await StartAsync();
        var client = await SocketAsync();
        await client.JoinAsync(form);
        Assert.Contains(reason, ReasonOf(await client.NextTextAsync(), form), StringComparison.Ordinal);
        await client.JoinAsync("gex:SPY");
        Assert.Equal(Ack("gex:SPY"), await client.NextTextAsync());
        await UntilJoinedAsync("gex:SPY");
        Assert.Single(Provider.ReceivedTexts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"channel":"gex:SPY"}""")]
    [InlineData("""{"msg_type":"join"}""")]
    [InlineData("""{"channel":1,"msg_type":"join"}""")]
    [InlineData("""{"channel":"","msg_type":"join"}""")]
    [InlineData("""{"channel":"gex:SPY","msg_type":"join"} x""")]
    [InlineData("""{"channel":"\ud800","msg_type":"join"}""")]
    public async Task A_message_that_is_no_request_is_answered_and_the_connection_stays(string text)
    {
        await StartWithoutUpstreamAsync();
        var client = await SocketAsync();
        await client.SendTextAsync(text);
        using var error = JsonDocument.Parse(await client.NextTextAsync());
        Assert.NotEmpty(error.RootElement.GetProperty("error").GetString()!);
        await client.JoinAsync("gex:SPY");
        Assert.Equal(Ack("gex:SPY"), await client.NextTextAsync());
    }

    [Fact]
    public async Task Binary_oversized_and_unknown_requests_are_answered_and_the_connection_stays()
    {
        await StartWithoutUpstreamAsync();
        var client = await SocketAsync();
        await client.SendAsync("{\"channel\":\"gex:SPY\",\"msg_type\":\"join\"}"u8.ToArray(), WebSocketMessageType.Binary);
        Assert.Contains("binary", await client.NextTextAsync(), StringComparison.Ordinal);
        await client.SendTextAsync(new string(' ', 17_000));
        Assert.Contains("too large", await client.NextTextAsync(), StringComparison.Ordinal);
        await client.SendTextAsync("""{"channel":"gex:SPY","msg_type":"phx_join"}""");
        Assert.Contains("join or leave", ReasonOf(await client.NextTextAsync(), "gex:SPY"), StringComparison.Ordinal);
        await client.SendTextAsync("""{"msg_type":"join","extra":{"a":[1]},"channel":"gex:SPY"}""");
        Assert.Equal(Ack("gex:SPY"), await client.NextTextAsync());
    }

    [Fact]
    public async Task What_did_not_come_from_the_providers_socket_and_gaps_never_appear()
    {
        await StartAsync();
        var client = await SocketAsync();
        await client.JoinAsync("gex:SPY");
        await client.NextTextAsync();
        await UntilJoinedAsync("gex:SPY");
        var feed = Server.Get<FeedCatalogue>().Feeds.Single(known => known.Name == "gex");
        var log = Server.Hub.GetOrAdd(ChannelName.Of("gex", "SPY"), feed);
        Server.Publish(log, Publication.OfPayload("""{"from":"rest"}"""u8.ToArray(), TimeProvider.System.GetUtcNow(), PublicationSource.Rest));
        Server.Publish(log, Publication.OfGap(new Gap(default, default, null, GapReason.UpstreamDown, Backfilled: false), PublicationSource.Socket));
        await Provider.SendDataAsync("gex:SPY", """{"from":"socket"}""");
        Assert.Equal("""["gex:SPY",{"from":"socket"}]""", await client.NextTextAsync());
    }

    [Fact]
    public async Task A_script_of_the_provider_runs_against_the_simulated_market()
    {
        await StartSimulatedAsync(("Simulation:Rate", "50"));
        var client = await SocketAsync();
        foreach (var form in new[] { "flow-alerts", "option_trades", "gex:SPY", "price:SPY" })
        {
            await client.JoinAsync(form);
        }

        var (acks, data) = (new HashSet<string?>(), new HashSet<string?>());
        while (data.Count < 3)
        {
            using var frame = JsonDocument.Parse(await client.NextTextAsync());
            Assert.Equal(2, frame.RootElement.GetArrayLength());
            var form = frame.RootElement[0].GetString();
            if (frame.RootElement[1].TryGetProperty("response", out _))
            {
                acks.Add(form);
            }
            else
            {
                Assert.Contains(form, acks);
                data.Add(form);
            }
        }

        Assert.Equal(4, acks.Count);
    }

    private static string Ack(string form) => $$$"""["{{{form}}}",{"response":{},"status":"ok"}]""";

    private static string ReasonOf(string text, string form)
    {
        using var json = JsonDocument.Parse(text);
        Assert.Equal((form, "error"), (json.RootElement[0].GetString(), json.RootElement[1].GetProperty("status").GetString()));
        return json.RootElement[1].GetProperty("response").GetProperty("reason").GetString()!;
    }
}
