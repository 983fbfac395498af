using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class EncodingTests
{
    [Fact]
    public async Task An_entry_is_encoded_once_per_wire_however_many_read_it()
    {
        using var world = new FanoutWorld();
        var wires = new[] { new TextWire(slot: 1), new TextWire(slot: 2) };
        var clients = Enumerable.Range(0, 60).Select(i => world.Connect(wires[i % 2])).ToList();
        clients.ForEach(client => client.Subscribe(Event));
        for (var burst = 0; burst < 10; burst++)
        {
            world.PublishMany(Event, 100); // no reader falls behind the tail whose encodings are kept
            foreach (var client in clients)
            {
                await client.ShownAsync(Event, (burst + 1) * 100);
            }
        }

        Assert.All(wires, wire =>
        {
            Assert.Equal(1_000, wire.Shared.Count);
            Assert.All(wire.Shared.Values, calls => Assert.Equal(1, calls));
            Assert.Equal(1_000, wire.Calls);
        });
        Assert.Equal(60_000, world.Hub.Counters.DeliveredCount);
    }

    [Fact]
    public void Nothing_is_encoded_while_no_one_reads()
    {
        using var world = new FanoutWorld();
        world.Connect();
        world.PublishMany(Event, 100);
        Assert.Equal(0, world.Wire.Calls);
    }

    [Fact]
    public void A_wire_has_one_of_eight_places()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextWire(slot: 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextWire(slot: -1));
    }
}
