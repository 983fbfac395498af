using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>What the provider sends twice is published once and counted; what it sends again with other content corrects what was published.</summary>
[Collection(nameof(Alone))]
public sealed class DuplicateTests
{
    private const string Alerts = "flow-alerts";

    [Fact]
    public void The_same_id_with_the_same_bytes_is_published_once_and_counted()
    {
        using var world = World(Alerts);
        world.Send(Alerts, """{"id":"a","premium":1}""");
        world.Send(Alerts, """{"id":"b","premium":1}""");
        world.Send(Alerts, """{"id":"a","premium":1}""");
        Assert.Equal(["""{"id":"a","premium":1}""", """{"id":"b","premium":1}"""], world.Payloads(Alerts));
        Assert.Equal((1L, 2L), (world.Status.CountOf(FrameFault.Duplicate), world.Status.DataFrames));
    }

    [Fact]
    public void The_same_id_with_other_bytes_corrects_the_newest_of_it()
    {
        using var world = World(Alerts);
        foreach (var premium in (int[])[1, 2, 2, 3, 1])
        {
            world.Send(Alerts, $$"""{"id":"a","premium":{{premium}}}""");
            world.Send(Alerts, $$"""{"id":"other-{{premium}}","premium":{{premium}}}""");
        }

        var entries = Log(world, Alerts).Recent(100).Where(static entry => Encoding.UTF8.GetString(entry.Payload).Contains("\"a\"", StringComparison.Ordinal)).ToArray();
        Assert.Equal([1, 2, 3, 1], entries.Select(static entry => entry.Payload[^2] - '0'));
        Assert.Equal([0, .. entries.Take(3).Select(static entry => entry.Offset)], entries.Select(static entry => entry.Replaces));
        Assert.Equal(3, world.Status.CountOf(FrameFault.Duplicate)); // the second 2, and of the others those of 2 and of 1
    }

    [Fact]
    public void Spacing_is_content()
    {
        using var world = World(Alerts);
        world.Send(Alerts, """{"id":"a"}""");
        world.Send(Alerts, """{"id": "a"}""");
        Assert.Equal(1, Log(world, Alerts).Recent(1)[0].Replaces);
    }

    [Theory]
    [InlineData("off_lit_trades", """{"symbol":"SPY","id":"a","executed_at":1,"price":"1","size":1}""")]
    [InlineData("news", """{"id":"a","headline":"x"}""")]
    [InlineData("gex:SPY", """{"id":"a","ticker":"SPY"}""")]
    [InlineData("flow-alerts", """{"ticker":"SPY"}""")]
    [InlineData("flow-alerts", """{"nested":{"id":"a"}}""")]
    [InlineData("flow-alerts", """{"id":null}""")]
    [InlineData("flow-alerts", """{"id":{"id":"a"}}""")]
    [InlineData("flow-alerts", """{"x":"\"id\":\"a\""}""")]
    [InlineData("futures_trades", """{"id":"a"}""")]
    public void Where_there_is_no_id_nothing_is_left_out(string channel, string payload)
    {
        using var world = World(channel);
        world.Send(channel, payload);
        world.Send(channel, payload);
        Assert.Equal([payload, payload], world.Payloads(channel));
        Assert.Equal(0, world.Status.CountOf(FrameFault.Duplicate));
        Assert.All(Log(world, channel).Recent(2), static entry => Assert.Equal(0, entry.Replaces));
    }

    [Theory]
    [InlineData("futures_trades", """{"price":"1","trade_id":7}""")]
    [InlineData("futures:ESZ6", """{"trade_id":"7"}""")]
    [InlineData("option_trades:SPY", """{"tags":[{"id":"x"}],"id":"a","more":{"id":"y"}}""")]
    public void The_id_is_the_feeds_own_field_at_the_top(string channel, string payload)
    {
        using var world = World(channel);
        world.Send(channel, payload);
        world.Send(channel, payload);
        Assert.Equal([payload], world.Payloads(channel));
    }

    [Fact]
    public void One_trade_on_two_channels_is_published_on_both()
    {
        using var world = World("option_trades", "option_trades:SPY");
        world.Send("option_trades", """{"id":"a"}""");
        world.Send("option_trades:SPY", """{"id":"a"}""");
        Assert.Equal((1, 1), (world.Payloads("option_trades").Count, world.Payloads("option_trades:SPY").Count));
    }

    [Fact]
    public void What_is_sent_again_after_a_reconnect_is_known_and_proves_the_channel()
    {
        using var world = World(Alerts);
        world.Send(Alerts, """{"id":"a"}""");
        world.Answer = static _ => null;
        world.Break();
        world.Return();
        world.Send(Alerts, """{"id":"a"}""");
        Assert.Equal(["socket {\"id\":\"a\"}", "gap lost"], world.Entries(Alerts));
        Assert.Equal(ChannelState.Live, Assert.Single(world.Demand.Channels).State);
    }

