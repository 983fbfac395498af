using Tidewire.Fanout;
using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;
using static Tidewire.Tests.Fanout.PassedWire;

namespace Tidewire.Tests.Fanout;

/// <summary>A channel that is subscribed to again: its new filter and rate hold from where the reader stands, and nothing is lost or counted twice.</summary>
public sealed class ChangedTermsTests : IDisposable
{
    private const string Strikes = "gex_strike_expiry:SPY";

    private readonly FanoutWorld _world = new();
    private readonly PassedWire _tenths = new(TimeSpan.FromMilliseconds(100));

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Another_filter_holds_from_here_on()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Event, new SubscriptionTerms(Filter("n >= 8")));
        var witness = Beside(_world, client);
        witness.Subscribe(Event);
        var number = 0;
        async Task PublishAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _world.Publish(Event, $$"""{"n":{{++number}}}""");
                await witness.ShownAsync(Event, number);
            }
        }

        await PublishAsync(9); // 1 to 7 are kept back
        var (before, _) = client.Connection.ReachOf(Subscribe(client, Event, new SubscriptionTerms(Filter("n >= 12"))));
        Assert.Equal(9, before.Offset);
        await PublishAsync(3); // 10 and 11 are kept back now
        Subscribe(client, Event, new SubscriptionTerms());
        await PublishAsync(2);
        await client.ShownAsync(Event, 14);
        Assert.Equal(
            [(8L, 7L), (9, 0), (12, 2), (13, 0), (14, 0)],
            PassedWire.Read(client, 0).Select(line => (line.Offset, line.Filtered)));
        Assert.Equal(1, client.Connection.Channels);
        Assert.Equal(2, _world.Log(Event).Subscribers);
    }

    [Fact]
    public async Task What_was_kept_back_before_is_counted_after()
    {
        var client = _world.Connect(_tenths);
        var subscription = Subscribe(client, Event, new SubscriptionTerms(Filter("n > 100")));
        var witness = Beside(_world, client);
        witness.Subscribe(Event);
        for (var n = 1; n <= 5; n++)
        {
            _world.Publish(Event, $$"""{"n":{{n}}}""");
            await witness.ShownAsync(Event, n);
        }

        await _world.Hub.SettledAsync();
        Assert.Same(subscription, Subscribe(client, Event, new SubscriptionTerms()));
        Assert.Equal(0, client.Connection.PositionOf(subscription).Offset);
        _world.Publish(Event, """{"n":6}""");
        await client.ShownAsync(Event, 6);
        Assert.Equal([(6L, 5L)], PassedWire.Read(client, 0).Select(line => (line.Offset, line.Filtered)));
    }

    [Fact]
    public async Task A_higher_rate_holds_at_once_and_a_lower_one_from_the_next_flush_on()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms(MaxRate: 0.01)); // once in 100 s
        var witness = Beside(_world, client, _tenths);
        Subscribe(witness, Strikes, new SubscriptionTerms(MaxRate: 0));
        async Task PublishAsync(int n)
        {
            _world.Publish(Strikes, $$"""{"strike":"1","expiry":"2026-12-18","n":{{n}}}""");
            await witness.ShownAsync(Strikes, n);
        }

        await PublishAsync(1);
        await client.ShownAsync(Strikes, 1);
        await PublishAsync(2);
        await PublishAsync(3);
        Subscribe(client, Strikes, new SubscriptionTerms(MaxRate: 0));
        await client.ShownAsync(Strikes, 3); // the clock stands still
        await PublishAsync(4);
        await client.ShownAsync(Strikes, 4);

        Subscribe(client, Strikes, new SubscriptionTerms(MaxRate: 1));
        await PublishAsync(5);
        await client.ShownAsync(Strikes, 5);
        await PublishAsync(6);
        _world.Time.Advance(TimeSpan.FromMilliseconds(990));
        Assert.Equal(5, PassedWire.Read(client, 0)[^1].Offset);
        _world.Time.Advance(TimeSpan.FromMilliseconds(10));
        await client.ShownAsync(Strikes, 6);
    }

    [Fact]
    public void Terms_that_are_refused_change_nothing()
    {
        var client = _world.Connect(_tenths);
        var subscription = Subscribe(client, Event, new SubscriptionTerms(Filter("n >= 8")));
        var (feed, name) = Resolve(Event);
        Assert.Equal(ErrorCode.BadValue, client.Connection.Subscribe(feed, name, since: null, history: 0, new SubscriptionTerms(MaxRate: 5), out _)?.Code);
        Assert.Equal(Filter("n >= 8"), subscription.Filter!.Filter);
    }

    [Fact]
    public async Task A_confirmation_stands_where_its_position_is()
    {
        const int Count = 20_000;
        var client = _world.Connect(_tenths);
        var subscription = Subscribe(client, Event, new SubscriptionTerms());
        var publisher = Task.Run(() => _world.PublishMany(Event, Count), TestContext.Current.CancellationToken);
        while (!publisher.IsCompleted)
        {
            Subscribe(client, Event, new SubscriptionTerms());
            client.Connection.Confirm(subscription, position => System.Text.Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"confirmed|{Event}|{position.Offset}|0|\n")));
        }

        await publisher;
        await client.ShownAsync(Event, Count);
        var last = 0L;
        foreach (var line in client.Transport.Shown.Where(static line => line.Kind is "entry" or "confirmed"))
        {
            Assert.Equal(last + (line.Kind == "entry" ? 1 : 0), line.Offset);
            last = line.Offset;
        }
    }
}
