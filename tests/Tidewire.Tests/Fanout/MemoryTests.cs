using Tidewire.Fanout;
using Tidewire.Testing;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class MemoryTests
{
    private const long Limit = 1 << 20;

    [Fact]
    public void Memory_stays_within_its_bound_whatever_is_published()
    {
        using var world = World();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            world.Publish($"gex:T{random.Next(300)}", new string('x', random.Next(1, 2_000)));
            Assert.InRange(world.Hub.MemoryUsed, 0, Limit);
        }

        Assert.InRange(world.Hub.MemoryUsed, Limit / 2, Limit);
    }

    [Fact]
    public void The_coldest_channel_comes_down_to_its_history_first()
    {
        using var world = World(history: 10);
        foreach (var channel in (string[])["gex:COLD", "gex:COOL", "gex:WARM"])
        {
            Fill(world, channel, 250_000);
        }

        Fill(world, "gex:HOT", 350_000);
        Assert.InRange(Count(world, "gex:COLD"), 11, 249);
        Assert.Equal(250, Count(world, "gex:COOL"));

        Fill(world, "gex:HOT", 200_000);
        Assert.Equal(10, Count(world, "gex:COLD"));
        Assert.InRange(Count(world, "gex:COOL"), 11, 249);
        Assert.Equal(250, Count(world, "gex:WARM"));
        Assert.Equal(550, Count(world, "gex:HOT"));
    }

    [Fact]
    public void When_that_is_not_enough_the_coldest_channel_comes_down_to_nothing()
    {
        using var world = World(history: 100);
        for (var i = 0; i < 10; i++)
        {
            Fill(world, $"gex:T{i}", 100_000);
        }

        var before = world.Hub.Logs.Count();
        Fill(world, "gex:HOT", 100_000);
        Assert.False(world.Hub.TryGet("gex:T0"u8, out _)); // it holds nothing and serves no one
        Assert.Equal(100, Count(world, "gex:HOT"));
        Assert.Equal(100, Count(world, "gex:T9"));
        Assert.InRange(world.Hub.Logs.Count(), 2, before);
    }

    [Fact]
    public void A_channel_that_is_written_to_is_not_cold()
    {
        using var world = World(history: 10);
        Fill(world, "gex:FIRST", 300_000);
        Fill(world, "gex:SECOND", 300_000);
        world.Publish("gex:FIRST");
        Fill(world, "gex:HOT", 600_000);

        Assert.True(Count(world, "gex:FIRST") > Count(world, "gex:SECOND"));
    }

    [Fact]
    public void An_entry_larger_than_the_bound_leaves_again()
    {
        using var world = World();
        world.Publish(State);
        world.Publish(Event, new string('x', 3 << 20));
        Assert.Equal(0, world.Hub.MemoryUsed);
        Assert.Equal(3, world.Publish(Event).Offset); // nor is its offset given out again
    }

    [Fact]
    public async Task Encodings_are_counted_and_given_back()
    {
        using var world = new FanoutWorld();
        world.PublishMany(Event, 100);
        var bare = world.Hub.MemoryUsed;
        var clients = new[] { world.Connect(), world.Connect(), world.Connect(new TextWire(slot: 5)) };
        foreach (var client in clients)
        {
            client.Subscribe(Event, history: 100);
            await client.ShownAsync(Event, 100);
        }

        var encoded = clients[0].Transport.Sends.Concat(clients[2].Transport.Sends).Sum(send => send.Length)
            - (2 * "subscribed|option_trades:SPY|0|0|\n".Length);
        Assert.Equal(bare + encoded, world.Hub.MemoryUsed);

        for (var burst = 1; burst <= 16; burst++)
        {
            world.PublishMany(Event, 64); // in the end all hundred stand behind the tail whose encodings are kept
            foreach (var client in clients)
            {
                await client.ShownAsync(Event, 100 + (burst * 64));
            }
        }

        var log = world.Log(Event);
        var entries = log.Recent(2_000);
        var kept = entries.TakeLast(1_024).Sum(entry => 2L * world.Wire.Encode(log, entry, default).Length);
        Assert.Equal(kept + entries.Sum(entry => (long)entry.Payload.Length + Publication.Overhead), world.Hub.MemoryUsed);
    }

    [Fact]
    public async Task Encodings_made_for_a_reader_far_behind_are_not_kept()
    {
        using var world = new FanoutWorld();
        var client = world.Connect();
        world.PublishMany(Event, 10_000);
        var bare = world.Hub.MemoryUsed;
        client.Subscribe(Event, history: 10_000);
        await client.ShownAsync(Event, 10_000);

        var largest = client.Transport.Entries(Event).Max(entry => $"entry|{Event}|{entry.Offset}|0|{entry.Text}\n".Length);
        Assert.InRange(world.Hub.MemoryUsed - bare, 0, 1_100L * largest);
    }

    [Fact]
    public async Task What_has_left_memory_is_counted_no_more_even_while_readers_encode_it()
    {
        const int Count = 100_000;
        var budget = new MemoryBudget(long.MaxValue);
        var wire = new TextWire();
        using var world = new FanoutWorld();
        var log = world.Log(Event);
        var entries = Enumerable.Range(0, Count).Select(_ => Publication.OfPayload([], Start, PublicationSource.Socket)).ToArray();
        for (var i = 0; i < Count; i++)
        {
            budget.Add(entries[i].TakenBy(budget));
        }

        var at = 0;
        var reader = Task.Factory.StartNew(
            () =>
            {
                while (Volatile.Read(ref at) is var next and < Count)
                {
                    entries[next].Encoded(wire, log);
                }
            },
            TaskCreationOptions.LongRunning);
        for (var i = 0; i < Count; i++)
        {
            Volatile.Write(ref at, i);
            budget.Add(-entries[i].Evicted());
        }

        Volatile.Write(ref at, Count);
        await reader.WithinBound("the reader to end");
        Assert.Equal(0, budget.Used);
    }

    private static FanoutWorld World(int history = 100) => new(options =>
    {
        options.MemoryBytes = Limit;
        options.History = history;
    });

    /// <summary>Publishes entries that count for 1,000 bytes each.</summary>
    private static void Fill(FanoutWorld world, string channel, int bytes)
    {
        for (var left = bytes; left > 0; left -= 1_000)
        {
            world.Publish(channel, new string('x', 1_000 - Publication.Overhead));
        }
    }

    private static int Count(FanoutWorld world, string channel) => world.Log(channel).Recent(10_000).Length;
}
