using System.Net;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A disk whose reads never return: who asks for what is on it alone is told so; no one else notices.</summary>
[Collection(Alone.Name)]
public sealed class StandingReadsTests : HttpWireTest
{
    private const string Channel = "flow-alerts";
    private const int Clients = 400;

    [Fact]
    public async Task Hundreds_that_resume_from_it_hold_up_no_one()
    {
        FaultyStore disk = null!;
        BeforeStore = store => disk = new FaultyStore(store);
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"), ("Fanout:ReadLimit", "00:00:03"));
        Server.ExpectError("Past entries cannot be read: the disk has not answered for 3 s.");
        Publish(Channel, 1, 600);
        var live = await StreamAsync("flow");
        await UntilSubscribedAsync(Channel);
        try
        {
            disk.BlocksReads();
            var since = $"since={Server.Hub.Epoch}:5";
            var polls = Enumerable.Range(0, Clients).Select(_ => Poller("flow").AskAsync(since)).ToArray();
            var socket = await ConnectAsync();
            await socket.SendTextAsync($$"""{"type":"subscribe","channel":"flow","since":{"epoch":"{{Server.Hub.Epoch}}","offset":5},"id":1}""");
            await socket.SendTextAsync("""{"type":"history","channel":"flow","limit":500,"id":2}""");
            await ServerUnderTest.UntilAsync(() => Log(Channel).Subscribers == Clients + 2, "all of them to have asked");

            Assert.DoesNotContain(polls, static poll => poll.IsCompleted);
            var started = TimeProvider.System.GetTimestamp();
            Publish(Channel, 601, 601);
            Assert.Equal(601, Number(await live.NextAsync()));
            await socket.SendTextAsync("""{"type":"ping","id":3}""");
            Assert.Equal(3, (await socket.NextOfTypeAsync("pong")).GetProperty("id").GetInt32());
            using (var health = await Server.SendAsync("/health"))
            {
                Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            }

            var elapsed = TimeProvider.System.GetElapsedTime(started);
            Assert.True(elapsed < TimeSpan.FromSeconds(2), $"The others waited for {elapsed.TotalSeconds:0.0} s.");
            foreach (var poll in polls)
            {
                var answer = await poll;
                Assert.Equal((HttpStatusCode.OK, false), (answer.Status, answer.Body.GetProperty("recovered").GetBoolean()));
                Assert.Equal("the offset is older than what is in memory, and the disk does not answer", answer.Body.GetProperty("reason").GetString());
            }

            var refused = await socket.NextOfTypeAsync("subscription");
            Assert.Equal((1, false), (refused.GetProperty("id").GetInt32(), refused.GetProperty("recovered").GetBoolean()));
            var history = await socket.NextOfTypeAsync("history");
            Assert.Equal((2, 64), (history.GetProperty("id").GetInt32(), history.GetProperty("messages").GetArrayLength())); // what is in memory
        }
        finally
        {
            disk.Reads();
        }

        await ServerUnderTest.UntilAsync(() => Server.Logs.Any(static line => line.Text.Contains("can be read again", StringComparison.Ordinal)), "the disk to answer");
        var back = Keep(await StreamClient.ConnectAsync(Server.Url, "flow", (Server.Hub.Epoch, 5)));
        for (var n = 6; n <= 601; n++)
        {
            Assert.Equal(n, Number(await back.NextAsync()));
        }
    }
}
