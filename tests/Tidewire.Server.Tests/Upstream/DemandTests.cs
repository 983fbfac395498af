using System.Text.Json;
using Tidewire.Testing.Clients;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

public sealed class DemandTests : ServerTest
{
    [Theory]
    [InlineData("/api/ws", "unsubscribes")]
    [InlineData("/api/ws", "closes")]
    [InlineData("/api/ws", "vanishes")]
    [InlineData("/api/stream/ws", "closes")]
    [InlineData("/api/stream/ws", "vanishes")]
    [InlineData("/socket", "unsubscribes")]
    [InlineData("/socket", "closes")]
    public async Task The_first_subscriber_joins_at_the_provider_and_the_last_one_leaves_after_a_linger(string wire, string goes)
    {
        await StartAsync(("Upstream:Linger", "00:00:00.3"), ("Upstream:KeepPositions", "00:00:00"));
        var first = await SubscribeAsync(wire);
        await Provider.WaitForJoinAsync("gex:SPY");
        var second = await SubscribeAsync(wire);
        await ServerUnderTest.UntilAsync(() => Subscribers("gex:SPY") == 2, "two subscribers");

        await GoAsync(first, goes);
        await ServerUnderTest.UntilAsync(() => Subscribers("gex:SPY") == 1, "one subscriber");
        Assert.Empty(Provider.Left);
        await GoAsync(second, goes);
        await Provider.WaitForLeaveAsync("gex:SPY");

        Assert.Equal(1, Provider.JoinsOf("gex:SPY"));
        Assert.Equal(["gex:SPY"], Provider.Left);
        Assert.Empty(Provider.Joined);
        Assert.Equal(1, Provider.ConnectionsAccepted);
    }

    [Fact]
    public async Task A_subscriber_who_comes_back_within_the_linger_causes_neither_leave_nor_join()
    {
        await StartAsync(("Upstream:Linger", "00:10:00"));
        var client = await ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.SubscribedAsync("gex:SPY");
            await Provider.WaitForJoinAsync("gex:SPY");
            await client.UnsubscribeAsync("gex:SPY");
            await client.NextOfTypeAsync("subscription");
        }

