using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Sockets;

[Collection(Alone.Name)]
public sealed class LoadTests : ServerTest
{
    [Fact]
    [Trait("Promise", "thousand-clients")]
    [Trait("Category", "long")]
    public Task A_thousand_clients_at_fifty_messages_a_second_for_a_minute_lose_nothing_across_a_restart() =>
        RunAsync(clients: 1_000, rate: 50, seconds: 60, restart: true);

    [Fact]
    [Trait("Promise", "hundred-fast")]
    [Trait("Category", "long")]
    public Task A_hundred_clients_at_a_thousand_messages_a_second_for_half_a_minute_lose_nothing_across_a_restart() =>
        RunAsync(clients: 100, rate: 1_000, seconds: 30, restart: true);

    [Fact]
    public Task A_hundred_clients_at_fifty_messages_a_second_lose_nothing_across_a_restart() =>
        RunAsync(clients: 100, rate: 50, seconds: 4, restart: true);

    [Fact]
    public Task Twenty_clients_at_a_thousand_messages_a_second_lose_nothing() =>
        RunAsync(clients: 20, rate: 1_000, seconds: 3, restart: false);

    private async Task RunAsync(int clients, int rate, int seconds, bool restart)
    {
        await StartAsync();
        await using var load = new Load(Server, Provider);
        await load.ConnectAsync(clients);
        var report = await load.RunAsync(rate, TimeSpan.FromSeconds(seconds), restart ? () => RestartAsync(TimeSpan.FromSeconds(seconds / 2.0)) : null);

        Figure("clients", clients);
        Figure("messages", $"{report.Pump.Sent} at {rate}/s; {report.Pump.LeftOut} fell due while the provider was away");
        Figure("deliveries", report.Deliveries);
        Figure("lost", $"{report.Lost} (promised: 0)");
        Figure("twice", $"{report.Twice} (promised: 0)");
        Figure("out of order", report.Reordered);
        Figure("clients disconnected", report.Ended);
        Figure("most connections to the provider at once", $"{Provider.MaxConnectionsOpen} (promised: 1)");
        Figure("sessions with the provider", Provider.ConnectionsAccepted);
        Figure("latency p50, p99, max", FormattableString.Invariant($"{report.P50:0.0} ms, {report.P99:0.0} ms, {report.Max:0.0} ms (clients, server and provider in one process)"));

        Assert.Equal((0, 0, 0, 0), (report.Lost, report.Twice, report.Reordered, report.Ended));
        Assert.Equal(report.Pump.Sent * clients, report.Deliveries);
        Assert.True(report.Pump.Sent >= (long)rate * seconds * (restart ? 3 : 4) / 4 - report.Pump.LeftOut);
        Assert.Equal(0, load.OffsetsBroken);
        Assert.All(load.Gaps, gaps => Assert.Equal(restart ? 1 : 0, gaps));
        Assert.Equal((1, restart ? 2 : 1), (Provider.MaxConnectionsOpen, Provider.ConnectionsAccepted));
        Assert.Equal(0, Server.Upstream.CountOf(Tidewire.Upstream.FrameFault.DroppedByUs));
    }

    /// <summary>Once half of the time has passed, the provider goes, as on a redeploy, and comes back.</summary>
    private async Task RestartAsync(TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System);
        await Provider.StopAsync(Parting.GoingAway);
        await Server.UntilUpstreamAsync(view => view is { Attempt: >= 2, NextAttemptAt: not null }, "to have noticed the outage");
        await Provider.StartAsync();
        await Provider.WaitForJoinAsync("option_trades");
    }
}
