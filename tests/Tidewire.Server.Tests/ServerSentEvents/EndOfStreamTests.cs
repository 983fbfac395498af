using System.Text.Json;

namespace Tidewire.Server.Tests.ServerSentEvents;

[Collection(Alone.Name)]
public sealed class EndOfStreamTests : HttpWireTest
{
    [Fact]
    public async Task On_a_drain_each_client_is_told_and_its_stream_ends()
    {
        await StartWithoutUpstreamAsync();
        var epoch = Server.Hub.Epoch;
        var clients = new List<Testing.Clients.SseClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await EventsAsync("flow"));
            await clients[i].NextEventAsync();
        }

        await UntilSubscribedAsync("flow-alerts", 20);
        Publish("flow-alerts", 1, 3);
        foreach (var client in clients)
        {
            for (var n = 1; n <= 3; n++)
            {
                Assert.Equal(n, Number(await client.NextAsync()));
            }
        }

        var began = TimeProvider.System.GetTimestamp();
        var stopping = Server.StopAsync();
        foreach (var client in clients)
        {
            var closing = await client.NextEventAsync();
            Assert.Equal("closing", closing.Event);
            using var json = JsonDocument.Parse(closing.Data!);
            Assert.Equal((1001, true), (json.RootElement.GetProperty("code").GetInt32(), json.RootElement.GetProperty("reconnect").GetBoolean()));
            Assert.Null(await client.NextOrEndAsync());
            Assert.Equal($"{epoch}:3", client.LastEventId); // the closing event leaves the position alone
        }

        await stopping;
        var took = TimeProvider.System.GetElapsedTime(began);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Figure("stopping with 20 streams of events", FormattableString.Invariant($"{took.TotalSeconds:0.00} s"));
    }

    [Fact]
    public async Task A_client_that_goes_away_is_released_at_once()
    {
        await StartWithoutUpstreamAsync();
        var events = await EventsAsync("flow");
        await events.NextEventAsync();
        Assert.Equal(1, Server.Hub.ConnectionsOpen);
        events.Abort();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0, "the connection to be released");
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_cut_off_and_costs_the_others_nothing()
    {
        await StartWithoutUpstreamAsync(("Fanout:SlowReaderLimit", "00:00:01"));
        var slow = await EventsAsync("flow", socketBufferBytes: 4096);
        var other = await EventsAsync("flow");
        await UntilSubscribedAsync("flow-alerts", 2);
        var pad = new string('x', 2_000);
        var published = 0;
        var reading = Task.Run(async () =>
        {
            for (var n = 1; ; n++)
            {
                var message = await other.NextAsync();
                Assert.Equal(n, Number(message));
                if (message.GetProperty("data").GetProperty("pad").GetString() == "last")
                {
                    return n;
                }
            }
        });
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        var began = TimeProvider.System.GetTimestamp();
        while (Server.Hub.ConnectionsOpen == 2 && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20))
        {
            Publish("flow-alerts", published + 1, published += 10, pad);
            await pace.WaitForNextTickAsync();
        }

        Assert.Equal((1, 1), (Server.Hub.ConnectionsOpen, (int)Server.Hub.Counters.SlowReaderCount));
        Publish("flow-alerts", published + 1, published += 1, "last");
        Assert.Equal(published, await reading);

        // What it had been sent can still be read, then the stream breaks off: it resumes by its last id.
        while (await slow.NextOrEndAsync() is not null)
        {
        }

        Assert.NotNull(slow.LastEventId);
    }

    [Fact]
    public async Task A_reader_whose_next_entry_has_left_memory_is_told_to_resume()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxLogLength", "256"), ("Recording:Enabled", "false"));
        var slow = await EventsAsync("flow", socketBufferBytes: 4096);
        await slow.NextEventAsync();
        await UntilSubscribedAsync("flow-alerts");
        Publish("flow-alerts", 1, 10_000, new string('x', 1_500));
        var last = await slow.NextEventAsync();
        while (last.Event != "closing")
        {
            last = await slow.NextEventAsync();
        }

        Assert.Contains("4008", last.Data, StringComparison.Ordinal);
        Assert.Null(await slow.NextOrEndAsync());
    }

    [Fact]
    public async Task A_state_feed_that_lags_gets_the_newest_and_the_count_of_what_was_merged()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxLogLength", "256"), ("Recording:Enabled", "false"));
        var slow = await EventsAsync("gex/SPY", socketBufferBytes: 4096);
        await slow.NextEventAsync();
        await UntilSubscribedAsync("gex:SPY");
        Publish("gex:SPY", 1, 10_000, new string('x', 1_500));
        var (offset, merged) = (0L, 0L);
        while (offset < 10_000)
        {
            var message = await slow.NextAsync();
            var left = message.TryGetProperty("merged", out var count) ? count.GetInt64() : 0;
            Assert.Equal(offset + 1 + left, message.GetProperty("offset").GetInt64());
            (offset, merged) = (message.GetProperty("offset").GetInt64(), merged + left);
        }

        Assert.True(merged > 0);
    }
}
