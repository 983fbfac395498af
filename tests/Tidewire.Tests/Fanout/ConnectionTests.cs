using Tidewire.Protocol;
using Tidewire.Testing;
using static Tidewire.Tests.Fanout.FanoutWorld;

namespace Tidewire.Tests.Fanout;

public sealed class ConnectionTests : IDisposable
{
    private readonly FanoutWorld _world = new(options =>
    {
        options.MaxConnections = 3;
        options.MaxChannelsPerConnection = 2;
        options.MaxPendingReplies = 4;
    });

    public void Dispose() => _world.Dispose();

    [Fact]
    public void No_more_clients_are_taken_in_than_may_be()
    {
        var clients = Enumerable.Range(0, 3).Select(_ => _world.Connect()).ToList();
        Assert.False(_world.Hub.TryConnect(new RecordingTransport(), _world.Wire, out var refused));
        Assert.Null(refused);
        Assert.Equal((3, 3L, 1L), (_world.Hub.ConnectionsOpen, _world.Hub.Counters.ConnectionCount, _world.Hub.Counters.RefusedCount));

        clients[0].Connection.Dispose();
        clients[0].Connection.Dispose();
        Assert.Equal(2, _world.Hub.ConnectionsOpen);
        _world.Connect();
        Assert.Distinct(clients.Select(client => client.Connection.Id));
    }

    [Fact]
    public void A_connection_holds_no_more_channels_than_it_may()
    {
        var client = _world.Connect();
        client.Subscribe("gex:A");
        client.Subscribe("gex:B");
        var (feed, name) = Resolve("gex:C");
        var error = client.Connection.Subscribe(feed, name, null, 0, out var subscription);

        Assert.Equal((ErrorCode.TooManyChannels, "channel"), (error!.Code, error.Field));
        Assert.Null(subscription);
        Assert.Equal(0, _world.Log("gex:C").Subscribers);
        client.Subscribe("gex:A"); // one it has already
        client.Unsubscribe("gex:A");
        client.Subscribe("gex:C");
        Assert.Equal(2, client.Connection.Channels);
    }

    [Fact]
    public async Task A_client_that_asks_and_does_not_read_waits_until_its_answers_are_taken()
    {
        var client = _world.Connect();
        Assert.True(client.Connection.RepliesTakenAsync().IsCompletedSuccessfully);
        client.Transport.Hold();
        client.Reply("being sent");
        for (var i = 0; i < 4; i++)
        {
            client.Reply("waiting");
        }

        var taken = client.Connection.RepliesTakenAsync();
        Assert.False(taken.IsCompleted);
        client.Transport.Take();
        await taken.WithinBound("the answers to be taken");
    }

    [Fact]
    public async Task A_client_that_waits_for_its_answers_to_be_taken_goes_on_when_it_is_disposed()
    {
        var (client, taken) = Full();
        client.Connection.Dispose();
        await taken.WithinBound("the wait to end");
    }

    [Fact]
    public async Task A_client_that_waits_for_its_answers_to_be_taken_goes_on_when_its_transport_fails()
    {
        // Its handler waits here rather than at the transport, so nothing else would tell it.
        var (client, taken) = Full();
        client.Transport.Break();
        await client.Transport.UntilAsync(transport => transport.Aborts > 0, "the abort");
        await taken.WithinBound("the wait to end");
        Assert.True(client.Connection.RepliesTakenAsync().IsCompleted);
    }

    [Fact]
    public void A_closing_connection_takes_no_subscription()
    {
        var client = _world.Connect();
        client.Connection.Close(Disconnect.Policy);
        var (feed, name) = Resolve(Event);

        Assert.NotNull(client.Connection.Subscribe(feed, name, null, 0, out var subscription));
        Assert.Null(subscription);
        Assert.Equal(0, _world.Log(Event).Subscribers);
    }

    [Fact]
    public void Disposing_releases_everything()
    {
        using var world = new FanoutWorld();
        var client = world.Connect();
        for (var i = 0; i < 100; i++)
        {
            client.Subscribe($"gex:T{i}");
        }

        Assert.Equal(100, world.Hub.Logs.Count());
        client.Connection.Dispose();
        Assert.Empty(world.Hub.Logs); // none held anything
        Assert.Equal((0, 0, 0L), (client.Connection.Channels, world.Hub.ConnectionsOpen, world.Hub.MemoryUsed));
        Assert.Equal(1, client.Transport.Aborts);
    }

    [Fact]
    public async Task Disposing_in_the_middle_of_a_write_releases_everything()
    {
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Transport.Hold();
        _world.Publish(Event);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the send");
        client.Connection.Dispose();
        client.Transport.Release();

        var sends = client.Transport.Sends.Count;
        client.Reply("late");
        _world.Publish(Event);
        Assert.Equal((0, sends), (_world.Log(Event).Subscribers, client.Transport.Sends.Count));
    }

    [Fact]
    public async Task Closing_the_hub_tells_every_client()
    {
        var clients = Enumerable.Range(0, 3).Select(_ => _world.Connect()).ToList();
        clients.ForEach(client => client.Subscribe(Event));
        _world.Publish(Event);
        foreach (var client in clients)
        {
            await client.ShownAsync(Event, 1);
        }

        _world.Hub.CloseAll(Disconnect.GoingAway);
        foreach (var client in clients)
        {
            await client.ClosedAsync();
            Assert.Equal(["subscribed", "entry", "closing"], client.Transport.Shown.Select(line => line.Kind));
            Assert.Equal(Disconnect.GoingAway, Assert.Single(client.Transport.Closes));
        }

        Assert.Equal(0, _world.Log(Event).Subscribers);
    }

    [Fact]
    public void Interest_is_told_when_a_subscription_begins_and_when_it_ends()
    {
        var told = new List<(string Channel, int Subscribers)>();
        _world.Hub.InterestChanged += log => told.Add((log.Name.ToString(), log.Subscribers));
        var client = _world.Connect();
        client.Subscribe(Event);
        client.Unsubscribe(Event);
        client.Subscribe(State);
        client.Connection.Dispose();

        Assert.Equal([(Event, 1), (Event, 0), (State, 1), (State, 0)], told);
    }

    private (FanoutClient Client, Task Taken) Full()
    {
        var client = _world.Connect();
        client.Transport.Hold();
        for (var i = 0; i < 10; i++)
        {
            client.Reply("an answer");
        }

        var taken = client.Connection.RepliesTakenAsync();
        Assert.False(taken.IsCompleted);
        return (client, taken);
    }
}
