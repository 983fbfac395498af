using System.Text.Json;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Recording;

/// <summary>What is kept on disk: recovery across the end of the process and from beyond what memory holds.</summary>
public sealed class DurableLogTests : ServerTest
{
    private const string Channel = "flow-alerts";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_wire_resumes_across_the_end_of_the_process(bool killed)
    {
        var since = await BeginAsync(1, 40);
        await SendAsync(41, 300);
        await ServerUnderTest.UntilAsync(() => Server.Published == 300, "300 publications");
        await EndAsync(killed);

        var server = await StartKeptAsync();
        Assert.Equal(since.Epoch, server.Hub.Epoch);
        var socket = Keep(await TidewireClient.ConnectAsync(server.Url));
        await socket.NextOfTypeAsync("connection");
        var answer = await socket.SubscribedAsync(Channel, since: since);
        Assert.True(answer.GetProperty("recovered").GetBoolean());
        var stream = Keep(await StreamClient.ConnectAsync(server.Url, "flow", since));
        var events = Keep(await SseClient.ConnectAsync(server.Url, "/api/stream/sse/flow", lastEventId: $"{since.Epoch}:{since.Offset}"));
        var poll = Keep(new PollClient(server.Url, "flow") { Position = $"{since.Epoch}:{since.Offset}" });
        await Provider.WaitForJoinAsync(Channel);
        await SendAsync(301, 310);

        await MissedThenLiveAsync(socket.NextAsync, since.Offset, killed);
        await MissedThenLiveAsync(stream.NextAsync, since.Offset, killed);
        await MissedThenLiveAsync(events.NextAsync, since.Offset, killed);
        var polled = new Queue<JsonElement>();
        await MissedThenLiveAsync(
            async () =>
            {
                while (polled.Count == 0)
                {
                    Array.ForEach((await poll.NextAsync()).Messages, polled.Enqueue);
                }

                return polled.Dequeue();
            },
            since.Offset,
            killed);
    }

    [Fact]
    public async Task What_was_missed_beyond_memory_is_read_from_disk_once_for_all_who_ask()
    {
        var since = await BeginAsync(1, 10, ("Fanout:MaxLogLength", "64"));
        await SendAsync(11, 3_000);
        await ServerUnderTest.UntilAsync(() => Server.Published == 3_000, "3,000 publications");
        var readers = new List<StreamClient>();
        for (var i = 0; i < 30; i++)
        {
            readers.Add(await StreamAsync("flow", since));
        }

        await Task.WhenAll(readers.Select(async reader =>
        {
            for (var n = 11; n <= 3_000; n++)
            {
                var item = await reader.NextAsync();
                Assert.Equal((n, since.Offset + n - 10), (item.GetProperty("data").GetProperty("n").GetInt32(), item.GetProperty("offset").GetInt64()));
            }
        }));
        using var metrics = await Server.SendAsync("/metrics");
        var reads = int.Parse((await metrics.Content.ReadAsStringAsync()).Split('\n').Single(line => line.StartsWith("tidewire_recovery_reads_total ", StringComparison.Ordinal)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(reads, 2_936 / 256, 2 * 3_000 / 256); // pages of 256, each read once or, where it was the last, twice
    }

    [Fact]
    public async Task The_past_can_be_asked_for_across_the_end_of_the_process()
    {
        await BeginAsync(1, 30);
        await EndAsync(killed: false);
        var server = await StartKeptAsync();
        var client = Keep(await TidewireClient.ConnectAsync(server.Url));
        await client.NextOfTypeAsync("connection");
        await client.SendTextAsync($$"""{"type":"history","channel":"{{Channel}}","limit":12}""");
        var history = await client.NextOfTypeAsync("history");
        Assert.Equal(Enumerable.Range(19, 12), history.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("data").GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task No_offset_is_given_out_twice_however_often_the_process_is_killed()
    {
        var shown = new Dictionary<long, string>();
        var since = await BeginAsync(1, 5);
        for (var life = 1; life <= 5; life++)
        {
            await EndAsync(killed: true);
            var server = await StartKeptAsync();
            var client = Keep(await StreamClient.ConnectAsync(server.Url, "flow", since));
            await Provider.WaitForJoinAsync(Channel);
            await SendAsync(life * 10, (life * 10) + 4);
            JsonElement item;
            do
            {
                item = await client.NextAsync();
                Assert.False(item.TryGetProperty("recovered", out _), item.GetRawText());
                var offset = item.GetProperty("offset").GetInt64();
                var merged = item.TryGetProperty("merged", out var count) ? count.GetInt64() : 0;
                Assert.Equal(since.Offset + 1 + merged, offset);
                Assert.True(shown.TryAdd(offset, item.GetRawText()), $"offset {offset} was shown twice");
                since = (since.Epoch, offset);
            }
            while (!item.TryGetProperty("data", out var data) || data.GetProperty("n").GetInt32() != (life * 10) + 4);
        }
    }

    [Fact]
    public async Task A_second_process_on_one_folder_is_refused()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder));
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder)));
        Assert.Contains(Folder, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulated_data_never_shares_a_store_or_an_epoch_with_real_data()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder));
        var simulated = await StartSimulatedAsync(("TIDEWIRE_DATA", Folder));
        Assert.StartsWith("sim-", simulated.Hub.Epoch, StringComparison.Ordinal);
        Assert.NotEqual(Server.Hub.Epoch, simulated.Hub.Epoch);
    }

    private static async Task MissedThenLiveAsync(Func<Task<JsonElement>> nextAsync, long last, bool killed)
    {
        var wanted = 41;
        var gaps = new List<string>();
        while (wanted <= 310)
        {
            var item = await nextAsync();
            var offset = item.GetProperty("offset").GetInt64();
            Assert.Equal(last + 1 + (item.TryGetProperty("merged", out var merged) ? merged.GetInt64() : 0), offset);
            last = offset;
            if (item.TryGetProperty("data", out var data))
            {
                Assert.Equal(wanted++, data.GetProperty("n").GetInt32());
            }
            else
            {
                Assert.Equal(301, wanted);
                gaps.Add(item.GetProperty("reason").GetString()!);
            }
        }

        Assert.Equal(killed ? ["store_lost", "upstream_down"] : ["upstream_down"], gaps);
    }

    private Task<ServerUnderTest> StartKeptAsync(params (string Name, string? Value)[] settings) => StartAsync([("TIDEWIRE_DATA", Folder), .. settings]);

    /// <summary>A server with a channel on which some were published and seen; the position after them.</summary>
    private async Task<(string Epoch, long Offset)> BeginAsync(int from, int to, params (string Name, string? Value)[] settings)
    {
        await StartKeptAsync(settings);
        var client = await ConnectAsync();
        await client.SubscribedAsync(Channel);
        await UntilJoinedAsync(Channel);
        await SendAsync(from, to);
        JsonElement seen = default;
        for (var n = from; n <= to; n++)
        {
            seen = await client.NextOfTypeAsync("message");
        }

        return (Server.Hub.Epoch, seen.GetProperty("offset").GetInt64());
    }

    private async Task EndAsync(bool killed)
    {
        var server = Latest;
        if (killed)
        {
            await server.CrashAsync();
        }
        else
        {
            await server.StopAsync();
            await server.DisposeAsync();
        }
    }

    private async Task SendAsync(int from, int to)
    {
        for (var n = from; n <= to; n++)
        {
            await Provider.SendDataAsync(Channel, $$"""{"id":"a{{n}}","n":{{n}}}""");
        }
    }
}
