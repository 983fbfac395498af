using Tidewire.Fanout;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class DeliveryTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_subscriber_is_shown_each_entry_once_and_in_order()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        _world.PublishMany(Event, 5_000);

        await client.ShownAsync(Event, 5_000);
        Assert.Equal(Enumerable.Range(1, 5_000).Select(offset => (long)offset), client.Transport.Offsets(Event));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => $"{i}"), client.Transport.Entries(Event).Select(entry => entry.Text));
        Assert.All(client.Transport.Entries(Event), entry => Assert.Equal(0, entry.Merged));
        Assert.False(client.Transport.Overlapped);
    }

    [Fact]
    public async Task A_subscriber_begins_at_the_tail_and_is_told_where_first()
    {
        _world.PublishMany(Event, 3);
        var client = _world.Connect();
        var subscription = client.Subscribe(Event);
        _world.Publish(Event);

        await client.ShownAsync(Event, 4);
        Assert.Equal([("subscribed", 3L), ("entry", 4L)], client.Transport.Shown.Select(line => (line.Kind, line.Offset)));
        Assert.Equal((3L, false, null), (subscription.Start.Offset, subscription.Start.Recovered, subscription.Start.Reason));
        Assert.Equal(4, client.Connection.PositionOf(subscription).Offset);
    }

    [Fact]
    public async Task Nothing_is_shown_before_the_subscription_begins()
    {
        var (feed, name) = Resolve(Event);
        var client = _world.Connect();
        client.Subscribe(State);
        Assert.Null(client.Connection.Subscribe(feed, name, null, 0, out var subscription));
        _world.PublishMany(Event, 20);
        _world.Publish(State);
        await client.ShownAsync(State, 1);
        Assert.Empty(client.Transport.Entries(Event));

        client.Connection.Begin(subscription!);
        client.Connection.Begin(subscription!);
        await client.ShownAsync(Event, 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(offset => (long)offset), client.Transport.Offsets(Event));
    }

    [Fact]
    public async Task History_begins_before_the_tail()
    {
        _world.PublishMany(Event, 30);
        var client = _world.Connect();
        client.Subscribe(Event, history: 5);
        var greedy = _world.Connect();
        greedy.Subscribe(Event, history: 1000);

        await client.ShownAsync(Event, 30);
        await greedy.ShownAsync(Event, 30);
        Assert.Equal([26L, 27L, 28L, 29L, 30L], client.Transport.Offsets(Event));
        Assert.Equal(30, greedy.Transport.Entries(Event).Count);
    }

    [Fact]
    public async Task A_channel_asked_for_twice_is_one_subscription()
    {
        var client = _world.Connect();
        Assert.Same(client.Subscribe(Event), client.Subscribe(Event));
        _world.Publish(Event);

        await client.ShownAsync(Event, 1);
        Assert.Single(client.Transport.Entries(Event));
        Assert.Equal((1, 1), (client.Connection.Channels, _world.Log(Event).Subscribers));
    }

    [Fact]
    public async Task After_unsubscribing_nothing_more_is_shown()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Subscribe(State);
        _world.Publish(Event);
        await client.ShownAsync(Event, 1);

        Assert.True(client.Unsubscribe(Event));
        Assert.False(client.Unsubscribe(Event));
        _world.Publish(Event);
        _world.Publish(State);
        await client.ShownAsync(State, 1);
        Assert.Single(client.Transport.Entries(Event));
        Assert.Equal(1, client.Connection.Channels);
    }

    [Fact]
    public async Task What_waits_for_a_slow_client_is_not_shown_after_unsubscribing()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Transport.Hold();
        _world.Publish(Event);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        _world.PublishMany(Event, 50);

        Assert.True(client.Unsubscribe(Event));
        client.Reply("unsubscribed");
        client.Transport.Release();
        client.Subscribe(State);
        _world.Publish(State);
        await client.ShownAsync(State, 1);
        Assert.Equal([1L], client.Transport.Offsets(Event));
    }

    [Fact]
    public async Task Channels_with_much_to_say_take_turns()
    {
        var client = _world.Connect();
        client.Transport.Hold();
        client.Reply("first");
        client.Subscribe(Event);
        client.Subscribe("option_trades:QQQ");
        _world.PublishMany(Event, 10_000);
        _world.PublishMany("option_trades:QQQ", 10);
        client.Transport.Release();

        await client.ShownAsync(Event, 10_000);
        await client.ShownAsync("option_trades:QQQ", 10);
        var order = client.Transport.Entries();
        Assert.InRange(order.TakeWhile(entry => entry.Channel == Event).Count(), 0, 100);
        Assert.Equal(Enumerable.Range(1, 10).Select(offset => (long)offset), client.Transport.Offsets("option_trades:QQQ"));
        Assert.Equal(Enumerable.Range(1, 10_000).Select(offset => (long)offset), client.Transport.Offsets(Event));
    }

    [Fact]
    public async Task Answers_go_before_entries_that_wait()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Transport.Hold();
        _world.Publish(Event);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        _world.PublishMany(Event, 10);
        client.Reply("pong");
        client.Transport.Release();

        await client.ShownAsync(Event, 11);
        Assert.Equal(["subscribed", "entry", "reply"], client.Transport.Shown.Take(3).Select(line => line.Kind));
    }

    [Fact]
    public async Task What_waits_is_written_in_few_sends_of_a_bounded_size()
    {
        using var world = new FanoutWorld(options => options.WriteBytes = 4096);
        var client = world.Connect();
        client.Subscribe(Event);
        client.Transport.Hold();
        world.Publish(Event);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        world.PublishMany(Event, 1_000);
        var before = client.Transport.Sends.Count;
        client.Transport.Release();

        await client.ShownAsync(Event, 1_001);
        var sends = client.Transport.Sends.Skip(before).ToList();
        Assert.All(sends, send => Assert.InRange(send.Length, 1, 4096 + 64));
        Assert.InRange(sends.Count, 1, (sends.Sum(send => send.Length) / 4096) + 2);
    }

    [Fact]
    public async Task An_entry_larger_than_a_write_goes_out_whole()
    {
        using var world = new FanoutWorld(options => options.WriteBytes = 1024);
        var client = world.Connect();
        client.Subscribe(Event);
        var large = new string('x', 100_000);
        world.Publish(Event, large);
        world.Publish(Event, "small");

        await client.ShownAsync(Event, 2);
        Assert.Equal([large, "small"], client.Transport.Entries(Event).Select(entry => entry.Text));
    }

    [Fact]
    public async Task A_client_that_takes_nothing_delays_neither_the_publisher_nor_others()
    {
        var slow = _world.Connect();
        var others = Enumerable.Range(0, 20).Select(_ => _world.Connect()).ToList();
        slow.Subscribe(Event);
        slow.Transport.Hold();
        others.ForEach(client => client.Subscribe(Event));

        _world.PublishMany(Event, 2_000); // on this thread: it would never come back if it waited
        foreach (var client in others)
        {
            await client.ShownAsync(Event, 2_000);
        }

        Assert.InRange(slow.Transport.Entries(Event).Count, 0, 1_999);
        slow.Transport.Release();
        await slow.ShownAsync(Event, 2_000);
        Assert.Equal(Enumerable.Range(1, 2_000).Select(offset => (long)offset), slow.Transport.Offsets(Event));
    }

    [Fact]
    public async Task Entries_a_wire_does_not_show_are_passed_over()
    {
        var wire = new TextWire(slot: 3) { Hides = publication => publication.Gap is not null };
        var client = _world.Connect(wire);
        client.Subscribe(Event);
        for (var i = 0; i < 100; i++)
        {
            _world.Hub.Publish(_world.Log(Event), Publication.OfGap(new Gap(Start, Start, null, GapReason.UpstreamDown, false), PublicationSource.Socket));
        }

        _world.Publish(Event);
        await client.ShownAsync(Event, 101);
        Assert.Equal([101L], client.Transport.Offsets(Event));
    }

    [Fact]
    public async Task A_transport_that_fails_ends_its_own_connection_only()
    {
        var broken = _world.Connect();
        var other = _world.Connect();
        broken.Subscribe(Event);
        other.Subscribe(Event);
        broken.Transport.Fault = new InvalidOperationException("a bug in a transport");
        _world.PublishMany(Event, 100);

        await other.ShownAsync(Event, 100);
        await broken.Transport.UntilAsync(transport => transport.Aborts > 0, "the abort");
        Assert.Empty(broken.Transport.Entries(Event));
    }
}
