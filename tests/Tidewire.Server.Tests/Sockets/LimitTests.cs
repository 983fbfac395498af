using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

public class LimitTests : ServerTest
{
    [Fact]
    public async Task A_connection_holds_128_channels_and_no_more()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        for (var i = 0; i < 128; i++)
        {
            await client.SubscribedAsync("gex", $"T{i}");
        }

        await client.SubscribeAsync("gex", "T128", id: "one too many");
        var error = await client.NextAsync();
        Assert.Equal(("too_many_channels", 108, true, "one too many"), (ErrorOf(error), error.GetProperty("code").GetInt32(), error.GetProperty("retryable").GetBoolean(), error.GetProperty("id").GetString()));
        Assert.Equal("gex:T5", (await client.SubscribedAsync("gex", "T5")).GetProperty("channel").GetString()); // one it holds

        await client.UnsubscribeAsync("gex", "T5");
        await client.NextOfTypeAsync("subscription");
        Assert.Equal("gex:T128", (await client.SubscribedAsync("gex", "T128")).GetProperty("channel").GetString());
    }

    [Fact]
    public async Task A_connection_beyond_the_bound_is_closed_with_4009_and_counted()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxConnections", "2"));
        await ConnectAsync();
        var second = await ConnectAsync();
        var third = Keep(await TidewireClient.ConnectAsync(Server.Url));
        Assert.Equal(4009, await third.WaitForCloseAsync());
        Assert.Equal(1, (await Server.JsonAsync("/api/ws/stats")).GetProperty("connections_refused").GetInt32());

        second.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "the second to be gone");
        await ConnectAsync();
    }

    [Fact]
    public async Task A_client_that_closes_is_answered_with_its_own_code()
    {
        await StartWithoutUpstreamAsync();
        foreach (var path in new[] { "/api/ws", "/api/stream/ws/flow", "/socket?token=x" })
        {
            for (var i = 0; i < 20; i++)
            {
                var client = Keep(await RawSocket.ConnectAsync(Server.Url, path));
                await client.SendAsync(RawSocket.Close, new byte[] { 0x03, 0xE8 });
                Assert.Equal(1000, await client.CloseCodeAsync());
            }
        }
    }
}
