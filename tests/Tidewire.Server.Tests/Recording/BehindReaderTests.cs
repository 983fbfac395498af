using System.Text.Json;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A live reader whose next entry is on disk alone for too long: it is closed, and resumes from there.</summary>
[Collection(Alone.Name)]
public sealed class BehindReaderTests : HttpWireTest
{
    private const string Channel = "flow-alerts";
    private const int Count = 6_000;
    private static readonly string Pad = new('x', 3_000);

    [Theory]
    [InlineData(null)]
    [InlineData("n >= 0 and not n = 2000")]
    public async Task It_is_closed_with_4008_after_the_limit_and_resumes_completely(string? filter)
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"), ("Fanout:BehindLimit", "00:00:01"), ("Fanout:SlowReaderLimit", "00:10:00"));
        var query = filter is null ? "" : $"?filter={Uri.EscapeDataString(filter)}";
        var seen = new List<int>();
        var offset = 0L;
        var reader = await LoadAsync(
            $"/api/stream/ws/flow{query}",
            message =>
            {
                using var json = JsonDocument.Parse(message.ToArray());
                if (json.RootElement.TryGetProperty("data", out _))
                {
                    offset = Held(json.RootElement, offset);
                    seen.Add(Number(json.RootElement));
                }
            },
            socketBufferBytes: 4096);
        await UntilSubscribedAsync(Channel);
        reader.Pause();
        Publish(Channel, 1, Count, Pad); // far more than the sockets between the two hold
        await Server.Hub.SettledAsync();
        await ServerUnderTest.UntilAsync(() => Server.Hub.Counters.SlowReaderCount == 1, "the reader to be found behind");
        Assert.Equal(0, Log(Channel).Subscribers);
        reader.Resume();
        await reader.WaitForCloseAsync();
        Assert.Equal(4008, reader.CloseCode);
        Assert.InRange(seen.Count, 1, Count - 1);

        var back = Keep(await StreamClient.ConnectAsync(Server.Url, "flow", (Server.Hub.Epoch, offset), filter: filter));
        while (offset < Count)
        {
            var item = await back.NextAsync();
            Assert.False(item.TryGetProperty("recovered", out _), item.GetRawText());
            offset = Held(item, offset);
            seen.Add(Number(item));
        }

        Assert.Equal(Enumerable.Range(1, Count).Where(n => filter is null || n != 2_000), seen);
    }

    [Fact]
    public async Task It_is_found_behind_also_when_it_was_up_to_date_at_the_last_write_that_it_does_not_take()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"), ("Fanout:BehindLimit", "00:00:01"), ("Fanout:SlowReaderLimit", "00:10:00"));
        var reader = await LoadAsync("/api/stream/ws/flow", static _ => { }, socketBufferBytes: 4096);
        await UntilSubscribedAsync(Channel);
        reader.Pause();
        var witness = await StreamAsync("flow");
        await UntilSubscribedAsync(Channel, 2);
        var pad = new string('x', 200_000);
        for (var n = 1; n <= 200; n++)
        {
            Publish(Channel, n, n, pad);
            Assert.Equal(n, Number(await witness.NextAsync())); // the other was told of it too, and takes it or is in the midst of a write
        }

        await ServerUnderTest.UntilAsync(() => Server.Hub.Counters.SlowReaderCount == 1, "the reader to be found behind");
        reader.Resume();
        await reader.WaitForCloseAsync();
        Assert.Equal(4008, reader.CloseCode);
    }

    [Fact]
    public async Task One_that_catches_up_in_time_stays()
    {
        await StartWithoutUpstreamAsync(("TIDEWIRE_DATA", Folder), ("Fanout:MaxLogLength", "64"), ("Fanout:BehindLimit", "00:01:00"), ("Fanout:SlowReaderLimit", "00:10:00"));
        var offset = 0L;
        var reader = await LoadAsync(
            "/api/stream/ws/flow",
            message =>
            {
                using var json = JsonDocument.Parse(message.ToArray());
                Volatile.Write(ref offset, Held(json.RootElement, offset));
            },
            socketBufferBytes: 4096);
        await UntilSubscribedAsync(Channel);
        reader.Pause();
        Publish(Channel, 1, Count, Pad);
        await Server.Hub.SettledAsync();
        reader.Resume();
        await ServerUnderTest.UntilAsync(() => Volatile.Read(ref offset) == Count, "the newest entry");
        Assert.Equal((0L, false), (Server.Hub.Counters.SlowReaderCount, reader.Completion.IsCompleted));
    }

    private static long Held(JsonElement item, long previous)
    {
        var offset = item.GetProperty("offset").GetInt64();
        var filtered = item.TryGetProperty("filtered", out var count) ? count.GetInt64() : 0;
        if (item.TryGetProperty("type", out var type) && type.GetString() == "position")
        {
            Assert.Equal(previous + filtered, offset);
        }
        else
        {
            Assert.Equal(previous + 1 + filtered, offset);
        }

        return offset;
    }
}
