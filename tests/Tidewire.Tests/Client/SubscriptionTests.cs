using System.Text;
using Tidewire.Client;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Tests.Client;

/// <summary>What a reader is given, and what it is told when that is not all.</summary>
public sealed class SubscriptionTests : ClientTest
{
    [Fact]
    public async Task Publications_gaps_and_corrections_come_in_order_with_their_counts()
    {
        var entries = Read(Client(), options: new() { Filter = "size > 5", MaxRate = 2, History = 3 });
        var socket = await Peer.NextSocketAsync();
        var asked = await ConfirmAsync(socket, offset: 10);
        Assert.Equal(("flow-alerts", "size > 5", 2, 3), (asked.GetProperty("channel").GetString(), asked.GetProperty("filter").GetString(), asked.GetProperty("max_rate").GetInt32(), asked.GetProperty("history").GetInt32()));
        await socket.SendAsync($$"""{"type":"history","channel":"flow-alerts","epoch":"e1","messages":[{{Message(9)}},{{Message(10)}}],"timestamp":"2026-11-20T14:30:05.123Z","id":{{asked.GetProperty("id")}}}""");
        await socket.SendAsync(Message(11));
        await socket.SendAsync(Message(14, ",\"filtered\":2,\"replaces\":11"));
        await socket.SendAsync("""{"type":"gap","channel":"flow-alerts","offset":17,"merged":2,"epoch":"e1","from_time":"2026-11-20T14:30:05.123Z","to_time":"2026-11-20T14:30:09.480Z","count":4,"reason":"upstream_down","backfilled":true}""");
        await socket.SendAsync("""{"type":"position","channel":"flow-alerts","epoch":"e1","offset":20,"filtered":3}""");

        var subscribed = await entries.NextAsync<Subscribed>();
        Assert.Equal((new StreamPosition("e1", 10), false), (subscribed.Position, subscribed.IsRecovered));
        Assert.Equal(9, (await HistoryAsync(entries)).Position.Offset);
        Assert.Equal(10, (await HistoryAsync(entries)).Position.Offset);
        var first = await entries.NextAsync<Publication>();
        Assert.Equal("""{"n": 11}""", Encoding.UTF8.GetString(first.Payload.Span));
        Assert.Equal(11, first.ToJson().GetProperty("n").GetInt32());
        Assert.Equal((new StreamPosition("e1", 11), "socket", false, "2026-11-20T14:30:05.123Z"), (first.Position, first.Source, first.IsHistory, MessageWriter.Instant(first.ReceivedAt)));
        var correction = await entries.NextAsync<Publication>();
        Assert.Equal((14, 2, 11), (correction.Position.Offset, correction.Filtered, correction.Replaces));
        var gap = await entries.NextAsync<Gap>();
        Assert.Equal((17, 2, 4, "upstream_down", true), (gap.Position.Offset, gap.Merged, gap.Count, gap.Reason, gap.IsBackfilled));
        var advanced = await entries.NextAsync<Advanced>();
        Assert.Equal((20, 3), (advanced.Position.Offset, advanced.Filtered));
    }

