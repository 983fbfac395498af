using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

[Collection(Alone.Name)]
[Trait("Promise", "upstream-return")]
public sealed class ReturnTests : ServerTest
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);
    private static readonly string[] Forms = ["flow-alerts", "gex:IWM", "gex:QQQ", "gex:SPY"];

    /// <summary>How the provider goes, and how many attempts at its closed door precede its return.</summary>
    public static TheoryData<string, int[]> Outages => new()
    {
        { "reset", [2, 2, 6] },
        { "close 1001", [2, 4] },
    };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Live_again_within_two_seconds_of_the_providers_return_time_after_time(string way, int[] attempts)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        await StartAsync();
        var clients = await WatchAsync();
        var slowest = TimeSpan.Zero;
        var round = 0;
        foreach (var knocks in attempts)
        {
            round++;
            await Provider.StopAsync(way == "reset" ? Parting.Reset : Parting.GoingAway);
            await Server.UntilUpstreamAsync(view => view.State != UpstreamState.Connected, "to notice the outage");
            Assert.NotEqual("connected", (await Server.StatusAsync()).GetProperty("status").GetString());
            await Server.UntilUpstreamAsync(view => view.Attempt >= knocks && view.NextAttemptAt is not null, $"to have knocked {knocks} times");

            var back = TimeProvider.System.GetTimestamp();
            await Provider.StartAsync();
            foreach (var form in Forms)
            {
                await Provider.WaitForJoinAsync(form);
            }

            Assert.Equal(Forms, Provider.Joined);
            foreach (var form in Forms)
            {
                await Provider.SendDataAsync(form, $$"""{"round":{{round}}}""");
            }

            await clients.SawAsync(round);
            var took = TimeProvider.System.GetElapsedTime(back);
            Assert.Equal("connected", (await Server.StatusAsync()).GetProperty("status").GetString());
            Assert.True(took < Promised, $"round {round}: live again after {took.TotalSeconds:0.00} s");
            slowest = took > slowest ? took : slowest;
        }

        await Task.WhenAll(Forms.Select(form => Provider.WaitForJoinsAsync(form, attempts.Length + 1)));
        Assert.All(Forms, form => Assert.Equal(attempts.Length + 1, Provider.JoinsOf(form)));
        Assert.Equal(1, Provider.MaxConnectionsOpen);
        Assert.True(clients.AreOpen);
        Figure($"outages by {way}", attempts.Length);
        Figure($"provider back to live, slowest after {way}", $"{slowest.TotalSeconds:0.00} s (promised: < 2 s)");
        Figure("channels joined again", $"{Forms.Length} of {Forms.Length}, once each");
    }

    [Fact]
    public async Task A_provider_that_restarts_within_a_blink_is_met_again_at_once()
    {
        await StartAsync();
        var clients = await WatchAsync();
        var back = TimeProvider.System.GetTimestamp();
        await Provider.PartAsync(Parting.GoingAway);
        await Provider.WaitForConnectionAsync(2);
        foreach (var form in Forms)
        {
            await Provider.WaitForJoinAsync(form);
            await Provider.SendDataAsync(form, """{"round":1}""");
        }

        await clients.SawAsync(1);
        Assert.True(TimeProvider.System.GetElapsedTime(back) < Promised);
    }

    private async Task<Watchers> WatchAsync()
    {
        var stream = await StreamAsync("gex/SPY");
        var tidewire = await ConnectAsync();
        await tidewire.SubscribedAsync("gex:QQQ");
        await tidewire.SubscribedAsync("flow");
        var socket = await SocketAsync();
        await socket.JoinAsync("gex:IWM");
        await UntilJoinedAsync(Forms);
        foreach (var form in Forms)
        {
            await Provider.SendDataAsync(form, """{"round":0}""");
        }

        var watchers = new Watchers(stream, tidewire, socket);
        await watchers.SawAsync(0);
        return watchers;
    }

    private sealed class Watchers(StreamClient stream, TidewireClient tidewire, UnusualWhalesClient socket)
    {
        public bool AreOpen => stream.IsOpen && tidewire.IsOpen && socket.IsOpen;

        /// <summary>Waits for the data of a round on each client, and, after an outage, for the gap before it.</summary>
        public async Task SawAsync(int round)
        {
            if (round > 0)
            {
                Assert.Equal("upstream_down", (await stream.NextOfTypeAsync("gap")).GetProperty("reason").GetString());
            }

            var seen = await stream.NextAsync();
            Assert.Equal(round, seen.GetProperty("data").GetProperty("round").GetInt32());
            var (gaps, data) = (0, 0);
            while (data < 2)
            {
                var item = await tidewire.NextAsync();
                gaps += item.GetProperty("type").GetString() == "gap" ? 1 : 0;
                if (item.TryGetProperty("data", out var payload))
                {
                    Assert.Equal(round, payload.GetProperty("round").GetInt32());
                    data++;
                }
            }

            Assert.Equal(round > 0 ? 2 : 0, gaps);
            var text = await socket.NextTextAsync();
            text = text.Contains("status", StringComparison.Ordinal) ? await socket.NextTextAsync() : text; // the join's acknowledgement
            Assert.Equal($$"""["gex:IWM",{"round":{{round}}}]""", text);
        }
    }
}
