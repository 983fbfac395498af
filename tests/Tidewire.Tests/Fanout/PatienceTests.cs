using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

/// <summary>For how long a client may take nothing: 10 s where events wait for it, 30 s where only states do.</summary>
public sealed class PatienceTests : IDisposable
{
    private readonly FanoutWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_reader_of_states_alone_is_closed_after_thirty_seconds_and_not_before()
    {
        var client = await StalledAsync(State, "gex:QQQ");
        Seconds(29);
        Assert.Equal((2, 0L), (client.Connection.Channels, _world.Hub.Counters.SlowReaderCount));
        Seconds(2);
        Assert.Equal((0, 1L), (client.Connection.Channels, _world.Hub.Counters.SlowReaderCount));
        client.Transport.Release();
        await client.ClosedAsync();
        Assert.Equal(Disconnect.Slow, Assert.Single(client.Transport.Closes));
    }

    [Fact]
    public async Task A_reader_that_holds_an_event_channel_too_is_closed_after_ten()
    {
        var client = await StalledAsync(State, Event);
        Seconds(9);
        Assert.Equal((2, 0L), (client.Connection.Channels, _world.Hub.Counters.SlowReaderCount));
        Seconds(2);
        Assert.Equal((0, 1L), (client.Connection.Channels, _world.Hub.Counters.SlowReaderCount));
    }

    [Fact]
    public async Task A_reader_that_has_left_its_event_channel_has_the_patience_of_states()
    {
        var client = await StalledAsync(State, Event);
        client.Unsubscribe(Event);
        Seconds(29);
        Assert.Equal(1, client.Connection.Channels);
        Seconds(2);
        Assert.Equal(0, client.Connection.Channels);
    }

    [Fact]
    public async Task A_reader_that_takes_a_little_each_second_is_not_closed_until_it_takes_nothing()
    {
        var transport = new SlowTransport();
        var connection = Begin(transport);
        _world.Publish(Event, "a write that takes for ever");
        await transport.UntilSendingAsync();
        for (var second = 0; second < 120; second++)
        {
            transport.Taken++;
            _world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((1, 0L), (connection.Channels, _world.Hub.Counters.SlowReaderCount));
        Seconds(9);
        Assert.Equal(1, connection.Channels);
        Seconds(2);
        Assert.Equal((0, 1L), (connection.Channels, _world.Hub.Counters.SlowReaderCount));
    }

    [Fact]
    public async Task A_write_that_ends_while_its_progress_is_looked_at_leaves_the_client_at_rest()
    {
        var transport = new SlowTransport();
        var connection = Begin(transport);
        _world.Publish(Event);
        await transport.UntilSendingAsync();
        transport.Asked = () =>
        {
            transport.Taken++;
            transport.Take();
        };
        Seconds(1);
        Assert.False(transport.IsSending);
        transport.Asked = null;
        Seconds(60);
        Assert.Equal((1, 0L), (connection.Channels, _world.Hub.Counters.SlowReaderCount));
    }

    private async Task<FanoutClient> StalledAsync(params string[] channels)
    {
        var client = _world.Connect();
        Array.ForEach(channels, channel => client.Subscribe(channel));
        client.Transport.Hold();
        _world.Publish(channels[0]);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        return client;
    }

    private Connection Begin(SlowTransport transport)
    {
        Assert.True(_world.Hub.TryConnect(transport, _world.Wire, out var connection));
        new FanoutClientOf(connection).Subscribe(Event);
        return connection;
    }

    private void Seconds(int count) => _world.Time.Advance(TimeSpan.FromSeconds(count));

    private sealed record FanoutClientOf(Connection Connection)
    {
        public void Subscribe(string channel)
        {
            var (feed, name) = Resolve(channel);
            Assert.Null(Connection.Subscribe(feed, name, null, 0, out var subscription));
            Connection.Begin(subscription!);
        }
    }

    /// <summary>The way to a client whose machine says how much of a write it has. What waits for a write goes on on whoever takes it.</summary>
    private sealed class SlowTransport : IClientTransport
    {
        private readonly Pulse _changed = new();
        private TaskCompletionSource? _sending;
        private bool _takesAll;

        public long Taken { get; set; }

        /// <summary>Called when it is asked how much was taken.</summary>
        public Action? Asked { get; set; }

        public bool IsSending => Volatile.Read(ref _sending) is not null;

        public long? Acknowledged
        {
            get
            {
                Asked?.Invoke();
                return Taken;
            }
        }

        public Task UntilSendingAsync() => _changed.UntilAsync(() => IsSending, () => "a send");

        /// <summary>Ends the write, on the caller's thread; those that follow are taken at once.</summary>
        public void Take()
        {
            _takesAll = true;
            Interlocked.Exchange(ref _sending, null)?.SetResult();
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
        {
            if (_takesAll)
            {
                return ValueTask.CompletedTask;
            }

            var sending = new TaskCompletionSource();
            Volatile.Write(ref _sending, sending);
            _changed.Beat();
            return new ValueTask(sending.Task);
        }

        public Task CloseAsync(Disconnect disconnect) => Task.CompletedTask;

        public void Abort()
        {
        }
    }
}
