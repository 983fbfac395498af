using System.Net;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Polling;

[Collection(Alone.Name)]
public sealed class WaitingTests : HttpWireTest
{
    [Fact]
    public async Task A_publication_ends_the_wait_at_once()
    {
        await StartWithoutUpstreamAsync();
        var poller = Poller("flow");
        await poller.NextAsync();
        var longest = TimeSpan.Zero;
        for (var n = 1; n <= 50; n++)
        {
            var answering = poller.NextAsync("wait=60");
            await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "the poll to wait");
            var published = TimeProvider.System.GetTimestamp();
            Publish("flow-alerts", n, n);
            Assert.Equal(n, Number((await answering).Messages.Single()));
            var took = TimeProvider.System.GetElapsedTime(published);
            longest = took > longest ? took : longest;
            await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0, "the poll to end");
        }

        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        Figure("from a publication to the answer of a waiting poll, longest of 50", FormattableString.Invariant($"{longest.TotalMilliseconds:0.0} ms (promised: < 200 ms)"));
    }

    [Fact]
    public async Task Five_hundred_pollers_at_once_each_get_everything_in_order()
    {
        const int Pollers = 500, Messages = 100;
        await StartWithoutUpstreamAsync();
        var pollers = Enumerable.Range(0, Pollers).Select(_ => Poller("flow")).ToArray();
        await Task.WhenAll(pollers.Select(poller => poller.NextAsync()));
        var polls = 0;
        var reading = pollers.Select(async poller =>
        {
            for (var next = 1; next <= Messages;)
            {
                var answer = await poller.NextAsync("wait=60");
                Interlocked.Increment(ref polls);
                Assert.True(answer.Recovered);
                foreach (var message in answer.Messages)
                {
                    Assert.Equal((next, (long)next), (Number(message), message.GetProperty("offset").GetInt64()));
                    next++;
                }
            }
        }).ToArray();
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == Pollers, "500 waiting polls");
        var began = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        for (var n = 1; n <= Messages; n++)
        {
            Publish("flow-alerts", n, n);
            await pace.WaitForNextTickAsync();
        }

        await Task.WhenAll(reading);
        var took = TimeProvider.System.GetElapsedTime(began);
        Figure("500 pollers, 100 publications in 2 s: all read, none twice", FormattableString.Invariant($"{polls} polls in {took.TotalSeconds:0.0} s"));
        Assert.Equal(0, Server.Hub.ConnectionsOpen);
    }

    [Fact]
    public async Task Random_polls_under_load_lose_nothing_and_repeat_nothing()
    {
        await StartAsync();
        var random = new Random(7);
        var poller = Poller("flow");
        await poller.NextAsync();
        await UntilJoinedAsync("flow-alerts");
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("flow-alerts", 5_000, TimeSpan.FromMinutes(1), n => System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""), enough.Token);
        var (next, sent) = (0L, long.MaxValue);
        for (var polls = 1; next < sent; polls++)
        {
            var answer = await poller.NextAsync($"wait={random.Next(0, 3)}&limit={random.Next(1, 200)}");
            foreach (var message in answer.Messages)
            {
                Assert.Equal((next, next + 1), (Number(message), message.GetProperty("offset").GetInt64()));
                next++;
            }

            if (polls == 400)
            {
                await enough.CancelAsync();
                sent = (await pump).Sent;
            }
        }

        Assert.Equal(sent, next);
        Figure("publications read by one poller with random waits and limits", sent);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_wait_at_once()
    {
        await StartWithoutUpstreamAsync();
        var poller = Poller("flow");
        await poller.NextAsync();
        using var gone = new CancellationTokenSource();
        var answering = poller.NextAsync("wait=60", gone.Token);
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "the poll to wait");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 0, "the wait to end");
    }

    [Fact]
    public async Task On_a_drain_a_waiting_poll_is_answered_at_once_with_what_there_is()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 3);
        var answering = new List<Task<PollAnswer>>();
        for (var i = 0; i < 20; i++)
        {
            answering.Add(Poller("flow").AskAsync($"since={Server.Hub.Epoch}:3&wait=60"));
        }

        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 20, "the polls to wait");
        var began = TimeProvider.System.GetTimestamp();
        var stopping = Server.StopAsync();
        foreach (var answer in await Task.WhenAll(answering))
        {
            Assert.Equal((HttpStatusCode.OK, 0, true, $"{Server.Hub.Epoch}:3"), (answer.Status, answer.Messages.Length, answer.Recovered, answer.Position));
        }

        await stopping;
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Beyond_the_bound_of_waiters_a_poll_that_would_wait_is_told_to_come_later()
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"), ("Fanout:MaxPollWaiters", "2"));
        Publish("flow-alerts", 1, 3);
        var timers = time.PendingTimers;
        var since = $"since={Server.Hub.Epoch}";
        var waiting = new[] { Poller("flow").AskAsync($"{since}:3&wait=60"), Poller("flow").AskAsync($"{since}:3&wait=60") };
        await time.WaitForTimersAsync(timers + 2);
        var refused = await Poller("flow").AskAsync($"{since}:3&wait=60");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "too_many_waiting", "2"), (refused.Status, ErrorOf(refused.Body), refused.RetryAfter));
        Assert.Equal(3, (await Poller("flow").AskAsync($"{since}:0&wait=60")).Messages.Length); // one that need not wait is served
        Assert.Empty((await Poller("flow").AskAsync($"{since}:3&wait=0")).Messages);
        Publish("flow-alerts", 4, 4);
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(4, Number(answer.Messages.Single())));
        var again = Poller("flow").AskAsync($"{since}:4&wait=60"); // there is room again
        await time.WaitForTimersAsync(timers + 1);
        Publish("flow-alerts", 5, 5);
        Assert.Single((await again).Messages);
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_answer_is_cut_off()
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"), ("Fanout:MaxHistoryBytes", $"{32 << 20}"));
        Publish("flow-alerts", 1, 1_000, new string('x', 30_000));
        var timers = time.PendingTimers;
        var slow = Keep(await SseClient.ConnectAsync(Server.Url, $"/api/stream/poll/flow?since={Server.Hub.Epoch}:0&limit=1000", socketBufferBytes: 4096));
        Assert.Equal(HttpStatusCode.OK, slow.Response.StatusCode);
        await ServerUnderTest.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return time.PendingTimers == timers; // no one writes an answer any more
            },
            "the client to be cut off");
        await Assert.ThrowsAnyAsync<IOException>(slow.RefusalAsync); // the rest never comes
    }
}
