using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

/// <summary>A client is sent no more bytes a second than it may be; what waits meanwhile stays in the log.</summary>
public sealed class BandwidthTests : IDisposable
{
    private const int Most = 10_000, Write = 1_024, Entry = 200, Count = 1_000, Once = Write + Entry + 64;

    private readonly FanoutWorld _world = new(options =>
    {
        options.MaxClientBytesPerSecond = Most;
        options.WriteBytes = Write;
    });

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_client_is_sent_no_more_in_any_second_and_loses_no_event()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        var pad = new string('x', Entry);
        for (var n = 0; n < Count; n++)
        {
            _world.Publish(Event, pad);
        }

        await _world.Time.WaitForTimersAsync(2); // that of the hub, and that which wakes the client: it waits for its time
        List<long> sent = [Sum(client.Transport)];
        Assert.InRange(sent[0], Most, Most + Once);
        for (var tenth = 0; client.Transport.Entries(Event) is var entries && (entries.Count == 0 || entries[^1].Offset < Count); tenth++)
        {
            Assert.True(tenth < 600, $"only {entries.Count} of {Count} after a minute");
            _world.Time.Advance(TimeSpan.FromMilliseconds(100)); // a client that waits is woken in here, at its very time
            sent.Add(Sum(client.Transport));
        }

        for (var tenth = 10; tenth < sent.Count - 1; tenth++)
        {
            // The last write of a second may go over; the next second pays for it.
            Assert.InRange(sent[tenth] - sent[tenth - 10], Most - Once, Most + Once);
            Assert.InRange(sent[tenth], (Most * tenth / 10) + Most - Once, (Most * tenth / 10) + Most + Once);
        }

        Assert.InRange(sent.Count, 10 * (sent[^1] - (2 * Most)) / Most, 10 * (sent[^1] + Most) / Most);
        InvariantOneTests.Holds(client.Transport.Entries(Event), 0);
        Assert.Equal(Count, client.Transport.Entries(Event).Count);
        Assert.Empty(client.Transport.Closes);
    }

    [Fact]
    public async Task A_client_that_is_woken_often_is_sent_as_much()
    {
        using var world = new FanoutWorld(static options =>
        {
            options.MaxClientBytesPerSecond = 500;
            options.WriteBytes = 1;
        });
        var client = world.Connect();
        client.Subscribe(Event);
        for (var n = 0; n < 20; n++)
        {
            world.Publish(Event, new string('x', Entry));
        }

        await world.Time.WaitForTimersAsync(2);
        var before = client.Transport.Entries(Event).Count;
        for (var n = 1; n <= 2_000; n++)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(1));
            client.Connection.Send([]); // wakes it
        }

        Assert.InRange(client.Transport.Entries(Event).Count - before, 3, 6); // of 230 bytes or so each in two seconds
    }

    [Fact]
    public async Task A_client_that_stays_below_it_waits_for_nothing()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        for (var n = 1; n <= 30; n++)
        {
            _world.Publish(Event, new string('x', Entry));
            await client.ShownAsync(Event, n); // the clock stands still
        }
    }

    [Fact]
    public async Task Answers_and_the_close_do_not_wait()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        for (var n = 0; n < Count; n++)
        {
            _world.Publish(Event, new string('x', Entry));
        }

        await client.ShownAsync(Event, 1);
        client.Reply("pong");
        await client.Transport.UntilAsync(transport => transport.Shown.Any(line => line.Text == "pong"), "the answer");
        client.Connection.Close(Disconnect.GoingAway);
        await client.ClosedAsync();
        Assert.Equal("closing", client.Transport.Shown[^1].Kind);
        Assert.True(client.Transport.Entries(Event).Count < Count);
    }

    [Fact]
    public async Task One_client_at_its_bound_costs_the_others_nothing()
    {
        var busy = _world.Connect();
        busy.Subscribe(Event);
        var calm = _world.Connect();
        calm.Subscribe(State);
        for (var n = 0; n < Count; n++)
        {
            _world.Publish(Event, new string('x', Entry));
        }

        _world.Publish(State);
        await calm.ShownAsync(State, 1);
        Assert.True(busy.Transport.Entries(Event).Count < Count);
    }

    private static long Sum(RecordingTransport transport) => transport.Sends.Sum(bytes => (long)bytes.Length);
}
