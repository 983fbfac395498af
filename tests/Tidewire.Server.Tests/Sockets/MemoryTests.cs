using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>Invariant 8: memory is bounded by configuration, whatever clients do.</summary>
public sealed class MemoryTests : ServerTest
{
    private const long Limit = 4 << 20;

    /// <summary>What several threads may add between looking at the budget and adding to it.</summary>
    private const long Slack = 64 << 10;

    [Fact]
    public async Task Clients_that_read_the_whole_past_on_several_wires_do_not_exceed_the_budget()
    {
        await StartWithoutUpstreamAsync(("Fanout:MemoryBytes", $"{Limit}"));
        var feed = Server.Get<FeedCatalogue>().Feeds.Single(known => known.Name == "flow-alerts");
        var log = Server.Hub.GetOrAdd(ChannelName.Of(feed.Name), feed);
        var pad = new string('x', 3_400);
        const int Entries = 1_000;
        for (var n = 1; n <= Entries; n++)
        {
            Publish(log, $$"""{"n":{{n}},"pad":"{{pad}}"}""");
        }

        await Server.Hub.SettledAsync();
        Assert.InRange(Server.Hub.MemoryUsed, Limit / 2, Limit);
        var stream = await StreamAsync("flow", history: Entries);
        var tidewire = await ConnectAsync();
        Assert.True((await tidewire.SubscribedAsync("flow", since: (log.Epoch, log.Tail - Entries))).GetProperty("recovered").GetBoolean());
        for (var n = 1; n <= Entries; n++)
        {
            Assert.Equal(n, (await stream.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
            Assert.Equal(n, (await tidewire.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
        }

        Assert.InRange(Server.Hub.MemoryUsed, 1, Limit + Slack);
    }

    [Fact]
    public async Task Many_channels_share_one_budget_and_the_coldest_is_cut_first()
    {
        await StartWithoutUpstreamAsync(("Fanout:MemoryBytes", $"{Limit}"), ("Fanout:History", "10"));
        var feed = Server.Get<FeedCatalogue>().Feeds.Single(known => known.Name == "gex");
        var pad = new string('x', 2_000);
        var logs = Enumerable.Range(0, 50).Select(i => Server.Hub.GetOrAdd(ChannelName.Of("gex", $"T{i}"), feed)).ToArray();
        foreach (var log in logs)
        {
            for (var n = 0; n < 100; n++)
            {
                Publish(log, $$"""{"n":{{n}},"pad":"{{pad}}"}""");
                Assert.InRange(Server.Hub.MemoryUsed, 1, Limit + Slack);
            }
        }

        await Server.Hub.SettledAsync();
        Assert.Equal((10, 100), (logs[0].Recent(1_000).Length, logs[^1].Recent(1_000).Length));
    }

    private void Publish(ChannelLog log, string payload) =>
        Server.Publish(log, Publication.OfPayload(Encoding.UTF8.GetBytes(payload), TimeProvider.System.GetUtcNow(), PublicationSource.Rest));
}
