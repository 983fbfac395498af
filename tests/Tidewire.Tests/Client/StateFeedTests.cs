using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Client;
using Tidewire.Client.Subscriptions;
using Tidewire.Testing.Peers;
using Tidewire.Tests.Architecture;

namespace Tidewire.Tests.Client;

/// <summary>What a reader of a state feed gets that lags: the newest of each key, and how many went for it.</summary>
public sealed class StateFeedTests : ClientTest
{
    private const int Size = 10, Last = 100;

    [Fact]
    public async Task A_reader_that_lags_gets_the_newest_of_each_key_and_the_others_counted()
    {
        var client = Client(new() { MaxQueueSize = Size });
        var entries = Read(client, "gex_strike:SPY");
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket, channel: "gex_strike:SPY");
        for (var offset = 1; offset <= Last; offset++)
        {
            await socket.SendAsync(Strike(offset, offset % 3));
        }

        await AllTakenAsync(client, socket);
        Assert.InRange(client.GetStatistics().QueueSize, 3, Size);

        await entries.NextAsync<Subscribed>();
        var shown = await UntilAsync(entries, Last);
        Assert.Equal(Last, shown.Sum(static publication => 1 + publication.Merged));
        Assert.InRange(shown.Count, 3, Size + 1); // one was in the reader's hand
        Assert.Equal([98L, 99, 100], shown[^3..].Select(static publication => publication.Position.Offset));
        Assert.Equal([2, 0, 1], shown[^3..].Select(static publication => publication.ToJson().GetProperty("strike").GetInt32()));
        AssertRule(shown);
    }

    [Fact]
    public async Task What_has_more_keys_than_the_queue_has_room_is_read_again_later_and_whole()
    {
        var client = Client(new() { MaxQueueSize = Size });
        var entries = Read(client, "gex_strike:SPY");
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket, channel: "gex_strike:SPY");
        for (var offset = 1; offset <= Last; offset++)
        {
            await socket.SendAsync(Strike(offset, offset)); // each a key of its own
        }

        var left = await AskedAsync(socket, "unsubscribe");
        await entries.NextAsync<Subscribed>();
        var shown = new List<Publication>();
        while (shown.Count < Size - 1)
        {
            shown.Add(await entries.NextAsync<Publication>());
        }

        await socket.SendAsync($$"""{"type":"subscription","action":"unsubscribed","channel":"gex_strike:SPY","timestamp":"2026-11-20T14:30:05.123Z","id":{{left.GetProperty("id")}}}""");
        var since = (await ConfirmAsync(socket, channel: "gex_strike:SPY")).GetProperty("since").GetProperty("offset").GetInt64();
        await socket.SendAsync(Strike(Last + 1, 0, ",\"merged\":" + (Last - since).ToString(CultureInfo.InvariantCulture)));
        shown.AddRange(await UntilAsync(entries, Last + 1));
        AssertRule(shown);
    }

    [Fact]
    public async Task A_gap_and_a_position_stay_where_they_are()
    {
        var client = Client(new() { MaxQueueSize = 8 });
        var entries = Read(client, "gex_strike:SPY");
        var socket = await Peer.NextSocketAsync();
        await ConfirmAsync(socket, channel: "gex_strike:SPY");
        await socket.SendAsync(Strike(1, 7));
        await socket.SendAsync(Strike(2, 7));
        await socket.SendAsync("""{"type":"gap","channel":"gex_strike:SPY","offset":3,"epoch":"e1","from_time":"2026-11-20T14:30:05.123Z","to_time":"2026-11-20T14:30:09.480Z","count":null,"reason":"upstream_down","backfilled":false}""");
        await socket.SendAsync("""{"type":"position","channel":"gex_strike:SPY","epoch":"e1","offset":6,"merged":3}""");
        for (var offset = 7; offset <= 20; offset++)
        {
            await socket.SendAsync(Strike(offset, 7));
        }

        await AllTakenAsync(client, socket);
        await entries.NextAsync<Subscribed>();
        var gap = await entries.NextAsync<Gap>();
        Assert.Equal((3, 2), (gap.Position.Offset, gap.Merged));
        var last = 3L;
        while (last < 20)
        {
            var newest = await entries.NextAsync<Publication>();
            Assert.Equal(last + 1 + newest.Merged, newest.Position.Offset);
            last = newest.Position.Offset;
        }
    }

    [Fact]
    public void The_state_feeds_and_their_keys_are_those_of_the_catalogue()
    {
        using var catalogue = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SourceTree.Source.FullName, "Tidewire", "Fanout", "feeds.json")));
        var seen = 0;
        foreach (var feed in catalogue.RootElement.GetProperty("feeds").EnumerateArray())
        {
            var fields = feed.GetProperty("key").EnumerateArray().Select(static field => field.GetString()!).ToArray();
            var payload = new Publication("test") { Position = default, Payload = JsonSerializer.SerializeToUtf8Bytes(fields.ToDictionary(static field => field, static field => $"the {field}")) };
            foreach (var name in feed.GetProperty("aliases").EnumerateArray().Select(static alias => alias.GetString()!).Append(feed.GetProperty("name").GetString()!))
            {
                var isState = feed.GetProperty("class").GetString() == "state";
                Assert.Equal(isState ? string.Join('\0', fields.Select(static field => $"\"the {field}\"")) : null, StateKey.Of(name)?.Invoke(payload));
                seen += isState ? 1 : 0;
            }
        }

        Assert.InRange(seen, 10, 100);
    }

    [Theory]
    [InlineData("gex_strike:SPY", """{"strike":"560"}""", "\"560\"")] // the channel carries the symbol
    [InlineData("gex_strike:SPY", """{"ticker":"SPY"}""", null)]
    [InlineData("gex_strike:SPY", """{"strike":{"of":1}}""", null)]
    [InlineData("gex_strike:SPY", """{"nested":{"strike":1},"strike":2}""", "2")]
    [InlineData("gex_strike:SPY", "no JSON", null)]
    [InlineData("price:SPY", "{}", "")]
    public void A_payload_without_its_key_replaces_nothing(string channel, string payload, string? key)
        => Assert.Equal(key, StateKey.Of(channel)!(new Publication("test") { Position = default, Payload = Encoding.UTF8.GetBytes(payload) }));

    private static string Strike(long offset, long strike, string more = "") => $$"""{"type":"message","channel":"gex_strike:SPY","offset":{{offset}}{{more}},"timestamp":"2026-11-20T14:30:05.123Z","data":{"ticker":"SPY","strike":{{strike}}},"source":"socket"}""";

    /// <summary>Until the client has taken what was sent before: messages of one socket are taken in order.</summary>
    private async Task AllTakenAsync(TidewireClient client, PeerSocket socket)
    {
        var other = Read(client);
        await ConfirmAsync(socket);
        await other.NextAsync<Subscribed>();
    }

    private static async Task<List<Publication>> UntilAsync(Entries entries, long last)
    {
        var shown = new List<Publication>();
        while (shown.Count == 0 || shown[^1].Position.Offset < last)
        {
            if (await entries.NextAsync() is Publication publication)
            {
                shown.Add(publication);
            }
        }

        return shown;
    }

    private static void AssertRule(List<Publication> shown)
    {
        var previous = 0L;
        foreach (var publication in shown)
        {
            Assert.Equal(previous + 1 + publication.Merged, publication.Position.Offset);
            previous = publication.Position.Offset;
        }
    }
}
