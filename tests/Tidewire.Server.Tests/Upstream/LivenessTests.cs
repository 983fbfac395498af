using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

public sealed class LivenessTests : ServerTest
{
    [Theory]
    [InlineData("half-open")]
    [InlineData("pings unanswered")]
    public async Task A_connection_that_answers_no_ping_is_given_up_and_made_anew(string how)
    {
        await StartAsync(("Upstream:PingAfter", "00:00:00.2"), ("Upstream:PongWithin", "00:00:00.2"));
        var client = await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY");
        Provider.Misbehaviour.HalfOpen = how == "half-open";
        Provider.Misbehaviour.PingsUnanswered = true;
        await Server.UntilUpstreamAsync(view => view.Reason is not null, "to notice");
        Provider.Misbehaviour.HalfOpen = Provider.Misbehaviour.PingsUnanswered = false;

        await Server.UntilUpstreamAsync(view => view.Sessions >= 2 && view.NextAttemptAt is null, "to connect again");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", "{}");
        Assert.True((await client.NextAsync(item => item.TryGetProperty("data", out _), "data")).TryGetProperty("offset", out _));
    }

    [Fact]
    public async Task A_quiet_provider_that_answers_pings_is_left_alone()
    {
        await StartAsync(("Upstream:PingAfter", "00:00:00.05"), ("Upstream:PongWithin", "00:00:05"));
        await Provider.WaitForPingAsync(5);
        Assert.Equal((1, 1L), (Provider.ConnectionsAccepted, Server.Upstream.View.Sessions));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Frames_in_fragments_with_pings_between_them_arrive_whole_and_each_ping_is_answered(int bytes)
    {
        Provider.Misbehaviour.FragmentBytes = bytes;
        Provider.Misbehaviour.PingsBetweenFragments = true;
        await StartAsync();
        var socket = await SocketAsync();
        await socket.JoinAsync("gex:SPY");
        await socket.NextFrameAsync("the acknowledgement");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"ticker":"SPY","price":"591.2"}""");
        Assert.Equal("""["gex:SPY",{"ticker":"SPY","price":"591.2"}]""", await socket.NextTextAsync());
        await Provider.WaitForPongAsync(5);
    }

    [Fact]
    public async Task Frames_that_arrive_byte_by_byte_arrive_whole()
    {
        Provider.Misbehaviour.Trickle = TimeSpan.Zero;
        await StartAsync();
        var client = await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"ticker":"SPY"}""");
        Assert.Equal("""{"ticker":"SPY"}""", (await client.NextAsync()).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await FakeUnusualWhales.StartNewAsync();
        Provider.Misbehaviour.Refusal = Refusal.Redirect(elsewhere.SocketUrl);
        await StartAsync();
        await Server.UntilUpstreamAsync(view => view.NextAttemptAt is not null, "to be turned away");
        Assert.Contains("302", Server.Upstream.View.Reason, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Handshakes);
    }
}
