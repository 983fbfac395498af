using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class SlowReaderTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_client_that_takes_nothing_is_closed_4008_after_the_limit_and_cut_off_after_another()
    {
        var client = await StalledAsync();
        _world.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((1, 0), (client.Connection.Channels, client.Transport.Aborts));

        _world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 0), (client.Connection.Channels, client.Transport.Aborts)); // closing: nothing more is delivered
        Assert.Equal(1, _world.Hub.Counters.SlowReaderCount);

        _world.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.InRange(client.Transport.Aborts, 1, 10);
        Assert.Empty(client.Transport.Closes);
    }

    [Fact]
    public async Task A_slow_client_that_takes_what_it_was_given_is_told_why()
    {
        var client = await StalledAsync();
        _world.Time.Advance(TimeSpan.FromSeconds(11));
        client.Transport.Release();

        await client.ClosedAsync();
        Assert.Equal(Disconnect.Slow, Assert.Single(client.Transport.Closes));
        Assert.Equal(("closing", 4008L), (client.Transport.Shown[^1].Kind, client.Transport.Shown[^1].Offset));
        Assert.Equal([1L], client.Transport.Offsets(Event));
        Assert.False(client.Transport.Overlapped);
    }

    [Fact]
    public async Task A_client_that_takes_a_little_now_and_then_stays()
    {
        var client = await StalledAsync();
        for (var round = 2; round < 8; round++)
        {
            _world.Time.Advance(TimeSpan.FromSeconds(9));
            _world.Publish(Event);
            client.Transport.Take();
            await client.ShownAsync(Event, round);
        }

        Assert.Equal(1, client.Connection.Channels);
        Assert.Equal(0, _world.Hub.Counters.SlowReaderCount);
    }

    [Fact]
    public async Task A_client_at_rest_is_never_slow()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        _world.Publish(Event);
        await client.ShownAsync(Event, 1);
        _world.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal((1, 0), (client.Connection.Channels, client.Transport.Aborts));
    }

    [Fact]
    public async Task A_client_that_went_away_in_the_middle_of_a_write_was_not_slow()
    {
        var client = await StalledAsync();
        client.Transport.Break();
        await client.Transport.UntilAsync(transport => transport.Aborts > 0, "the abort");
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, _world.Hub.Counters.SlowReaderCount);
    }

    [Fact]
    public async Task A_close_that_the_client_does_not_take_ends_in_an_abort_after_the_limit()
    {
        var client = await StalledAsync();
        client.Connection.Close(Disconnect.GoingAway);
        _world.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, client.Transport.Aborts);
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.InRange(client.Transport.Aborts, 1, 5);
        Assert.Equal(0, _world.Hub.Counters.SlowReaderCount);
    }

    [Fact]
    public void A_close_that_the_client_does_not_answer_ends_in_an_abort_too()
    {
        var client = _world.Connect();
        client.Transport.HoldClose();
        client.Connection.Close(Disconnect.GoingAway);
        Assert.Single(client.Transport.Closes);
        _world.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.InRange(client.Transport.Aborts, 1, 5);
    }

    [Fact]
    public async Task The_first_reason_to_close_stands()
    {
        var client = _world.Connect();
        client.Connection.Close(Disconnect.GoingAway);
        client.Connection.Close(Disconnect.Expired);
        client.Reply("late");

        await client.ClosedAsync();
        Assert.Equal(Disconnect.GoingAway, Assert.Single(client.Transport.Closes));
        Assert.Equal(["closing"], client.Transport.Shown.Select(line => line.Kind));
    }

    [Fact]
    public async Task A_close_while_a_lost_reader_is_being_written_to_is_told_as_it_was_made()
    {
        using var world = Small();
        var client = await LaggingAsync(world, Event);
        client.Reply("an answer that goes out with the discovery that the reader is lost");
        client.Transport.Take();
        await client.Transport.UntilAsync(transport => transport.IsSending, "the write of the answer");
        client.Connection.Close(Disconnect.GoingAway);
        client.Transport.Release();

        await client.ClosedAsync();
        Assert.Equal("closing", client.Transport.Shown[^1].Kind);
        Assert.Equal(client.Transport.Shown[^1].Offset, Assert.Single(client.Transport.Closes).Code);
    }

    [Fact]
    public async Task An_event_reader_whose_next_entry_has_left_memory_is_closed_4008()
    {
        using var world = Small();
        var client = await LaggingAsync(world, Event);
        client.Transport.Release();

        await client.ClosedAsync();
        Assert.Equal(Disconnect.Slow, Assert.Single(client.Transport.Closes));
        Assert.Equal([1L], client.Transport.Offsets(Event));
        Assert.Equal("closing", client.Transport.Shown[^1].Kind);
        Assert.Equal((0, 1L), (world.Log(Event).Subscribers, world.Hub.Counters.SlowReaderCount));
    }

    [Fact]
    public async Task A_state_reader_whose_next_entry_has_left_memory_goes_on_with_what_there_is()
    {
        using var world = Small();
        var client = await LaggingAsync(world, State);
        client.Transport.Release();

        await client.ShownAsync(State, 501);
        var entries = client.Transport.Entries(State);
        Assert.Equal(1, entries[0].Offset);
        Assert.True(entries[1].Merged > 300);
        Assert.Single(entries, entry => entry.Merged > 0);
        InvariantOneTests.Holds(entries, 0);
        Assert.Empty(client.Transport.Closes);
    }

    /// <summary>A log holds 64 entries.</summary>
    private static FanoutWorld Small() => new(options => options.MaxLogLength = 64);

    /// <summary>A client that holds on to the first entry while five hundred more are published.</summary>
    private static async Task<FanoutClient> LaggingAsync(FanoutWorld world, string channel)
    {
        var client = world.Connect();
        client.Subscribe(channel);
        client.Transport.Hold();
        world.Publish(channel);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        await world.FallBehindAsync(client, channel, 500);
        return client;
    }

    private async Task<FanoutClient> StalledAsync()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Transport.Hold();
        _world.Publish(Event);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        return client;
    }
}
