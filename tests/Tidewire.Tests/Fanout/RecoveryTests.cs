using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

/// <summary>Invariant 4: recovery answers yes, and then exactly what was missed and what follows; or no, with the reason.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly FanoutWorld _world = new(options => options.MaxLogLength = 64);

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(Event, 0)]
    [InlineData(Event, 63)]
    [InlineData(Event, 64)]
    [InlineData(State, 30)]
    public async Task A_position_in_memory_is_resumed_without_a_hole_or_an_overlap(string channel, int missed)
    {
        _world.PublishMany(channel, 100);
        var client = _world.Connect();
        client.Transport.Hold(); // what follows meets what was missed in one log
        var start = client.Subscribe(channel, At(100 - missed), history: 5).Start;
        _world.PublishMany(channel, 0);
        client.Transport.Release();
        await client.Transport.UntilAsync(transport => transport.Entries().Count >= missed, "what was missed");
        _world.PublishMany(channel, 50);
        await client.ShownAsync(channel, 150);

        Assert.Equal((100L - missed, true, null), (start.Offset, start.Recovered, start.Reason));
        Assert.Equal(Enumerable.Range(101 - missed, missed + 50).Select(offset => (long)offset), client.Transport.Offsets(channel));
        Assert.Equal(("subscribed", 100L - missed, 1L), (client.Transport.Shown[0].Kind, client.Transport.Shown[0].Offset, client.Transport.Shown[0].Merged));
    }

    [Theory]
    [InlineData(35, null, "older")]
    [InlineData(0, null, "older")]
    [InlineData(101, null, "beyond")]
    [InlineData(long.MaxValue, null, "beyond")]
    [InlineData(100, "another", "epoch")]
    [InlineData(0, "another", "epoch")]
    public async Task Another_position_is_refused_with_the_reason_and_history_instead(long offset, string? epoch, string says)
    {
        _world.PublishMany(Event, 100);
        var client = _world.Connect();
        var start = client.Subscribe(Event, new StreamPosition(epoch ?? _world.Hub.Epoch, offset), history: 3).Start;
        _world.Publish(Event);

        await client.ShownAsync(Event, 101);
        Assert.False(start.Recovered);
        Assert.Contains(says, start.Reason, StringComparison.Ordinal);
        Assert.Equal([98L, 99L, 100L, 101L], client.Transport.Offsets(Event));
    }

    [Fact]
    public void A_position_at_the_beginning_of_an_empty_log_is_resumed()
        => Assert.True(_world.Connect().Subscribe(Event, At(0)).Start.Recovered);

    [Fact]
    public async Task A_client_that_comes_back_again_and_again_misses_nothing()
    {
        var seen = new List<long>();
        var position = At(0);
        for (var visit = 0; visit < 20; visit++)
        {
            _world.PublishMany(Event, 7);
            var client = _world.Connect();
            Assert.True(client.Subscribe(Event, position).Start.Recovered);
            _world.PublishMany(Event, 5);
            await client.ShownAsync(Event, (visit + 1) * 12);
            client.Connection.Dispose();
            seen.AddRange(client.Transport.Offsets(Event));
            position = At(seen[^1]);
        }

        Assert.Equal(Enumerable.Range(1, 240).Select(offset => (long)offset), seen);
    }

    [Fact]
    public async Task A_recovered_reader_whose_entries_leave_memory_before_it_reads_them_is_told()
    {
        _world.PublishMany(Event, 100);
        var client = _world.Connect();
        client.Transport.Hold();
        client.Reply("being sent");
        Assert.True(client.Subscribe(Event, At(50)).Start.Recovered);
        _world.PublishMany(Event, 100);
        client.Transport.Release();

        await client.ClosedAsync();
        Assert.Equal(4008, client.Transport.Closes[0].Code);
        Assert.Empty(client.Transport.Entries());
    }

    private StreamPosition At(long offset) => new(_world.Hub.Epoch, offset);
}
