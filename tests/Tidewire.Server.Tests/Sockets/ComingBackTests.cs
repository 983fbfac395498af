using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>A position of a channel that never showed anything can be resumed for half a minute after its last reader left.</summary>
public sealed class ComingBackTests : ServerTest
{
    private const string Channel = "trading_halts";

    /// <summary>A Saturday: nothing is expected of the provider.</summary>
    private readonly FakeTimeProvider _time = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("/api/ws", "vanishes")]
    [InlineData("/api/ws", "closes")]
    [InlineData("/api/ws", "unsubscribes")]
    [InlineData("/api/stream/ws", "vanishes")]
    [InlineData("/api/stream/ws", "closes")]
    public async Task Within_half_a_minute_a_position_of_a_silent_channel_is_resumed(string wire, string goes)
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        var position = await VisitAsync(wire, goes);
        _time.Advance(TimeSpan.FromSeconds(20));
        Publish(); // while it is away

        Assert.True(await ResumesAsync(wire, position));
    }

    [Theory]
    [InlineData("/api/ws", "vanishes")]
    [InlineData("/api/ws", "unsubscribes")]
    [InlineData("/api/stream/ws", "vanishes")]
    public async Task After_half_a_minute_the_channel_is_forgotten_and_the_client_is_told(string wire, string goes)
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"), ("Recording:Enabled", "false")); // on disk no past is forgotten
        var before = Server.Hub.Logs.Count();
        var position = await VisitAsync(wire, goes);
        Assert.Equal(before + 1, Server.Hub.Logs.Count());
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(before, Server.Hub.Logs.Count());

        Assert.False(await ResumesAsync(wire, position));
    }

    [Theory]
    [InlineData("/api/ws")]
    [InlineData("/api/stream/ws")]
    public async Task The_provider_is_left_when_no_one_comes_back(string wire)
    {
        await StartAsync(_time, ("Upstream:KeepPositions", "00:00:00"));
        await Server.UntilConnectedAsync();
        var client = await SubscribeAsync(wire, "gex", "SPY");
        await UntilJoinedAsync("gex:SPY");
        client.Abort();
        await UntilGoneAsync("gex:SPY");
        Assert.Empty(Provider.Left);
        await AsTimePassesAsync(() => Provider.Left.Contains("gex:SPY"), "the leave");
        await AsTimePassesAsync(() => Server.Hub.Logs.All(log => log.Name.ToString() != "gex:SPY"), "the channel to be forgotten");
    }

    [Theory]
    [InlineData("/api/ws")]
    [InlineData("/api/stream/ws")]
    public async Task Who_reads_has_the_providers_slot_before_who_may_come_back(string wire)
    {
        await StartAsync(_time, ("Upstream:MaxChannels", "1"), ("Upstream:Linger", "01:00:00"));
        await Server.UntilConnectedAsync();
        var client = await SubscribeAsync(wire, "gex", "SPY");
        await UntilJoinedAsync("gex:SPY");
        client.Abort();
        await UntilGoneAsync("gex:SPY");
        await SubscribeAsync("/api/ws", "gex", "QQQ");
        await AsTimePassesAsync(() => Provider.Joined.Contains("gex:QQQ"), "the join", step: 1);
        Assert.Equal(["gex:SPY"], Provider.Left);
        Assert.Contains(Server.Hub.Logs, log => log.Name.ToString() == "gex:SPY");
    }

    [Fact]
    public async Task A_client_of_the_providers_wire_has_no_position_to_come_back_with()
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        var before = Server.Hub.Logs.Count();
        var client = await SocketAsync();
        await client.JoinAsync("gex:SPY");
        await client.NextFrameAsync("the acknowledgement");
        client.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0 && Server.Hub.Logs.Count() == before, "the channel to be forgotten");
    }

    /// <summary>Subscribes, is told a position, and goes.</summary>
    private async Task<(string Epoch, long Offset)> VisitAsync(string wire, string goes)
    {
        var client = await SubscribeAsync(wire, Channel);
        _time.Advance(TimeSpan.FromSeconds(10));
        var told = await ((JsonTestClient)client).NextOfTypeAsync("position");
        switch (goes)
        {
            case "vanishes":
                client.Abort();
                break;
            case "closes":
                await client.CloseAsync();
                break;
            default:
                await ((TidewireClient)client).UnsubscribeAsync(Channel);
                break;
        }

        await UntilGoneAsync(Channel);
        return (told.GetProperty("epoch").GetString()!, told.GetProperty("offset").GetInt64());
    }

    private async Task<TestClient> SubscribeAsync(string wire, string feed, string? ticker = null)
    {
        if (wire == "/api/ws")
        {
            var client = await ConnectAsync();
            await client.SubscribedAsync(feed, ticker);
            return client;
        }

        var channel = ticker is null ? feed : $"{feed}:{ticker}";
        var stream = await StreamAsync(ticker is null ? feed : $"{feed}/{ticker}");
        await ServerUnderTest.UntilAsync(() => Server.Hub.Logs.Any(log => log.Name.ToString() == channel && log.Subscribers == 1), "the subscription");
        return stream;
    }

    /// <summary>Comes back with a position; whether that was resumed.</summary>
    private async Task<bool> ResumesAsync(string wire, (string Epoch, long Offset) position)
    {
        JsonElement first;
        if (wire == "/api/ws")
        {
            first = await (await ConnectAsync()).SubscribedAsync(Channel, since: position);
            return first.GetProperty("recovered").GetBoolean();
        }

        first = await (await StreamAsync(Channel, since: position)).NextAsync();
        return first.TryGetProperty("data", out _) && first.GetProperty("offset").GetInt64() == position.Offset + 1;
    }

    private Task UntilGoneAsync(string channel)
        => ServerUnderTest.UntilAsync(() => Server.Hub.Logs.All(log => log.Name.ToString() != channel || log.Subscribers == 0), "the client to be gone");

    private Task AsTimePassesAsync(Func<bool> holds, string what, int step = 100)
        => ServerUnderTest.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(step));
                return holds();
            },
            what);

    private void Publish()
    {
        Assert.True(Server.Get<FeedCatalogue>().TryGet(Channel, out var feed));
        var log = Server.Hub.Logs.Single(known => known.Feed == feed);
        Server.Publish(log, Publication.OfPayload(Encoding.UTF8.GetBytes("{}"), _time.GetUtcNow(), PublicationSource.Rest));
    }
}
