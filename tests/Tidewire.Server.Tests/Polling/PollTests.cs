using System.Net;
using System.Text.Json;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Polling;

public sealed class PollTests : HttpWireTest
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_first_poll_is_told_the_position_at_once()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 20);
        var answer = await Poller("flow").AskAsync("wait=60");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["channel", "messages", "position", "position_text", "recovered", "simulated", "timestamp"], answer.Body.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(("flow-alerts", 0, false), (answer.Body.GetProperty("channel").GetString(), answer.Messages.Length, answer.Recovered));
        var position = answer.Body.GetProperty("position");
        Assert.Equal((Server.Hub.Epoch, 20L), (position.GetProperty("epoch").GetString(), position.GetProperty("offset").GetInt64()));
        Assert.Equal($"{Server.Hub.Epoch}:20", answer.Position);
    }

    [Fact]
    public async Task An_answer_holds_the_envelopes_of_the_socket_oldest_first()
    {
        await StartAsync();
        var poller = Poller("flow");
        var socket = await StreamAsync("flow");
        await poller.NextAsync();
        await UntilSubscribedAsync("flow-alerts", 2); // the socket, and what is held for the poller
        await UntilJoinedAsync("flow-alerts");
        for (var n = 1; n <= 50; n++)
        {
            await Provider.SendDataAsync("flow-alerts", $$"""{ "n" : {{n}}, "total_premium":29326.00 }""");
        }

        var seen = new List<JsonElement>();
        while (seen.Count < 50)
        {
            var answer = await poller.NextAsync("wait=60");
            Assert.True(answer.Recovered);
            seen.AddRange(answer.Messages);
            Assert.Equal(answer.Messages[^1].GetProperty("offset").GetInt64(), answer.Body.GetProperty("position").GetProperty("offset").GetInt64());
        }

        foreach (var message in seen)
        {
            await socket.NextAsync();
            Assert.Equal(socket.LastText, message.GetRawText());
        }
    }

    [Fact]
    public async Task History_and_limit_bound_an_answer_and_the_next_goes_on_where_it_ended()
    {
        await StartWithoutUpstreamAsync();
        Publish("flow-alerts", 1, 250);
        var poller = Poller("flow");
        Assert.Equal(Enumerable.Range(241, 10), (await poller.AskAsync("history=10")).Messages.Select(Number));
        poller.Position = $"{Server.Hub.Epoch}:0";
        var seen = new List<int>();
        foreach (var (query, count) in new[] { ("", 100), ("limit=1", 1), ("limit=1000", 149) })
        {
            var answer = await poller.NextAsync(query);
            Assert.Equal(count, answer.Messages.Length);
            seen.AddRange(answer.Messages.Select(Number));
        }

        Assert.Equal(Enumerable.Range(1, 250), seen);
        Assert.Equal(260, Server.Hub.Counters.DeliveredCount); // nothing is counted that was not handed out
    }

    [Fact]
    public async Task An_answer_stays_within_its_bytes_but_for_an_entry_that_is_larger_alone()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxHistoryBytes", "4096"));
        Publish("flow-alerts", 1, 20, new string('x', 600));
        Publish("flow-alerts", 21, 22, new string('x', 9_000));
        var poller = Poller("flow");
        poller.Position = $"{Server.Hub.Epoch}:0";
        var seen = new List<int>();
        while (seen.Count < 22)
        {
            var messages = (await poller.NextAsync()).Messages;
            Assert.True(messages.Length == 1 || messages.Sum(message => message.GetRawText().Length + 1) <= 4097, $"{messages.Length} messages");
            seen.AddRange(messages.Select(Number));
        }

        Assert.Equal(Enumerable.Range(1, 22), seen);
    }

    [Fact]
    public async Task A_poll_waits_for_as_long_as_it_says_and_is_then_told_the_position()
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        Publish("flow-alerts", 1, 3);
        foreach (var (query, seconds) in new[] { ("", 25), ("wait=1", 1), ("wait=60", 60) })
        {
            var poller = Poller("flow");
            await poller.NextAsync();
            var timers = _time.PendingTimers;
            var answering = poller.NextAsync(query);
            await _time.WaitForTimersAsync(timers + 1); // the wait
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(answering.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var answer = await answering;
            Assert.Equal((HttpStatusCode.OK, 0, true, $"{Server.Hub.Epoch}:3"), (answer.Status, answer.Messages.Length, answer.Recovered, answer.Position));
        }

        Assert.Empty((await Poller("flow").AskAsync($"since={Server.Hub.Epoch}:3&wait=0")).Messages); // without any wait
    }

    [Theory]
    [InlineData("0123456789abcdef:3", "epoch")]
    [InlineData("EPOCH:1000000", "beyond")]
    [InlineData("EPOCH:5", "older")]
    public async Task A_position_that_cannot_be_resumed_is_answered_at_once_with_the_reason(string since, string reason)
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxLogLength", "64"), ("Recording:Enabled", "false"));
        Publish("flow-alerts", 1, 200);
        var answer = await Poller("flow").AskAsync($"wait=60&history=2&since={since.Replace("EPOCH", Server.Hub.Epoch, StringComparison.Ordinal)}");
        Assert.False(answer.Recovered);
        Assert.Contains(reason, answer.Body.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal([199, 200], answer.Messages.Select(Number));
        Assert.Equal($"{Server.Hub.Epoch}:200", answer.Position);
    }

    [Fact]
    public async Task A_gap_stands_among_the_messages_and_counts()
    {
        await StartWithoutUpstreamAsync();
        var poller = Poller("gex/SPY");
        await poller.NextAsync();
        Publish("gex:SPY", 1, 1);
        PublishGap("gex:SPY");
        Publish("gex:SPY", 2, 2);
        var messages = (await poller.NextAsync()).Messages;
        Assert.Equal([1L, 2L, 3L], messages.Select(message => message.GetProperty("offset").GetInt64()));
        Assert.Equal(("gap", "upstream_down"), (messages[1].GetProperty("type").GetString(), messages[1].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task The_derived_ticker_feed_and_the_simulated_market_are_there_too()
    {
        await StartSimulatedAsync(("Simulation:Rate", "100"));
        foreach (var (feed, source) in new[] { ("ticker/SPY", "derived"), ("price/SPY", "simulated") })
        {
            var poller = Poller(feed);
            Assert.True((await poller.NextAsync()).Body.GetProperty("simulated").GetBoolean());
            var message = (await poller.NextAsync("wait=60")).Messages[0];
            Assert.Equal((feed.Replace('/', ':'), source), (message.GetProperty("channel").GetString(), message.GetProperty("source").GetString()));
            Assert.StartsWith("sim-", message.GetProperty("epoch").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_answer_is_not_kept_by_anyone()
    {
        await StartWithoutUpstreamAsync();
        using var response = await Server.SendAsync("/api/stream/poll/flow");
        Assert.Equal(("application/json; charset=utf-8", true), (response.Content.Headers.ContentType?.ToString(), response.Headers.CacheControl?.NoStore));
        Assert.NotNull(response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Between_two_polls_the_channel_stays_wanted_and_what_arrives_is_kept_even_as_its_first()
    {
        await StartAsync(_time);
        await Server.UntilConnectedAsync();
        var poller = Poller("gex/SPY");
        await poller.NextAsync("wait=0"); // gone again before the join was sent
        await UntilJoinedAsync("gex:SPY");
        Assert.Equal(0, Server.Hub.ConnectionsOpen);
        await Provider.SendDataAsync("gex:SPY", """{"n":1}""");
        await ServerUnderTest.UntilAsync(() => Server.Published == 1, "the publication");
        var answer = await poller.NextAsync("wait=0");
        Assert.Equal((true, 1), (answer.Recovered, Number(answer.Messages.Single())));
        Assert.Equal(1, Provider.JoinsOf("gex:SPY"));
    }
}
