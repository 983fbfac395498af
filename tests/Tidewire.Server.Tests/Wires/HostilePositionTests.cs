using System.Net;
using System.Text.Json;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Wires;

/// <summary>Positions that no server gave out: every wire says the same of each, and none of them breaks anything.</summary>
public sealed class HostilePositionTests : HttpWireTest
{
    private const string Channel = "flow-alerts";
    private const string Beyond = "the offset is beyond the newest entry";
    private const string Changed = "the epoch has changed: the log's past was lost";

    /// <summary>The epoch (null for the present one), the offset, and what is said: null for recovered.</summary>
    public static TheoryData<string?, long, string?> Readable { get; } = new()
    {
        { null, 0, null },
        { null, 1, null },
        { null, 30, null },
        { null, 31, Beyond },
        { null, 1L << 40, Beyond },
        { null, (1L << 41) + 3, Beyond },
        { null, long.MaxValue, Beyond },
        { "e1", 0, Changed },
        { "e1", long.MaxValue, Changed },
        { "sim-e1", 3, Changed },
        { new string('e', 64), 3, Changed },
    };

    [Theory]
    [MemberData(nameof(Readable))]
    public async Task Each_is_answered_alike_on_every_wire(string? epoch, long offset, string? reason)
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"));
        Publish(Channel, 1, 30);
        epoch ??= Server.Hub.Epoch;
        var since = $"{epoch}:{offset}";
        var first = reason is null ? offset + 1 : 31;

        var socket = await ConnectAsync();
        await socket.SendTextAsync($$"""{"type":"subscribe","channel":"flow","since":{"epoch":"{{epoch}}","offset":{{offset}}},"id":1}""");
        Judge(await socket.NextOfTypeAsync("subscription"), reason);

        var poll = await Poller("flow").AskAsync($"since={since}&wait=0");
        Assert.Equal(HttpStatusCode.OK, poll.Status);
        Judge(poll.Body, reason);

        var events = await EventsAsync("flow", lastEventId: since);
        var stream = Keep(await StreamClient.ConnectAsync(Server.Url, "flow", (epoch, offset)));
        if (reason is not null)
        {
            Judge(await stream.NextAsync(), reason);
        }

        await UntilSubscribedAsync(Channel, Log(Channel).Subscribers);
        Publish(Channel, 31, 31);
        Assert.Equal(first, (await stream.NextAsync()).GetProperty("offset").GetInt64());
        Assert.Equal(first, (await socket.NextOfTypeAsync("message")).GetProperty("offset").GetInt64());
        while (true)
        {
            var next = await events.NextEventAsync();
            if (next is { Id: { } id, Data.Length: > 0 } && id.EndsWith($":{first}", StringComparison.Ordinal))
            {
                break;
            }
        }
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("9223372036854775808")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("\"5\"")]
    [InlineData("null")]
    [InlineData("[5]")]
    public async Task An_offset_that_is_none_is_refused_and_the_connection_stays(string offset)
    {
        await StartWithoutUpstreamAsync();
        Publish(Channel, 1, 3);
        var socket = await ConnectAsync();
        await socket.SendTextAsync($$"""{"type":"subscribe","channel":"flow","since":{"epoch":"e1","offset":{{offset}}},"id":1}""");
        var error = await socket.NextOfTypeAsync("error");
        Assert.Equal(("bad_value", "since", 1), (error.GetProperty("error").GetString(), error.GetProperty("field").GetString(), error.GetProperty("id").GetInt32()));
        await socket.SendTextAsync("""{"type":"ping","id":2}""");
        await socket.NextOfTypeAsync("pong");
        foreach (var text in (string[])["e1:" + offset, "e1:-5", ":", "e1", "é:5", "e1: 5", "e1:٣", new string('e', 65) + ":1"])
        {
            var poll = await Poller("flow").AskAsync($"since={Uri.EscapeDataString(text)}");
            Assert.Equal((text, HttpStatusCode.BadRequest), (text, poll.Status));
            Assert.Equal("since", poll.Body.GetProperty("field").GetString());
        }
    }

    [Fact]
    public async Task A_position_of_a_channel_that_no_one_knows_or_that_showed_nothing_is_answered()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder));
        Publish(Channel, 1, 3);
        var unknown = await Poller("no-such-feed").AskAsync($"since={Server.Hub.Epoch}:2");
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        var silent = await Poller("gex/QQQ").AskAsync($"since={Server.Hub.Epoch}:2&wait=0");
        Assert.Equal((HttpStatusCode.OK, false), (silent.Status, silent.Body.GetProperty("recovered").GetBoolean()));
        Assert.Equal(Beyond, silent.Body.GetProperty("reason").GetString());
        var history = await ConnectAsync();
        await history.SendTextAsync("""{"type":"history","channel":"flow","before":9223372036854775807,"limit":1000}""");
        Assert.Equal(3, (await history.NextOfTypeAsync("history")).GetProperty("messages").GetArrayLength());
        await history.SendTextAsync("""{"type":"history","channel":"flow","before":1,"limit":1000}""");
        Assert.Equal(0, (await history.NextOfTypeAsync("history")).GetProperty("messages").GetArrayLength());
    }

    private static void Judge(JsonElement answer, string? reason)
    {
        Assert.Equal(reason is null, answer.GetProperty("recovered").GetBoolean());
        Assert.Equal(reason, answer.TryGetProperty("reason", out var why) ? why.GetString() : null);
    }
}
