using System.Globalization;
using System.Net;
using System.Text.Json;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Wires;

/// <summary>Filters as clients ask for them, on each of the four wires that have them.</summary>
[Trait("Promise", "filters")]
public sealed class FilterTests : HttpWireTest
{
    private const string Channel = "flow-alerts";
    private const string Filter = "premium >= 1234.5 and ticker in (TSLA, NVDA)";
    private static readonly string[] Tickers = ["TSLA", "SPY", "NVDA", "QQQ", "IWM"];

    [Theory]
    [InlineData("ws")]
    [InlineData("stream")]
    [InlineData("sse")]
    [InlineData("poll")]
    public async Task Exactly_what_matches_arrives_and_each_offset_counts_what_does_not(string wire)
    {
        await StartWithoutUpstreamAsync();
        var reader = await OpenAsync(wire, Filter);
        var wanted = PublishAlerts(1, 300);
        wanted.Add(PublishGap(Channel).Offset);
        wanted.AddRange(PublishAlerts(301, 400));
        await reader.UntilAsync(wanted[^1]);
        Assert.Equal(wanted, reader.Shown);
        Assert.Equal(1, reader.Gaps);
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("stream")]
    [InlineData("sse")]
    [InlineData("poll")]
    public async Task A_position_is_resumed_with_the_same_filter_and_counts_from_there(string wire)
    {
        await StartWithoutUpstreamAsync();
        var wanted = PublishAlerts(1, 300);
        foreach (var since in new[] { 0, wanted[3], wanted[3] + 1, wanted[^2] })
        {
            var reader = await OpenAsync(wire, Filter, since);
            await reader.UntilAsync(wanted[^1]);
            Assert.Equal(wanted.Where(offset => offset > since), reader.Shown);
        }
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("stream")]
    [InlineData("sse")]
    [InlineData("poll")]
    public async Task Where_nothing_passes_the_position_goes_on_and_is_resumed_from_without_loss_or_repetition(string wire)
    {
        var time = new FakeTimeProvider(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));
        await StartWithAsync(time, ("TIDEWIRE_UPSTREAM", "none"));
        var reader = await OpenAsync(wire, "ticker = NONE");
        PublishAlerts(1, 120);
        await Server.Hub.SettledAsync();
        var tail = Log(Channel).Tail;
        var told = reader.UntilPositionAsync(tail);
        await ServerUnderTest.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return told.IsCompleted;
            },
            "the position to reach the tail");
        await told; // each step of it was counted on the way
        Assert.Equal((tail, 120L), (reader.Offset, reader.Filtered));
        Assert.Empty(reader.Shown);

        var back = await OpenAsync(wire, "ticker = NONE or n >= 1000", reader.Offset);
        PublishAlerts(900, 1_010);
        await back.UntilAsync(tail + 111);
        Assert.Equal(Enumerable.Range((int)tail + 101, 11).Select(offset => (long)offset), back.Shown);
    }

    [Theory]
    [InlineData("premium >= and size > 5", "column 12: expected a number, a word or a quoted string after '>=', found the keyword 'and'")]
    [InlineData("premium >= 500,000", "column 15: expected 'and', 'or' or the end after '500', found ','")]
    [InlineData("(a = 1", "column 7: ")]
    public async Task A_bad_filter_is_refused_with_its_column(string filter, string wrong)
    {
        await StartWithoutUpstreamAsync();
        var socket = await ConnectAsync();
        await socket.SubscribeAsync(Channel, filter: filter, id: "f");
        var error = await socket.NextAsync();
        Assert.Equal(("error", 105, "bad_value", "filter", "f"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetInt32(), ErrorOf(error), error.GetProperty("field").GetString(), error.GetProperty("id").GetString()));
        Assert.Contains(wrong, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("subscribed", (await socket.SubscribedAsync(Channel, filter: "a = 1")).GetProperty("action").GetString()); // nothing was held by the refused one

        var stream = Keep(await StreamClient.ConnectAsync(Server.Url, "flow", filter: filter));
        var refused = await stream.NextAsync();
        Assert.Equal(("error", "filter"), (refused.GetProperty("type").GetString(), refused.GetProperty("field").GetString()));
        Assert.Contains(wrong, refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1008, await stream.WaitForCloseAsync());

        var events = await EventsAsync($"flow?filter={Uri.EscapeDataString(filter)}");
        var poll = await Poller("flow").AskAsync($"filter={Uri.EscapeDataString(filter)}");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (events.Response.StatusCode, poll.Status));
        foreach (var body in new[] { await events.RefusalAsync(), poll.Body })
        {
            Assert.Equal(("bad_value", "filter"), (ErrorOf(body), body.GetProperty("field").GetString()));
            Assert.Contains(wrong, body.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_channel_that_was_left_is_subscribed_to_with_another_filter()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync(Channel, filter: "n < 3");
        await UntilSubscribedAsync(Channel);
        Publish(Channel, 1, 1);
        Assert.Equal(1, Number(await client.NextOfTypeAsync("message")));
        await client.UnsubscribeAsync(Channel);
        Assert.Equal("unsubscribed", (await client.NextOfTypeAsync("subscription")).GetProperty("action").GetString());
        Publish(Channel, 2, 2);
        Assert.True((await client.SubscribedAsync(Channel, since: (Server.Hub.Epoch, 1), filter: "n > 3")).GetProperty("recovered").GetBoolean());
        Publish(Channel, 3, 4);
        var message = await client.NextOfTypeAsync("message");
        Assert.Equal((4, 2L), (Number(message), message.GetProperty("filtered").GetInt64()));
    }

    [Fact]
    public async Task Clients_of_one_channel_see_each_what_their_own_filter_lets_through()
    {
        await StartWithoutUpstreamAsync();
        var ask = await OpenAsync("stream", "n < 11");
        var bid = await OpenAsync("stream", "not n<11");
        var all = await OpenAsync("stream", null);
        Publish(Channel, 1, 20);
        await all.UntilAsync(20);
        await ask.UntilAsync(10);
        await bid.UntilAsync(20);
        Assert.Equal(Enumerable.Range(1, 10).Select(offset => (long)offset), ask.Shown);
        Assert.Equal(Enumerable.Range(11, 10).Select(offset => (long)offset), bid.Shown);
        Assert.Equal((10L, 0L), (bid.Filtered, all.Filtered));
    }

    /// <summary>Publishes alerts whose numbers stand in quotes or not, and returns the offsets of those that pass.</summary>
    private List<long> PublishAlerts(int from, int to)
    {
        var passing = new List<long>();
        for (var n = from; n <= to; n++)
        {
            var ticker = Tickers[n % Tickers.Length];
            var premium = n % 7 == 0 ? "1234.50" : n % 7 < 4 ? "1234.49" : "2e3";
            var position = PublishText(Channel, string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{n}},"ticker":"{{ticker}}","premium":{{(n % 2 == 0 ? premium : $"\"{premium}\"")}}}"""));
            if (ticker is "TSLA" or "NVDA" && premium != "1234.49")
            {
                passing.Add(position.Offset);
            }
        }

        return passing;
    }

    private async Task<Reader> OpenAsync(string wire, string? filter, long? since = null)
    {
        var subscribers = Log(Channel).Subscribers;
        (string, long)? from = since is { } offset ? (Server.Hub.Epoch, offset) : null;
        var query = filter is null ? "" : $"filter={Uri.EscapeDataString(filter)}";
        var start = since ?? Log(Channel).Tail;
        switch (wire)
        {
            case "ws":
                var socket = await ConnectAsync();
                var answer = await socket.SubscribedAsync(Channel, since: from, filter: filter);
                Assert.Equal((since is not null, start), (answer.GetProperty("recovered").GetBoolean(), answer.GetProperty("offset").GetInt64()));
                await UntilSubscribedAsync(Channel, subscribers + 1);
                return new Reader(start, socket.NextAsync);
            case "stream":
                var stream = Keep(await StreamClient.ConnectAsync(Server.Url, "flow", from, filter: filter));
                await UntilSubscribedAsync(Channel, subscribers + 1);
                return new Reader(start, stream.NextAsync);
            case "sse":
                var events = await EventsAsync($"flow?{query}", since is null ? null : $"{Server.Hub.Epoch}:{since}");
                Assert.Equal($"{Server.Hub.Epoch}:{start}", (await events.NextEventAsync()).Id);
                return new Reader(start, async () =>
                {
                    var item = await events.NextAsync();
                    Assert.Equal($"{Server.Hub.Epoch}:{item.GetProperty("offset").GetInt64()}", events.LastEventId);
                    return item;
                });
            default:
                var poller = Poller($"flow?{query}");
                poller.Position = $"{Server.Hub.Epoch}:{start}";
                var waiting = new Queue<JsonElement>();
                return new Reader(start, async () =>
                {
                    while (waiting.Count == 0)
                    {
                        var polled = await poller.NextAsync("wait=20&limit=7");
                        Assert.True(polled.Recovered);
                        Array.ForEach(polled.Messages, waiting.Enqueue);
                        if (polled.Messages.Length == 0)
                        {
                            // As a position message says it.
                            var body = polled.Body;
                            waiting.Enqueue(JsonSerializer.SerializeToElement(new Dictionary<string, object>
                            {
                                ["type"] = "position",
                                ["offset"] = body.GetProperty("position").GetProperty("offset").GetInt64(),
                                ["merged"] = body.TryGetProperty("merged", out var merged) ? merged.GetInt64() : 0,
                                ["filtered"] = body.TryGetProperty("filtered", out var filtered) ? filtered.GetInt64() : 0,
                            }));
                        }
                    }

                    return waiting.Dequeue();
                });
        }
    }

    /// <summary>Reads one channel and holds each message against the rule of offsets.</summary>
    private sealed class Reader(long start, Func<Task<JsonElement>> nextAsync)
    {
        public long Offset { get; private set; } = start;

        public long Filtered { get; private set; }

        public int Gaps { get; private set; }

        public List<long> Shown { get; } = [];

        public async Task UntilAsync(long offset)
        {
            while (Shown.Count == 0 || Shown[^1] < offset)
            {
                await OneAsync();
            }
        }

        public async Task UntilPositionAsync(long offset)
        {
            while (Offset < offset)
            {
                await OneAsync();
            }
        }

        private async Task OneAsync()
        {
            var item = await nextAsync();
            var isPosition = item.TryGetProperty("type", out var type) && type.GetString() == "position";
            var filtered = item.TryGetProperty("filtered", out var count) ? count.GetInt64() : 0;
            var merged = item.TryGetProperty("merged", out var replaced) ? replaced.GetInt64() : 0;
            var offset = item.GetProperty("offset").GetInt64();
            Assert.True(offset == Offset + (isPosition ? 0 : 1) + merged + filtered, $"after {Offset}: {item.GetRawText()}");
            Offset = offset;
            Filtered += filtered;
            if (!isPosition)
            {
                Shown.Add(offset);
                Gaps += type.ValueKind == JsonValueKind.String && type.GetString() == "gap" ? 1 : 0;
            }
        }
    }
}
