using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Tests.Fanout;

/// <summary>A shard's clients share its worker: none of them may keep it, and writing to them costs no memory.</summary>
public sealed class ShardTurnTests : IDisposable
{
    private readonly FanoutWorld _world = new();
    private readonly Pulse _changed = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_client_with_much_to_catch_up_on_gives_way_to_the_others()
    {
        const int Backlog = 100;
        var large = $"\"{new string('x', _world.Hub.Options.WriteBytes)}\""; // one entry a write
        for (var i = 0; i < Backlog; i++)
        {
            _world.Publish(FanoutWorld.Event, large);
        }

        using var othersShown = new ManualResetEventSlim();
        var sends = 0;
        var waited = true;
        var busy = new FunctionTransport(_ =>
        {
            // Far on in its backlog it keeps whoever writes to it, until the others have had their turn.
            if (Interlocked.Increment(ref sends) == Backlog / 2)
            {
                waited = othersShown.Wait(TestBound.Value / 2);
            }

            _changed.Beat();
        });
        Assert.True(_world.Hub.TryConnect(busy, _world.Wire, out var slow));
        var client = _world.Connect();
        while (client.Connection.Shard != slow.Shard)
        {
            client = _world.Connect();
        }

        var (feed, name) = FanoutWorld.Resolve(FanoutWorld.Event);
        Assert.Null(slow.Subscribe(feed, name, null, Backlog, out var subscription));
        client.Subscribe(FanoutWorld.Event);
        slow.Begin(subscription!); // on this thread, which goes on although the backlog is not yet written

        _world.Publish(FanoutWorld.Event);
        await client.ShownAsync(FanoutWorld.Event, Backlog + 1);
        othersShown.Set();
        await _changed.UntilAsync(() => Volatile.Read(ref sends) == Backlog + 1, static () => "the whole backlog");
        Assert.True(waited);
    }

    [Fact]
    public async Task A_delivery_allocates_nothing()
    {
        const int Clients = 100, Rounds = 300, Warm = 100;
        var allocated = new long[Clients];
        var threads = new int[Clients];
        var sends = 0;
        var transport = new FunctionTransport(_ =>
        {
            var at = Interlocked.Increment(ref sends) - 1;
            allocated[at % Clients] = GC.GetAllocatedBytesForCurrentThread();
            threads[at % Clients] = Environment.CurrentManagedThreadId;
            if (at % Clients == Clients - 1)
            {
                _changed.Beat(); // which allocates, after everything was noted
            }
        });
        var (feed, name) = FanoutWorld.Resolve(FanoutWorld.Event);
        for (var i = 0; i < Clients; i++)
        {
            Connection connection;
            do
            {
                Assert.True(_world.Hub.TryConnect(transport, _world.Wire, out connection!));
            }
            while (connection.Shard != 0); // one worker for all
            Assert.Null(connection.Subscribe(feed, name, null, 0, out var subscription));
            connection.Begin(subscription!);
        }

        var log = _world.Log(FanoutWorld.Event);
        var (worst, published) = (0L, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var publication = Publication.OfPayload("{}"u8.ToArray(), _world.Time.GetUtcNow(), PublicationSource.Socket);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _world.Hub.Publish(log, publication);
            published = GC.GetAllocatedBytesForCurrentThread() - before;
            var all = (round + 1) * Clients;
            await _changed.UntilAsync(() => Volatile.Read(ref sends) == all, static () => "a delivery to each");
            if (round >= Warm)
            {
                Assert.Single(threads.Distinct()); // what was measured was all of it
                worst = Math.Max(worst, allocated[Clients - 1] - allocated[0]);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"allocated in {Clients - 1} deliveries: {worst} B; by a publication beside its own bytes: {published} B");
        Assert.Equal(0, worst);
        Assert.InRange(published, 0, 512);
    }
}

/// <summary>The way to a client that takes everything at once, in a way of the test's.</summary>
internal sealed class FunctionTransport(Action<ReadOnlyMemory<byte>> take) : IClientTransport
{
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        take(bytes);
        return ValueTask.CompletedTask;
    }

    public Task CloseAsync(Disconnect disconnect) => Task.CompletedTask;

    public void Abort()
    {
    }
}
