using System.Globalization;
using System.Text.Json;
using Tidewire.Fanout;

namespace Tidewire.Tests.Fanout;

/// <summary>What a reader of a state feed is given that lags: the newest of each key, and the count of the rest.</summary>
public sealed class ConflationTests : IDisposable
{
    private const string Channel = "gex_strike_expiry:SPY";
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_reader_that_lags_is_given_the_newest_of_each_key_and_the_count_of_what_it_replaced()
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 5_000; n++)
        {
            Publish(_world, n, strike: n % 100);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 5_001);
        var entries = client.Transport.Entries(Channel);
        InvariantOneTests.Holds(entries, 0);
        Assert.Equal(101, entries.Count);
        Assert.Equal(4_900, entries.Sum(entry => entry.Merged));
        Assert.Equal(Enumerable.Range(4_900, 100), entries.Skip(1).Select(entry => Of(entry).Number));
    }

    [Fact]
    public async Task What_has_no_newer_value_is_never_left_out()
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 3_000; n++)
        {
            Publish(_world, n, strike: n);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 3_001);
        Assert.Equal(Enumerable.Range(1, 3_001).Select(offset => (long)offset), client.Transport.Offsets(Channel));
    }

    [Fact]
    public async Task Having_caught_up_it_is_given_every_entry_again()
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 2_000; n++)
        {
            Publish(_world, n, strike: 1);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 2_001);
        client.Transport.Hold();
        Publish(_world, 2_000, strike: 1);
        await client.Transport.UntilAsync(transport => transport.IsSending, "a send");
        for (var n = 2_001; n < 2_011; n++)
        {
            Publish(_world, n, strike: 1);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 2_012);
        Assert.All(client.Transport.Entries(Channel).TakeLast(11), entry => Assert.Equal(0, entry.Merged));
    }

    [Fact]
    public async Task A_position_is_resumed_with_every_entry_that_was_missed()
    {
        for (var n = 0; n < 3_000; n++)
        {
            Publish(_world, n, strike: 1);
        }

        var client = _world.Connect();
        Assert.True(client.Subscribe(Channel, since: new(_world.Hub.Epoch, 10)).Start.Recovered);
        await client.ShownAsync(Channel, 3_000);
        Assert.Equal(2_990, client.Transport.Entries(Channel).Count);
    }

    [Theory]
    [InlineData("""{"strike":"600","n":1}""")]
    [InlineData("""{"ticker":"SPY","expiry":"2026-11-20","strike":{"a":1},"n":1}""")]
    [InlineData("""[{"expiry":"2026-11-20","strike":"600"}]""")]
    [InlineData("17")]
    [InlineData("not JSON")]
    public async Task An_entry_without_a_key_is_never_left_out(string payload)
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 2_000; n++)
        {
            _world.Publish(Channel, payload);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 2_001);
        Assert.Equal(2_001, client.Transport.Entries(Channel).Count);
    }

    [Fact]
    public async Task A_key_is_its_values_whatever_their_order_and_what_stands_between_them()
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 2_000; n++)
        {
            _world.Publish(Channel, (n % 4) switch
            {
                0 => $$"""{"expiry":"2026-11-20","strike":"1","n":{{n}}}""",
                1 => $$"""{"n":{{n}},"deep":{"strike":"7","a":[1,{"expiry":"x"}]},"strike":"1","expiry":"2026-11-20"}""",
                2 => $$"""{ "strike" : "1" , "n":{{n}}, "expiry" : "2026-11-20" }""",
                _ => $$"""{"expiry":"2026-11-201","strike":"","n":{{n}}}""", // no concatenation of the former
            });
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 2_001);
        Assert.Equal([0L, 1_998, 1_999], client.Transport.Entries(Channel).Select(entry => Of(entry.Text)).Select(Number));

        static long Number(JsonElement row) => row.GetProperty("n").GetInt64();
        static JsonElement Of(string text) => JsonDocument.Parse(text).RootElement;
    }

    [Fact]
    public async Task A_gap_is_never_left_out()
    {
        var client = await HeldAsync(_world);
        for (var n = 0; n < 3_000; n++)
        {
            Publish(_world, n, strike: 1);
            if (n % 1_000 == 500)
            {
                var log = _world.Log(Channel);
                log.Interrupt(GapReason.UpstreamDown, _world.Time.GetUtcNow());
                _world.Hub.Resume(log, PublicationSource.Socket, _world.Time.GetUtcNow());
            }
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 3_004);
        var entries = client.Transport.Entries(Channel);
        Assert.Equal(["entry", "gap", "gap", "gap", "entry"], entries.Select(entry => entry.Kind));
        InvariantOneTests.Holds(entries, 0);
    }

    [Fact]
    public async Task A_reader_that_missed_the_value_of_a_key_for_good_is_told_to_resume()
    {
        using var world = new FanoutWorld(options => options.MaxLogLength = 64);
        var client = await HeldAsync(world);
        Publish(world, 0, strike: 1);
        for (var n = 1; n < 100; n++)
        {
            Publish(world, n, strike: 2 + (n % 10));
        }

        client.Transport.Release();
        await client.ClosedAsync();
        Assert.Equal(Tidewire.Protocol.Disconnect.Slow, Assert.Single(client.Transport.Closes));
        var back = world.Connect().Subscribe(Channel, since: new(world.Hub.Epoch, 1));
        Assert.False(back.Start.Recovered);
    }

    [Fact]
    public async Task A_reader_that_missed_a_gap_for_good_is_told_to_resume()
    {
        using var world = new FanoutWorld(options => options.MaxLogLength = 64);
        var client = await HeldAsync(world);
        var log = world.Log(Channel);
        log.Interrupt(GapReason.UpstreamDown, world.Time.GetUtcNow());
        world.Hub.Resume(log, PublicationSource.Socket, world.Time.GetUtcNow());
        for (var n = 0; n < 100; n++)
        {
            Publish(world, n, strike: 1);
        }

        client.Transport.Release();
        await client.ClosedAsync();
        Assert.Equal(Tidewire.Protocol.Disconnect.Slow, Assert.Single(client.Transport.Closes));
        Assert.DoesNotContain(client.Transport.Offsets(Channel), offset => offset > 2);
    }

    [Fact]
    public async Task A_reader_whose_next_entries_left_memory_after_they_were_replaced_goes_on()
    {
        using var world = new FanoutWorld(options => options.MaxLogLength = 64);
        var client = await HeldAsync(world);
        for (var n = 0; n < 500; n++)
        {
            Publish(world, n, strike: n % 10);
        }

        client.Transport.Release();
        await client.ShownAsync(Channel, 501);
        var entries = client.Transport.Entries(Channel);
        InvariantOneTests.Holds(entries, 0);
        Assert.Empty(client.Transport.Closes);
    }

    [Fact]
    public void Keys_are_counted_and_given_back()
    {
        using var world = new FanoutWorld(options => options.MemoryBytes = 1 << 20);
        for (var n = 0; n < 20_000; n++)
        {
            Publish(world, n, strike: n);
            Assert.InRange(world.Hub.MemoryUsed, 0, 1 << 20);
        }

        world.Publish(FanoutWorld.Event, new string('x', 2 << 20));
        Assert.Equal(0, world.Hub.MemoryUsed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_published_and_however_it_is_taken_the_final_value_of_each_key_is_right(int seed)
    {
        var random = new Random(seed);
        var finals = new Dictionary<int, int>();
        var clients = Enumerable.Range(0, 6).Select(_ => _world.Connect()).ToArray();
        Array.ForEach(clients, client => client.Subscribe(Channel));
        for (var n = 0; n < 20_000; n++)
        {
            var strike = random.Next(random.Next(1, 3_000));
            Publish(_world, n, strike);
            finals[strike] = n;
            if (random.Next(50) == 0)
            {
                var client = clients[random.Next(clients.Length)];
                Action act = random.Next(4) switch { 0 or 1 => client.Transport.Hold, 2 => client.Transport.Take, _ => client.Transport.Release };
                act();
            }
        }

        foreach (var client in clients)
        {
            client.Transport.Release();
            await client.ShownAsync(Channel, 20_000);
            var entries = client.Transport.Entries(Channel);
            InvariantOneTests.Holds(entries, 0);
            Assert.Equal(20_000, entries.Count + entries.Sum(entry => entry.Merged));
            var seen = new Dictionary<int, int>();
            foreach (var (strike, number) in entries.Select(Of))
            {
                Assert.True(number > seen.GetValueOrDefault(strike, -1));
                seen[strike] = number;
            }

            Assert.Equal(finals.OrderBy(pair => pair.Key), seen.OrderBy(pair => pair.Key));
        }
    }

    /// <summary>A client that holds on to the first entry.</summary>
    private static async Task<FanoutClient> HeldAsync(FanoutWorld world)
    {
        var client = world.Connect();
        client.Subscribe(Channel);
        client.Transport.Hold();
        world.Publish(Channel, """{"expiry":"first","strike":"0","n":0}""");
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        return client;
    }

    private static void Publish(FanoutWorld world, int number, int strike)
        => world.Publish(Channel, string.Create(CultureInfo.InvariantCulture, $$"""{"ticker":"SPY","expiry":"2026-11-20","strike":"{{strike}}","n":{{number}}}"""));

    private static (int Strike, int Number) Of(Shown entry)
    {
        using var row = JsonDocument.Parse(entry.Text);
        return (int.Parse(row.RootElement.GetProperty("strike").GetString()!, CultureInfo.InvariantCulture), row.RootElement.GetProperty("n").GetInt32());
    }
}
