using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class PositionTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_quiet_subscription_is_told_its_position_every_ten_seconds()
    {
        _world.PublishMany(Event, 7);
        var client = _world.Connect();
        client.Subscribe(Event);
        _world.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.Empty(Positions(client));

        _world.Time.Advance(TimeSpan.FromSeconds(2));
        await client.Transport.UntilAsync(_ => Positions(client).Count == 1, "the first position");
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        await client.Transport.UntilAsync(_ => Positions(client).Count >= 4, "three more");
        Assert.InRange(Positions(client).Count, 4, 5);
        Assert.All(Positions(client), position => Assert.Equal((Event, 7L), (position.Channel, position.Offset)));
    }

    [Fact]
    public async Task A_subscription_that_shows_something_is_not()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        for (var i = 1; i <= 10; i++)
        {
            _world.Time.Advance(TimeSpan.FromSeconds(8));
            _world.Publish(Event);
            await client.ShownAsync(Event, i);
        }

        Assert.Empty(Positions(client));
    }

    [Fact]
    public async Task A_subscription_whose_entries_its_wire_hides_is_told_how_far_it_is()
    {
        var client = _world.Connect(new TextWire(slot: 4) { Hides = static publication => publication.Payload.Length == 1 });
        var subscription = client.Subscribe(Event);
        client.Subscribe(State);
        _world.PublishMany(Event, 5);
        _world.Publish(State);
        await client.ShownAsync(State, 1);
        _world.Time.Advance(TimeSpan.FromSeconds(10));

        await client.Transport.UntilAsync(_ => Positions(client).Count == 2, "a position of each");
        Assert.Equal([(Event, 5L), (State, 1L)], Positions(client).Select(position => (position.Channel, position.Offset)).OrderByDescending(position => position.Offset));
        Assert.Equal(5, client.Connection.PositionOf(subscription).Offset);
    }

    [Fact]
    public async Task A_position_never_runs_ahead_of_the_count_of_what_was_merged()
    {
        using var world = new FanoutWorld(options =>
        {
            options.MaxLogLength = 64;
            options.MemoryBytes = 1 << 20;
            options.History = 0;
        });
        var client = world.Connect();
        client.Subscribe(State);
        client.Transport.Hold();
        world.Publish(State);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        await world.FallBehindAsync(client, State, 500);
        world.Publish(Event, new string('x', 2 << 20)); // everything leaves memory, itself included
        Assert.Empty(world.Log(State).Recent(10));

        client.Reply("pong"); // goes out with the look at what there is to read
        client.Transport.Release();
        await client.Transport.UntilAsync(transport => transport.Shown.Any(line => line.Text == "pong"), "the answer");
        for (var second = 0; second < 12; second++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await client.Transport.UntilAsync(_ => Positions(client).Count > 0, "a position");
        world.Publish(State);
        await client.ShownAsync(State, 502);

        // A client goes on from a position as from an entry: the next entry is one more than it and what was merged.
        var seen = client.Transport.Shown.Where(line => line.Kind is "entry" or "position").ToList();
        for (var i = 1; i < seen.Count; i++)
        {
            Assert.Equal(seen[i].Kind == "entry" ? seen[i - 1].Offset + 1 + seen[i].Merged : seen[i].Offset, seen[i].Offset);
        }
    }

    private static List<Shown> Positions(FanoutClient client) => [.. client.Transport.Shown.Where(line => line.Kind == "position")];
}