    [Fact]
    public async Task What_a_store_gave_back_is_known()
    {
        var seen = new SeenPublications(FanoutWorld.Catalogue);
        await using var world = new UpstreamWorld(seen: seen);
        await world.OpenAsync();
        var client = world.Subscribe(Alerts);
        await world.JoinedAsync(Alerts);
        foreach (var (offset, payload) in (List<(long, string)>)[(40, """{"id":"a","x":1}"""), (41, """{"id":"b"}"""), (42, """{"x":{"id":"c"},"id":"a"}""")])
        {
            var bytes = Encoding.UTF8.GetBytes(UpstreamWorld.Data(Alerts, payload));
            seen.Learn(world.LogOf(Alerts), Publication.OfStored(offset, bytes, 15..^1, isFrame: true, world.Time.GetUtcNow(), PublicationSource.Socket, gap: null, replaces: 0));
        }

        seen.Learn(world.LogOf(Alerts), Publication.OfPayload("""{"id":"rest"}"""u8.ToArray(), world.Time.GetUtcNow(), PublicationSource.Rest)); // whether its ids are the socket's is unproven
        foreach (var payload in (string[])["""{"id":"b"}""", """{"id":"a","x":1}""", """{"id":"rest"}"""])
        {
            world.Upstream.Frame(UpstreamWorld.Data(Alerts, payload));
        }

        await client.ShownAsync(Alerts, 2);
        Assert.Equal([("""{"id":"a","x":1}""", 42L), ("""{"id":"rest"}""", 0L)], world.LogOf(Alerts).Recent(9).Select(static entry => (Encoding.UTF8.GetString(entry.Payload), entry.Replaces)));
        Assert.Equal(1, world.Status.CountOf(FrameFault.Duplicate));
    }

    [Theory]
    [InlineData(512, 40)]
    [InlineData(1 << 14, 40)]
    [InlineData(1 << 17, 3)]
    public void Against_a_model_nothing_new_is_ever_called_known_and_the_newest_are_remembered(int most, int channels)
    {
        var random = new Random(7);
        var seen = new SeenPublications(FanoutWorld.Catalogue, most);
        var model = Enumerable.Range(0, channels).Select(static _ => (Order: new List<int>(), Newest: new Dictionary<int, (int Version, long Offset)>())).ToArray();
        var offset = 0L;
        var known = 0;
        for (var n = 0; n < 300_000; n++)
        {
            var channel = random.Next(channels);
            var (order, newest) = model[channel];
            var id = random.Next(4) == 0 && order.Count > 0 ? order[random.Next(Math.Max(0, order.Count - 200), order.Count)] : n;
            var version = newest.TryGetValue(id, out var before) && random.Next(2) == 0 ? before.Version : n;
            var what = Look(seen, $"option_trades:T{channel}", id, version, out var look);
            if (what != default)
            {
                known++;
                Assert.Equal((before.Version == version, before.Offset), (what.IsDuplicate, what.Replaces));
            }
            else if (newest.ContainsKey(id))
            {
                Assert.True(most < 200 * channels, "one of the newest was forgotten");
            }

            if (!what.IsDuplicate)
            {
                seen.Published(look, ++offset);
                if (!newest.ContainsKey(id))
                {
                    order.Add(id);
                }

                newest[id] = (version, offset);
            }
        }

        Assert.True(known > 1000 || most == 512);
    }

    [Fact]
    public void A_channel_remembers_its_newest_65536()
    {
        var seen = new SeenPublications(FanoutWorld.Catalogue);
        for (var id = 0; id < 100_000; id++)
        {
            Assert.Equal(default, Look(seen, Alerts, id, 0, out var look));
            seen.Published(look, id + 1);
        }

        for (var id = 0; id < 100_000; id++)
        {
            var what = Look(seen, Alerts, id, 0, out _);
            Assert.Equal(id >= 100_000 - 65_536, what.IsDuplicate);
        }
    }

    [Fact]
    public void A_look_takes_no_memory_and_little_time()
    {
        var seen = new SeenPublications(FanoutWorld.Catalogue);
        var payload = Encoding.UTF8.GetBytes($$"""{"x":"{{new string('x', 900)}}"}""");
        var id = new byte[38];

        double Run(int from, int count)
        {
            var began = Stopwatch.GetTimestamp();
            for (var n = from; n < from + count; n++)
            {
                BitConverter.TryWriteBytes(id, n);
                if (!seen.Look("option_trades", id, payload, out var look).IsDuplicate)
                {
                    seen.Published(look, n + 1);
                }
            }

            return Stopwatch.GetElapsedTime(began).TotalNanoseconds / count;
        }

        Run(0, 200_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var each = Enumerable.Range(0, 200).Select(round => Run(200_000 + (5_000 * round), 5_000)).Min();
        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - allocated) / 1_000_000); // the enumeration's own few bytes aside
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure: a look and a note of 908 bytes: {each:0} ns"));
        Assert.True(each < 1500, $"{each:0} ns");
    }

    [Fact]
    public void Fingerprints_of_bytes_that_differ_differ()
    {
        var all = new HashSet<Fingerprint>();
        var count = 0;
        for (var length = 0; length <= 100; length++)
        {
            Assert.True(all.Add(Fingerprint.Of(new byte[length]))); // zeros behind the end
            count++;
            for (var bit = 0; bit < 8 * length; bit++)
            {
                var bytes = new byte[length];
                bytes[bit / 8] = (byte)(1 << (bit % 8));
                Assert.True(all.Add(Fingerprint.Of(bytes)));
                count++;
            }
        }

        Assert.Equal(count, all.Select(static one => one.High).Distinct().Count());
        Assert.Equal(count, all.Select(static one => one.Low).Distinct().Count());
        Assert.Equal(Fingerprint.Of("abc"u8), Fingerprint.Of("abc"u8));
    }

    private static Seen Look(SeenPublications seen, string channel, int id, int version, out SeenLook look)
    {
        Span<byte> text = stackalloc byte[8];
        BitConverter.TryWriteBytes(text, id);
        BitConverter.TryWriteBytes(text[4..], version);
        return seen.Look(channel, text[..4], text, out look);
    }

    private static ChannelLog Log(RestWorld world, string channel) => world.Hub.Logs.Single(log => log.Name.ToString() == channel);

    private static RestWorld World(params string[] channels)
    {
        var world = new RestWorld(socket: true);
        world.Subscribe(channels);
        world.Pass(0.5);
        return world;
    }
}
