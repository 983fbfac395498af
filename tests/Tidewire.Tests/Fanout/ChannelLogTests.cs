using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class ChannelLogTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Offsets_rise_by_one_from_one_in_each_channel()
    {
        for (var i = 1; i <= 300; i++)
        {
            Assert.Equal(new StreamPosition(_world.Hub.Epoch, i), _world.Publish(Event));
        }

        Assert.Equal(1, _world.Publish(State).Offset);
        Assert.Equal((300L, 1L), (_world.Log(Event).Tail, _world.Log(State).Tail));
        Assert.Equal(301, _world.Hub.Counters.PublishedCount);
    }

    [Fact]
    public void An_empty_log_has_no_tail_and_no_time()
    {
        Assert.Equal((0L, null, 0), (_world.Log(Event).Tail, _world.Log(Event).LastAt, _world.Log(Event).Recent(10).Length));
        _world.Publish(Event);
        Assert.Equal(Start, _world.Log(Event).LastAt);
    }

    [Fact]
    public void The_recent_entries_come_oldest_first()
    {
        _world.PublishMany(Event, 50);
        var log = _world.Log(Event);
        Assert.Equal([48L, 49L, 50L], log.Recent(3).Select(entry => entry.Offset));
        Assert.Equal([8L, 9L], log.Recent(2, before: 10).Select(entry => entry.Offset));
        Assert.Equal(["47", "48", "49"], log.Recent(3).Select(entry => Encoding.UTF8.GetString(entry.Payload)));
        Assert.Equal(50, log.Recent(1000).Length);
        Assert.Equal(50, log.Recent(1000, before: long.MaxValue).Length);
        Assert.Empty(log.Recent(0));
        Assert.Empty(log.Recent(10, before: 1));
        Assert.Empty(log.Recent(10, before: -5));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_log_keeps_no_more_entries_than_it_may(int most)
    {
        using var world = new FanoutWorld(options => options.MaxLogLength = most);
        world.PublishMany(Event, 5_000);
        var entries = world.Log(Event).Recent(10_000);
        Assert.Equal(Enumerable.Range(5_001 - most, most).Select(offset => (long)offset), entries.Select(entry => entry.Offset));
    }

    [Fact]
    public void An_entry_keeps_its_payload_and_its_frame_as_they_came()
    {
        var frame = """ [ "gex:SPY" , {"price" : 1.50} ] """u8.ToArray();
        var start = frame.AsSpan().IndexOf((byte)'{');
        _world.Hub.Publish(_world.Log(State), Publication.OfFrame(frame, start..(frame.AsSpan().IndexOf((byte)'}') + 1), Start, PublicationSource.Socket));
        _world.Publish(State, """{"rest":1}""");

        var entries = _world.Log(State).Recent(2);
        Assert.Equal("""{"price" : 1.50}""", Encoding.UTF8.GetString(entries[0].Payload));
        Assert.Equal(frame, entries[0].Frame.ToArray());
        Assert.Equal(0, entries[1].Frame.Length);
    }

    [Fact]
    public void A_gap_takes_an_offset_of_its_own()
    {
        _world.Publish(Event);
        var log = _world.Log(Event);
        log.Interrupt(GapReason.UpstreamDown, Start.AddSeconds(1));
        log.Interrupt(GapReason.NotJoined, Start.AddSeconds(2)); // the first one counts
        _world.Hub.Resume(log, PublicationSource.Socket, Start.AddSeconds(3));
        _world.Hub.Resume(log, PublicationSource.Socket, Start.AddSeconds(4)); // nothing is missing any more
        _world.Publish(Event);

        var entries = log.Recent(10);
        Assert.Equal([1L, 2L, 3L], entries.Select(entry => entry.Offset));
        Assert.Equal(new Gap(Start.AddSeconds(1), Start.AddSeconds(3), null, GapReason.UpstreamDown, false), entries[1].Gap);
        Assert.Equal([true, false, true], entries.Select(entry => entry.Gap is null));
    }

    [Fact]
    public void A_log_that_never_held_anything_goes_with_its_last_subscriber()
    {
        var client = _world.Connect();
        client.Subscribe("gex:NOPE");
        Assert.Single(_world.Hub.Logs);
        client.Unsubscribe("gex:NOPE");
        Assert.Empty(_world.Hub.Logs);
    }

    [Fact]
    public void A_log_that_comes_back_never_repeats_an_offset()
    {
        using var world = Tiny();
        var given = new HashSet<long>();
        for (var life = 0; life < 20; life++)
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.True(given.Add(world.Publish(State).Offset));
            }

            world.Publish(Event, new string('x', 2 << 20)); // evicts everything
            Assert.Empty(world.Hub.Logs);
            Assert.Equal(0, world.Hub.MemoryUsed);
        }
    }

    [Fact]
    public async Task A_position_of_a_former_life_is_never_resumed()
    {
        using var world = Tiny();
        world.PublishMany(State, 10);
        var tail = world.Publish(State);
        world.Publish(Event, new string('x', 2 << 20));
        Assert.Empty(world.Hub.Logs);

        for (var offset = 0; offset <= tail.Offset + 2; offset++)
        {
            var client = world.Connect();
            var start = client.Subscribe(State, tail with { Offset = offset }).Start;
            Assert.False(start.Recovered, $"{start} from {offset}, with {tail.Offset} the last one shown");
            client.Connection.Dispose();
        }

        var live = world.Connect();
        live.Subscribe(State);
        Assert.True(world.Publish(State).Offset > tail.Offset);
        await live.ShownAsync(State, tail.Offset + 1);
    }

    [Fact]
    public async Task What_is_published_to_a_log_that_has_just_gone_is_neither_lost_nor_counted_for_ever()
    {
        // The publisher looks a log up and publishes to it; between the two its last subscriber may leave and another come.
        using var world = Tiny();
        var client = world.Connect();
        client.Subscribe(State);
        var held = world.Log(State);
        client.Unsubscribe(State);
        client.Subscribe(State);
        world.Hub.Publish(held, Publication.OfPayload("{}"u8.ToArray(), Start, PublicationSource.Socket));

        await client.Transport.UntilAsync(transport => transport.Entries(State).Count == 1, "what was published");
        world.Publish(Event, new string('x', 2 << 20));
        Assert.Equal(0, world.Hub.MemoryUsed);
    }

    [Fact]
    public void The_epoch_tells_a_simulated_hub_and_changes_with_each_start()
    {
        using var simulated = new FanoutWorld(simulated: true);
        using var other = new FanoutWorld();
        Assert.StartsWith("sim-", simulated.Hub.Epoch, StringComparison.Ordinal);
        Assert.DoesNotContain("sim", other.Hub.Epoch, StringComparison.Ordinal);
        Assert.NotEqual(_world.Hub.Epoch, other.Hub.Epoch);
        Assert.All((string[])[simulated.Hub.Epoch, other.Hub.Epoch], epoch => Assert.True(StreamPosition.IsEpoch(epoch)));
    }

    [Fact]
    public void A_log_is_found_by_name_and_by_bytes()
    {
        var log = _world.Log(State);
        Assert.True(_world.Hub.TryGet("gex:SPY"u8, out var found));
        Assert.Same(log, found);
        Assert.False(_world.Hub.TryGet("gex:QQQ"u8, out _));
        Assert.False(_world.Hub.TryGet(new byte[500], out _));
        Assert.False(_world.Hub.TryGet([0xFF, 0xC3, 0x28], out _));
    }

    private static FanoutWorld Tiny() => new(options =>
    {
        options.MemoryBytes = 1 << 20;
        options.History = 0;
    });
}
