using System.Text.Json;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

public class RecoveryTests : ServerTest
{
    private const string Channel = "flow-alerts";

    [Fact]
    public async Task A_client_that_comes_back_with_its_position_gets_exactly_what_it_missed_and_then_live()
    {
        await StartAsync();
        var first = await ConnectAsync();
        await first.SubscribedAsync(Channel);
        await UntilJoinedAsync(Channel);
        await SendAsync(1, 3);
        JsonElement seen = default;
        for (var n = 1; n <= 3; n++)
        {
            seen = await first.NextOfTypeAsync("message");
        }

        first.Abort();
        await SendAsync(4, 250);
        await ServerUnderTest.UntilAsync(() => Server.Published == 250, "250 publications");
        var since = (Server.Hub.Epoch, seen.GetProperty("offset").GetInt64());

        var second = await ConnectAsync();
        Assert.True((await second.SubscribedAsync("flow", since: since)).GetProperty("recovered").GetBoolean());
        var stream = await StreamAsync("flow", since);
        await SendAsync(251, 260);
        for (var n = 4; n <= 260; n++)
        {
            var item = await second.NextAsync();
            Assert.Equal((n, since.Item2 + n - 3), (item.GetProperty("data").GetProperty("n").GetInt32(), item.GetProperty("offset").GetInt64()));
            var envelope = await stream.NextAsync();
            Assert.Equal((n, since.Item2 + n - 3), (envelope.GetProperty("data").GetProperty("n").GetInt32(), envelope.GetProperty("offset").GetInt64()));
            Assert.Equal(since.Epoch, envelope.GetProperty("epoch").GetString());
        }
    }

    [Theory]
    [InlineData("another epoch", "epoch")]
    [InlineData("an offset of the future", "beyond")]
    [InlineData("an offset that has left memory", "older")]
    public async Task A_position_that_cannot_be_resumed_is_refused_with_the_reason_on_both_wires(string kind, string reason)
    {
        await StartAsync(("Fanout:MaxLogLength", "64"), ("Recording:Enabled", "false"));
        var keeper = await ConnectAsync();
        await keeper.SubscribedAsync(Channel);
        await UntilJoinedAsync(Channel);
        await SendAsync(1, 200);
        await ServerUnderTest.UntilAsync(() => Server.Published == 200, "200 publications");
        var since = kind switch
        {
            "another epoch" => ("0123456789abcdef", 3L),
            "an offset of the future" => (Server.Hub.Epoch, 1_000_000L),
            _ => (Server.Hub.Epoch, 5L),
        };

        var client = await ConnectAsync();
        var answer = await client.SubscribedAsync(Channel, since: since);
        Assert.False(answer.GetProperty("recovered").GetBoolean());
        Assert.Contains(reason, answer.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(await client.UntilPongAsync()); // never half: nothing of the past

        var stream = await StreamAsync("flow", since);
        var refused = await stream.NextAsync();
        Assert.Equal("subscription", refused.GetProperty("type").GetString());
        Assert.False(refused.GetProperty("recovered").GetBoolean());
        await SendAsync(201, 201);
        Assert.Equal(201, (await client.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
        Assert.Equal(201, (await stream.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_server_that_was_restarted_has_another_epoch()
    {
        await StartWithoutUpstreamAsync();
        var epoch = Server.Hub.Epoch;
        var next = await StartWithoutUpstreamAsync();
        Assert.NotEqual(epoch, next.Hub.Epoch);
        var client = Keep(await TidewireClient.ConnectAsync(next.Url));
        var answer = await client.SubscribedAsync(Channel, since: (epoch, 0));
        Assert.False(answer.GetProperty("recovered").GetBoolean());
    }

    [Fact]
    public async Task History_on_subscribing_joins_live_data_without_a_hole_or_an_overlap()
    {
        await StartAsync();
        var keeper = await ConnectAsync();
        await keeper.SubscribedAsync(Channel);
        await UntilJoinedAsync(Channel);
        await SendAsync(1, 10);
        await ServerUnderTest.UntilAsync(() => Server.Published == 10, "10 publications");
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync(Channel, 2000, TimeSpan.FromMinutes(1), n => System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{11 + n}}}"""), enough.Token);
        for (var round = 0; round < 10; round++)
        {
            var client = await ConnectAsync();
            await client.SubscribedAsync(Channel, history: 5);
            var history = await client.NextAsync();
            Assert.Equal("history", history.GetProperty("type").GetString());
            var last = history.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("offset").GetInt64()).ToArray();
            Assert.Equal(5, last.Length);
            var live = (await client.NextAsync()).GetProperty("offset").GetInt64();
            Assert.Equal(Enumerable.Range(0, 6).Select(i => last[0] + i), [.. last, live]);

            var stream = await StreamAsync("flow", history: 5);
            var offsets = new List<long>();
            for (var i = 0; i < 20; i++)
            {
                offsets.Add((await stream.NextAsync()).GetProperty("offset").GetInt64());
            }

            Assert.Equal(Enumerable.Range(0, 20).Select(i => offsets[0] + i), offsets);
        }

        await enough.CancelAsync();
        await pump;
    }

    private async Task SendAsync(int from, int to)
    {
        for (var n = from; n <= to; n++)
        {
            await Provider.SendDataAsync(Channel, $$"""{"n":{{n}}}""");
        }
    }
}
