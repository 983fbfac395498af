using System.Text;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

[Collection(Alone.Name)]
public class SlowReaderTests : ServerTest
{
    private const long Limit = 4 << 20;

    /// <summary>What several threads may add between looking at the budget and adding to it.</summary>
    private const long Slack = 64 << 10;
    private static readonly string Pad = new('x', 1500);

    [Theory]
    [InlineData("/api/ws")]
    [InlineData("/api/stream/ws/flow")]
    [InlineData("/socket?token=x")]
    public async Task A_client_that_stops_reading_is_cut_off_and_costs_the_others_nothing(string path)
    {
        await StartAsync(("Fanout:MemoryBytes", $"{Limit}"), ("Fanout:SlowReaderLimit", "00:00:01"));
        var checks = Enumerable.Range(0, 10).Select(_ => new SequenceCheck()).ToArray();
        var latest = new long[checks.Length];
        var clients = new List<LoadClient>();
        foreach (var i in Enumerable.Range(0, checks.Length))
        {
            clients.Add(await LoadAsync("/api/stream/ws/flow", message => Volatile.Write(ref latest[i], checks[i].Observe(message))));
        }

        var slow = await SlowAsync(path);
        await UntilJoinedAsync("flow-alerts");
        await ServerUnderTest.UntilAsync(() => Server.Hub.Logs.Single(static log => log.Feed.Name != "market_status").Subscribers == 11, "eleven subscribers");
        slow.Pause();

        long most = 0;
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("flow-alerts", 3_000, TimeSpan.FromMinutes(1), Payload, enough.Token);
        await ServerUnderTest.UntilAsync(
            () =>
            {
                most = Math.Max(most, Server.Hub.MemoryUsed);
                return Server.Hub.Counters.SlowReaderCount == 1 && Server.Hub.ConnectionsOpen == 10;
            },
            "the slow reader to be cut off");
        await enough.CancelAsync();
        var report = await pump;
        foreach (var client in clients)
        {
            await client.WaitForMessagesAsync(report.Sent);
        }

        Assert.All(checks, check => Assert.True(check is { IsPerfect: true, First: 0 } && check.Received == report.Sent, check.ToString()));
        Assert.InRange(report.LongestWrite, TimeSpan.Zero, TimeSpan.FromSeconds(1)); // the provider was read all the while
        Assert.InRange(most, 1, Limit + Slack);
        Assert.InRange(Server.Hub.MemoryUsed, 1, Limit + Slack);
        Assert.Equal(1, (await Server.JsonAsync("/api/ws/stats")).GetProperty("slow_readers_closed").GetInt32());
    }

    [Fact]
    public async Task A_reader_whose_next_entry_has_left_memory_is_told_to_resume_and_closed_with_4008()
    {
        await StartAsync(("Fanout:MaxLogLength", "256"), ("Recording:Enabled", "false"));
        var slow = await SlowAsync("/api/stream/ws/flow");
        await UntilJoinedAsync("flow-alerts");
        slow.Pause();
        await Provider.PumpAsync("flow-alerts", 5_000, TimeSpan.FromSeconds(2), Payload);
        await ServerUnderTest.UntilAsync(() => Server.Published == 10_000, "all publications");
        slow.Resume();
        await slow.WaitForCloseAsync();
        Assert.Equal(4008, slow.CloseCode);
        Assert.Contains("resume", slow.CloseReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_of_a_state_feed_that_lags_gets_the_newest_and_the_count_of_what_was_merged()
    {
        await StartAsync(("Fanout:MaxLogLength", "256"), ("Recording:Enabled", "false"));
        var offset = 0L;
        var faults = 0;
        var merged = 0L;
        var slow = await LoadAsync(
            "/api/stream/ws/gex/SPY",
            message =>
            {
                using var json = System.Text.Json.JsonDocument.Parse(message.ToArray());
                var skipped = json.RootElement.TryGetProperty("merged", out var count) ? count.GetInt64() : 0;
                var next = json.RootElement.GetProperty("offset").GetInt64();
                faults += offset > 0 && next != offset + 1 + skipped ? 1 : 0;
                offset = next;
                merged += skipped;
            },
            socketBufferBytes: 4096);
        await UntilJoinedAsync("gex:SPY");
        slow.Pause();
        await Provider.PumpAsync("gex:SPY", 5_000, TimeSpan.FromSeconds(2), Payload);
        await ServerUnderTest.UntilAsync(() => Server.Published == 10_000, "all publications");
        var tail = Server.Hub.Logs.Single(static log => log.Feed.Name != "market_status").Tail;
        slow.Resume();
        await ServerUnderTest.UntilAsync(() => Volatile.Read(ref offset) == tail, "the newest entry");
        Assert.Equal(0, faults);
        Assert.True(merged > 0);
        Assert.False(slow.Completion.IsCompleted);
    }

    private static ReadOnlyMemory<byte> Payload(long number) => Encoding.UTF8.GetBytes($$"""{"seq":{{number}},"pad":"{{Pad}}"}""");

    private async Task<LoadClient> SlowAsync(string path)
    {
        var client = await LoadAsync(path, _ => { }, socketBufferBytes: 4096);
        if (path == "/api/ws")
        {
            client.SendText("""{"type":"subscribe","channel":"flow"}""");
        }
        else if (path.StartsWith("/socket", StringComparison.Ordinal))
        {
            client.SendText("""{"channel":"flow-alerts","msg_type":"join"}""");
        }

        return client;
    }
}