        await Provider.SendDataAsync("gex:SPY", "{}");
        Assert.Equal((1, 0), (Provider.JoinsOf("gex:SPY"), Provider.Left.Count));
    }

    [Fact]
    public async Task A_channel_that_was_left_and_joined_again_says_that_something_is_missing()
    {
        await StartAsync(("Upstream:Linger", "00:00:00"), ("Upstream:KeepPositions", "00:00:00"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"n":1}""");
        await client.NextOfTypeAsync("message");
        await client.UnsubscribeAsync("gex:SPY");
        await Provider.WaitForLeaveAsync("gex:SPY");

        await client.SubscribedAsync("gex:SPY");
        await Provider.WaitForJoinsAsync("gex:SPY", 2);
        var gap = await client.NextOfTypeAsync("gap");
        Assert.Equal("not_joined", gap.GetProperty("reason").GetString());
        Assert.False(gap.GetProperty("backfilled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, gap.GetProperty("count").ValueKind);
    }

    [Fact]
    public async Task A_new_session_joins_exactly_what_is_wanted()
    {
        await StartAsync(("Upstream:Linger", "00:10:00"), ("Upstream:KeepPositions", "00:00:00"));
        var client = await ConnectAsync();
        foreach (var channel in new[] { "gex:SPY", "gex:QQQ", "flow", "ticker:IWM" })
        {
            await client.SubscribedAsync(channel);
        }

        await UntilJoinedAsync("gex:SPY", "gex:QQQ", "flow-alerts", "price:IWM");
        await client.UnsubscribeAsync("gex:QQQ");
        await client.NextOfTypeAsync("subscription");
        await Provider.StopAsync();
        await client.SubscribedAsync("gex:DIA"); // while there is no session
        await Provider.StartAsync();
        await UntilJoinedAsync("flow-alerts", "gex:DIA", "gex:SPY", "price:IWM");
        await Provider.WaitForJoinsAsync("gex:SPY", 2);
        Assert.Equal(["flow-alerts", "gex:DIA", "gex:SPY", "price:IWM"], Provider.Joined);
        Assert.Equal((2, 1, 1), (Provider.JoinsOf("gex:SPY"), Provider.JoinsOf("gex:QQQ"), Provider.JoinsOf("gex:DIA")));
    }

    [Fact]
    public async Task No_more_channels_are_joined_than_allowed_and_one_that_lingers_makes_room()
    {
        await StartAsync(("Upstream:MaxChannels", "2"), ("Upstream:Linger", "00:10:00"));
        var client = await ConnectAsync();
        foreach (var ticker in new[] { "A", "B", "C" })
        {
            await client.SubscribedAsync("gex", ticker);
        }

        await UntilJoinedAsync("gex:A", "gex:B");
        Assert.Equal("waiting", await StateAsync("gex:C"));
        Assert.Equal(0, Provider.JoinsOf("gex:C"));

        await client.UnsubscribeAsync("gex:A");
        await Provider.WaitForJoinAsync("gex:C");
        Assert.Equal(["gex:B", "gex:C"], Provider.Joined);
    }

    [Fact]
    public async Task The_providers_own_limit_is_taken_without_losing_what_is_joined()
    {
        Provider.Misbehaviour.ChannelLimit = 2;
        await StartAsync();
        var client = await ConnectAsync();
        foreach (var ticker in new[] { "A", "B", "C", "D" })
        {
            await client.SubscribedAsync("gex", ticker);
        }

        await UntilJoinedAsync("gex:A", "gex:B");
        await ServerUnderTest.UntilAsync(() => Server.Upstream.CountOf(FrameFault.ChannelLimit) > 0, "the limit to be counted");
        await Provider.SendDataAsync("gex:B", "{}");
        Assert.Equal("gex:B", (await client.NextOfTypeAsync("message")).GetProperty("channel").GetString());
        Assert.Equal(["gex:A", "gex:B"], Provider.Joined);
        Assert.Equal("waiting", await StateAsync("gex:D"));
    }

    [Fact]
    public async Task A_join_that_was_lost_is_tried_again()
    {
        Provider.Misbehaviour.JoinsToLose = 1;
        await StartAsync(("Upstream:JoinTimeout", "00:00:01"), ("Upstream:JoinRetry", "00:00:01"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.WaitForJoinsAsync("gex:SPY", 2);
    }

    [Fact]
    public async Task A_refused_channel_is_shown_as_refused_and_the_others_go_on()
    {
        Provider.Misbehaviour.RefusedForms = ["gex:QQQ"];
        await StartAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:QQQ");
        await client.SubscribedAsync("gex:SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", "{}");
        Assert.Equal("gex:SPY", (await client.NextOfTypeAsync("message")).GetProperty("channel").GetString());
        Assert.Equal(("refused", "live"), (await StateAsync("gex:QQQ"), await StateAsync("gex:SPY")));
    }

    [Fact]
    public async Task The_handshake_has_a_user_agent_and_the_token_and_joins_are_text()
    {
        await StartAsync();
        await StreamAsync("flow");
        await UntilJoinedAsync("flow-alerts");
        var handshake = Assert.Single(Provider.Handshakes);
        Assert.StartsWith("Tidewire/", handshake.UserAgent, StringComparison.Ordinal);
        Assert.Equal(("/socket", Token), (handshake.Path, handshake.Token));
        Assert.Equal(["""{"channel":"flow-alerts","msg_type":"join"}"""], Provider.ReceivedTexts);
        Assert.Empty(Provider.ReceivedBinaries);
        Assert.Empty(Provider.Violations);
    }

    private async Task<TestClient> SubscribeAsync(string wire)
    {
        switch (wire)
        {
            case "/api/ws":
                var tidewire = await ConnectAsync();
                await tidewire.SubscribedAsync("gex", "SPY");
                return tidewire;
            case "/socket":
                var socket = await SocketAsync();
                await socket.JoinAsync("gex:SPY");
                return socket;
            default:
                return await StreamAsync("gex/SPY");
        }
    }

    private static async Task GoAsync(TestClient client, string how)
    {
        switch (how)
        {
            case "vanishes":
                client.Abort();
                break;
            case "closes":
                await client.CloseAsync();
                break;
            default:
                await (client is TidewireClient tidewire ? tidewire.UnsubscribeAsync("gex:SPY") : ((UnusualWhalesClient)client).LeaveAsync("gex:SPY"));
                break;
        }
    }

    private int Subscribers(string channel) => Server.Hub.Logs.SingleOrDefault(log => log.Name.ToString() == channel)?.Subscribers ?? 0;

    private async Task<string?> StateAsync(string channel)
    {
        var feeds = (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray();
        return feeds.SelectMany(feed => feed.GetProperty("active").EnumerateArray())
            .Single(active => active.GetProperty("channel").GetString() == channel).GetProperty("state").GetString();
    }
}
