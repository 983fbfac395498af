using Tidewire.Client;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Client;

/// <summary>From a time to a position, over gaps, and the past page by page.</summary>
[Trait("Promise", "sdk-dotnet-quickstart")]
public sealed class FindPositionTests : ServerTest
{
    [Fact]
    public async Task A_time_before_an_outage_leads_to_the_first_publication_behind_it()
    {
        var server = await StartAsync();
        await using var client = new TidewireClient(server.Url);
        var began = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        await using var entries = client.SubscribeEntries("flow-alerts").GetAsyncEnumerator();
        Assert.IsType<Subscribed>(await NextAsync(entries));
        await UntilJoinedAsync("flow-alerts");
        await Provider.SendDataAsync("flow-alerts", """{"id":"a"}""");
        var first = Assert.IsType<Publication>(await NextAsync(entries));
        await Provider.PartAsync(Parting.Finish);
        await Provider.WaitForJoinsAsync("flow-alerts", 2);
        Assert.IsType<Gap>(await NextAsync(entries));
        var afterTheGap = TimeProvider.System.GetUtcNow();
        await Provider.SendDataAsync("flow-alerts", """{"id":"b"}""");
        var last = Assert.IsType<Publication>(await NextAsync(entries));

        Assert.Equal(first.Position with { Offset = first.Position.Offset - 1 }, await client.FindPositionAsync("flow-alerts", began));
        Assert.Equal(last.Position with { Offset = last.Position.Offset - 1 }, await client.FindPositionAsync("flow-alerts", afterTheGap));
        Assert.Equal(last.Position, await client.FindPositionAsync("flow-alerts", TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.Null(await client.FindPositionAsync("news", began));
    }

    [Fact]
    public async Task The_past_is_read_page_by_page()
    {
        var server = await StartSimulatedAsync(("Simulation:Rate", "20"));
        await using var client = new TidewireClient(server.Url);
        var count = 0;
        await foreach (var alert in client.Subscribe("flow-alerts"))
        {
            if (++count == 6)
            {
                break;
            }
        }

        var newer = await client.GetHistoryAsync("flow", before: 7, limit: 3);
        var older = await client.GetHistoryAsync("flow", before: newer.Publications[0].Position.Offset, limit: 3);
        Assert.Equal([4L, 5, 6], newer.Publications.Select(static publication => publication.Position.Offset));
        Assert.Equal([1L, 2, 3], older.Publications.Select(static publication => publication.Position.Offset));
        var refused = await Assert.ThrowsAsync<TidewireException>(() => client.GetHistoryAsync("nope"));
        Assert.Equal("unknown_channel", refused.Code);
    }

    private static async Task<Entry> NextAsync(IAsyncEnumerator<Entry> entries)
    {
        Assert.True(await entries.MoveNextAsync().AsTask().WithinBound("an entry"));
        return entries.Current;
    }
}
