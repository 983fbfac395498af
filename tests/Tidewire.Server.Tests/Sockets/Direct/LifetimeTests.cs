using System.Text;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Sockets.Direct;

/// <summary>Sockets that go, or stay, at the wrong moment harm no one else.</summary>
public sealed class LifetimeTests : ServerTest
{
    [Fact]
    public async Task Sockets_that_never_say_anything_do_not_hold_up_a_stop()
    {
        await StartWithoutUpstreamAsync();
        for (var i = 0; i < 5; i++)
        {
            Keep(RawSocket.Open(Server.Url)); // as browsers open them in advance
        }

        await ConnectAsync(); // those before it have been accepted
        var began = TimeProvider.System.GetTimestamp();
        await Server.StopAsync().WithinBound("the server to stop");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(8)); // what a stop may take
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_what_to_do()
    {
        await StartWithoutUpstreamAsync();
        var refused = await Assert.ThrowsAsync<IOException>(() => StartWithoutUpstreamAsync(("TIDEWIRE_URLS", Server.Url.ToString())));
        Assert.Contains("already in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_are_cut_off_in_mid_write_take_no_one_with_them()
    {
        await StartAsync();
        var bystander = await ConnectAsync();
        var pad = new string('x', 30_000);
        for (var round = 0; round < 5; round++)
        {
            var stuck = new List<RawSocket>();
            for (var i = 0; i < 20; i++)
            {
                stuck.Add(Keep(await RawSocket.ConnectAsync(Server.Url, "/api/stream/ws/flow"))); // reads nothing
            }

            await UntilJoinedAsync("flow-alerts");
            using var enough = new CancellationTokenSource();
            var before = Server.Hub.Counters.PublishedCount;
            var pump = Provider.PumpAsync("flow-alerts", 1000, TimeSpan.FromMinutes(1), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}},"pad":"{{pad}}"}"""), enough.Token);
            await ServerUnderTest.UntilAsync(() => Server.Hub.Counters.PublishedCount > before + 200, "more to be published than the buffers take");
            stuck.ForEach(static client => client.EndSending()); // the server cuts off a client that ended its side without a word
            await enough.CancelAsync();
            await pump;
            await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "those that were cut off to be gone");
        }

        Assert.Empty(await bystander.UntilPongAsync());
    }
}