    [Fact]
    public async Task A_hole_is_told_and_asked_for_once_more()
    {
        var entries = Read(Client());
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await socket.SendAsync(Message(1));
        await socket.SendAsync(Message(4));
        await socket.SendAsync(Message(5)); // is on its way while the client goes back: not its turn
        var left = await AskedAsync(socket, "unsubscribe");
        await socket.SendAsync($$"""{"type":"subscription","action":"unsubscribed","channel":"flow-alerts","timestamp":"2026-11-20T14:30:05.123Z","id":{{left.GetProperty("id")}}}""");
        var again = await ConfirmAsync(socket);
        Assert.Equal(1, again.GetProperty("since").GetProperty("offset").GetInt64());
        await socket.SendAsync(Message(2));
        await socket.SendAsync(Message(3));

        await entries.NextAsync<Subscribed>();
        Assert.Equal(1, (await entries.NextAsync<Publication>()).Position.Offset);
        var missed = await entries.NextAsync<Missed>();
        Assert.Equal((2, 3), (missed.From, missed.To));
        await entries.NextAsync<Subscribed>();
        Assert.Equal(2, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(3, (await entries.NextAsync<Publication>()).Position.Offset);
    }

    [Fact]
    public async Task What_comes_again_is_dropped_and_counted()
    {
        var client = Client();
        var entries = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        await socket.SendAsync(Message(1) + "\n" + Message(1) + "\n" + Message(2));

        await entries.NextAsync<Subscribed>();
        Assert.Equal(1, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(2, (await entries.NextAsync<Publication>()).Position.Offset);
        Assert.Equal(1, client.GetStatistics().Duplicates);
    }

    [Fact]
    public async Task A_position_that_cannot_be_resumed_is_a_reset_with_its_reason()
    {
        var entries = Read(Client(), options: new() { Since = new("e0", 7) });
        var socket = await Peer.NextSocketAsync();
        var asked = await ConfirmAsync(socket, "e1", 3, recovered: false, "the epoch has changed: the log's past was lost");
        Assert.Equal("e0", asked.GetProperty("since").GetProperty("epoch").GetString());
        await socket.SendAsync(Message(4));

        var reset = await entries.NextAsync<Reset>();
        Assert.Equal((new StreamPosition("e1", 3), "the epoch has changed: the log's past was lost"), (reset.Position, reset.Reason));
        Assert.False((await entries.NextAsync<Subscribed>()).IsRecovered);
        Assert.Equal(4, (await entries.NextAsync<Publication>()).Position.Offset);
    }

    [Fact]
    public async Task A_reader_that_lags_bounds_the_queue_and_gets_everything_in_the_end()
    {
        const int Size = 10, Last = 100;
        var client = Client(new() { MaxQueueSize = Size });
        var entries = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        var serving = ServeAsync();
        await AskedToLeave.Task.WithinBound("the client to leave the channel");
        Assert.InRange(client.GetStatistics().QueueSize, Size - 1, Size + 2); // the reader may have one in its hand

        var shown = new List<long>();
        while (shown.Count < Last)
        {
            if (await entries.NextAsync() is Publication publication)
            {
                shown.Add(publication.Position.Offset);
            }
        }

        Assert.Equal(Enumerable.Range(1, Last).Select(static n => (long)n), shown);
        socket.Reset();
        await serving;

        async Task ServeAsync()
        {
            var next = 1L;
            while (true)
            {
                for (; next <= Last; next++)
                {
                    await socket.SendAsync(Message(next));
                }

                if (await LeftAsync() is not { } left)
                {
                    return;
                }

                AskedToLeave.TrySetResult();
                await socket.SendAsync($$"""{"type":"subscription","action":"unsubscribed","channel":"flow-alerts","timestamp":"2026-11-20T14:30:05.123Z","id":{{left}}}""");
                next = (await ConfirmAsync(socket)).GetProperty("since").GetProperty("offset").GetInt64() + 1;
            }
        }

        async Task<long?> LeftAsync()
        {
            try
            {
                return (await AskedAsync(socket, "unsubscribe")).GetProperty("id").GetInt64();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task A_subscription_that_is_refused_fails_alone()
    {
        var client = Client();
        var good = Read(client);
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket);
        var bad = Read(client, "nope");
        var asked = await AskedAsync(socket, "subscribe");
        await socket.SendAsync($$"""{"type":"error","message":"Unknown channel: 'nope'.","code":106,"error":"unknown_channel","retryable":false,"timestamp":"2026-11-20T14:30:05.123Z","id":{{asked.GetProperty("id")}}}""");
        var failure = await bad.FailsAsync();
        Assert.Equal(("unknown_channel", 106, "Unknown channel: 'nope'."), (failure.Code, failure.Number, failure.Message));

        await socket.SendAsync(Message(1));
        await good.NextAsync<Subscribed>();
        Assert.Equal(1, (await good.NextAsync<Publication>()).Position.Offset);
    }

    private TaskCompletionSource AskedToLeave { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<Publication> HistoryAsync(Entries entries)
    {
        var publication = await entries.NextAsync<Publication>();
        Assert.True(publication.IsHistory);
        return publication;
    }
}
