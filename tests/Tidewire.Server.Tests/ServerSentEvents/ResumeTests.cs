using Tidewire.Testing;

namespace Tidewire.Server.Tests.ServerSentEvents;

public sealed class ResumeTests : HttpWireTest
{
    [Fact]
    public async Task Two_hundred_cuts_at_any_point_lose_nothing_and_repeat_nothing()
    {
        const int Cuts = 200;
        await StartAsync();
        var random = new Random(20261120);
        var events = await EventsAsync("flow");
        await UntilJoinedAsync("flow-alerts");
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("flow-alerts", 2_000, TimeSpan.FromMinutes(1), n => System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""), enough.Token);
        var (cuts, next, bare) = (0, 0L, 0);
        while (cuts < Cuts)
        {
            for (var left = random.Next(0, 60); left > 0; left--)
            {
                var shown = await events.NextEventAsync();
                if (shown.Data is null)
                {
                    bare++;
                    continue;
                }

                Assert.Equal((next, "message"), (shown.Offset - 1, shown.Event));
                next++;
            }

            events.Abort(); // what was sent and not read is lost with the connection
            cuts++;
            events = await EventsAsync("flow", events.LastEventId ?? $"{Server.Hub.Epoch}:{next}");
            Assert.Equal(next, (await events.NextEventAsync()).Offset); // recovered: nothing but the position comes first
        }

        await enough.CancelAsync();
        var sent = (await pump).Sent;
        while (next < sent)
        {
            var message = await events.NextAsync();
            Assert.Equal((next, next + 1), (Number(message), message.GetProperty("offset").GetInt64()));
            next++;
        }

        Figure("events read over 200 cuts, none lost, none twice", sent);
    }

    [Theory]
    [InlineData("another epoch", "epoch")]
    [InlineData("an offset of the future", "beyond")]
    [InlineData("an offset that has left memory", "older")]
    public async Task A_position_that_cannot_be_resumed_is_said_first_with_the_reason(string kind, string reason)
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxLogLength", "64"), ("Recording:Enabled", "false"));
        Publish("flow-alerts", 1, 200);
        var id = kind switch
        {
            "another epoch" => "0123456789abcdef:3",
            "an offset of the future" => $"{Server.Hub.Epoch}:1000000",
            _ => $"{Server.Hub.Epoch}:5",
        };
        foreach (var events in new[] { await EventsAsync("flow", id), await EventsAsync($"flow?since={id}") })
        {
            var opening = await events.NextEventAsync();
            Assert.Equal(("subscription", $"{Server.Hub.Epoch}:200", 1000), (opening.Event, opening.Id, opening.Retry));
            Assert.Contains("\"recovered\":false", opening.Data, StringComparison.Ordinal);
            Assert.Contains(reason, opening.Data, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_resumed_goes_on_with_the_history_that_was_asked_for()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 20);
        var events = await EventsAsync("flow?history=3", "another:7");
        Assert.Equal("subscription", (await events.NextEventAsync()).Event);
        Publish("flow-alerts", 21, 21);
        foreach (var n in new[] { 18, 19, 20, 21 })
        {
            Assert.Equal(n, Number(await events.NextAsync()));
        }
    }

    [Fact]
    public async Task The_header_wins_over_the_parameter()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 20);
        var events = await EventsAsync($"flow?since={Server.Hub.Epoch}:3", $"{Server.Hub.Epoch}:17");
        Assert.Equal(18, Number(await events.NextAsync()));
        var byParameter = await EventsAsync($"flow?since={Server.Hub.Epoch}:3");
        Assert.Equal(4, Number(await byParameter.NextAsync()));
    }

    [Fact]
    public async Task A_position_on_its_own_can_be_resumed_and_so_can_one_of_a_channel_that_never_showed_anything()
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"));
        var events = await EventsAsync("trading_halts");
        await events.NextEventAsync();
        events.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0, "the client to be gone");
        time.Advance(TimeSpan.FromSeconds(20));
        Publish("trading_halts", 1, 1); // while it is away

        var back = await EventsAsync("trading_halts", events.LastEventId);
        Assert.Equal(("message", events.LastEventId), ((await back.NextEventAsync()).Event, back.LastEventId));
        Assert.Equal(1, Number(await back.NextAsync()));
    }

    [Fact]
    public async Task A_channel_that_was_left_for_good_is_forgotten()
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"));
        var before = Server.Hub.Logs.Count();
        for (var i = 0; i < 10; i++)
        {
            var events = await EventsAsync($"gex/T{i}");
            await events.NextEventAsync();
            events.Abort();
        }

        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0, "the clients to be gone");
        Assert.Equal(before + 10, Server.Hub.Logs.Count());
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(before, Server.Hub.Logs.Count());
    }
}
