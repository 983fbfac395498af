using System.Globalization;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using static Tidewire.Tests.Fanout.FanoutWorld;
using static Tidewire.Tests.Fanout.PassedWire;

namespace Tidewire.Tests.Fanout;

/// <summary>Subscriptions with a filter: what they show, what they count, and how often a filter is asked.</summary>
[Trait("Promise", "filters")]
public sealed class FilteredDeliveryTests : IDisposable
{
    private const string Strikes = "gex_strike_expiry:SPY";
    private readonly FanoutWorld _world = new();
    private readonly PassedWire _wire = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Exactly_what_matches_is_shown_and_the_rest_is_counted()
    {
        var client = _world.Connect(_wire);
        Subscribe(client, Event, Terms("n >= 100 and side = ask or n = 7"));
        for (var n = 1; n <= 400; n++)
        {
            Publish(Event, n);
        }

        int[] wanted = [7, .. Enumerable.Range(100, 301).Where(n => n % 3 == 0)];
        await client.ShownAsync(Event, wanted[^1]);
        var lines = Read(client, 0);
        Assert.Equal(wanted, lines.Select(line => Number(line.Text)));
        Assert.Equal([6L, 94, 2], lines.Take(3).Select(line => line.Filtered));
        Assert.All(lines, line => Assert.Equal(0, line.Merged));
    }

    [Fact]
    public async Task Equal_filters_of_many_clients_are_asked_once_per_publication_however_they_are_spelled()
    {
        string[] spellings = ["n >= 100 and side = ask", " n>=100  AND (side==\"ask\") ", "(side = 'ask' && n >= 1e2)", "not not n >= 100.0 and side = ask"];
        var first = _world.Connect(_wire);
        FanoutClient[] clients = [first, .. Enumerable.Range(0, 15).Select(_ => Beside(_world, first, _wire))];
        // The two sides of an "and" are a filter of their own in either order: the third is another one.
        var subscriptions = clients.Select((client, i) => Subscribe(client, Event, Terms(spellings[i % 4]))).ToArray();
        var shared = subscriptions.Select(subscription => subscription.Filter!).Distinct().ToArray();
        Assert.Equal(spellings.Select(Filter).Distinct().Count(), shared.Length);
        Assert.Same(subscriptions[0].Filter, subscriptions[1].Filter);
        Assert.Same(subscriptions[0].Filter, subscriptions[3].Filter);

        var other = Subscribe(Beside(_world, first, _wire), Event, Terms("n >= 101 and side = ask"));
        Assert.NotSame(subscriptions[0].Filter, other.Filter);

        var witness = Beside(_world, first);
        witness.Subscribe(Event);
        for (var n = 1; n <= 300; n++)
        {
            Publish(Event, n);
            await witness.ShownAsync(Event, n); // the last of the shard: the others have looked at it
        }

        foreach (var client in clients)
        {
            await client.ShownAsync(Event, 300);
            Assert.Equal(67, Read(client, 0).Count);
        }

        Assert.All(shared, filter => Assert.Equal(300, filter.Evaluations));
        Assert.InRange(_wire.Calls, 67 * shared.Length, 67 * (shared.Length + 1)); // and what passed was encoded once, for this filter and the other
    }

    [Fact]
    public void A_filter_that_no_one_uses_any_more_is_forgotten()
    {
        var log = _world.Log(Event);
        var clients = new[] { _world.Connect(_wire), _world.Connect(_wire) };
        var used = clients.Select(client => Subscribe(client, Event, Terms("n = 1")).Filter!).ToArray();
        Assert.Equal(2, used[0].Users);
        clients[0].Unsubscribe(Event);
        clients[0].Unsubscribe(Event);
        Assert.Equal(1, used[0].Users);
        clients[1].Connection.Dispose();
        Assert.Equal(0, used[0].Users);
        Assert.NotSame(used[0], log.Filters.Use(Filter("n = 1")));
    }

    [Fact]
    public async Task A_gap_passes_every_filter()
    {
        var client = _world.Connect(_wire);
        var subscription = Subscribe(client, Event, Terms("nothing = here"));
        Publish(Event, 1);
        Publish(Event, 2);
        var log = _world.Log(Event);
        log.Interrupt(GapReason.UpstreamDown, _world.Time.GetUtcNow());
        _world.Hub.Resume(log, PublicationSource.Socket, _world.Time.GetUtcNow());

        await client.ShownAsync(Event, 3);
        Assert.Equal([("gap", 3L, 0L, 2L, "upstream_down")], Read(client, 0));
        Assert.Equal(2, subscription.Filter!.Evaluations);
    }

    [Fact]
    public async Task A_position_is_resumed_with_what_matches_after_it_and_counted_from_it()
    {
        var whole = _world.Connect(_wire);
        Subscribe(whole, Event, Terms("side = ask"));
        for (var n = 1; n <= 600; n++)
        {
            Publish(Event, n);
        }

        await whole.ShownAsync(Event, 600);
        var wanted = Read(whole, 0);
        foreach (var since in new long[] { 0, 1, 2, 3, 299, 300, 301, 598, 599 })
        {
            var client = _world.Connect(_wire);
            Assert.True(Subscribe(client, Event, Terms("side = ask"), new StreamPosition(_world.Hub.Epoch, since)).Start.Recovered);
            await client.ShownAsync(Event, 600);
            Assert.Equal(wanted.Where(line => line.Offset > since).Select(line => line.Text), Read(client, since).Select(line => line.Text));
            client.Connection.Dispose();
        }
    }

    [Fact]
    public async Task Where_nothing_passes_the_position_goes_on_and_can_be_resumed_from()
    {
        var client = _world.Connect(_wire);
        var subscription = Subscribe(client, Event, Terms("side = ask"));
        Publish(Event, 3);
        for (var n = 1; n <= 50; n++)
        {
            Publish(Event, (n * 3) + 1);
        }

        await LookedAtAsync(client, subscription, 51);
        Assert.Equal(1, client.Connection.PositionOf(subscription).Offset);
        _world.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.Single(Read(client, 0));
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(("position", 51L, 0L, 50L, ""), Read(client, 0)[1]);

        Publish(Event, 2); // told once, it is not told again
        Publish(Event, 6);
        await client.ShownAsync(Event, 53);
        Assert.Equal(("entry", 53L, 0L, 1L), Read(client, 0)[2] is var line ? (line.Kind, line.Offset, line.Merged, line.Filtered) : default);

        client.Connection.Dispose();
        var back = _world.Connect(_wire);
        Assert.True(Subscribe(back, Event, Terms("side = ask"), new StreamPosition(_world.Hub.Epoch, 51)).Start.Recovered);
        await back.ShownAsync(Event, 53);
        Assert.Equal([53L], Read(back, 51).Select(entry => entry.Offset));
    }

    [Fact]
    public async Task What_is_subscribed_to_again_has_the_new_filter_and_not_the_old_one()
    {
        var client = _world.Connect(_wire);
        Subscribe(client, Event, Terms("n < 3"));
        Publish(Event, 1);
        await client.ShownAsync(Event, 1);
        Assert.True(client.Unsubscribe(Event));
        Publish(Event, 2);
        Subscribe(client, Event, Terms("n > 3"), new StreamPosition(_world.Hub.Epoch, 1));
        for (var n = 3; n <= 5; n++)
        {
            Publish(Event, n);
        }

        await client.ShownAsync(Event, 5);
        Assert.Equal([(1L, 0L), (4, 2), (5, 0)], Read(client, 0).Select(line => (line.Offset, line.Filtered)));
    }

    [Fact]
    public async Task On_a_state_feed_that_lags_what_was_merged_and_what_was_filtered_add_up()
    {
        var client = _world.Connect(_wire);
        Subscribe(client, Strikes, Terms("strike < 50"));
        client.Transport.Hold();
        PublishStrike(strike: 49, n: 0);
        await client.Transport.UntilAsync(transport => transport.IsSending, "the first send");
        for (var n = 1; n <= 5_000; n++)
        {
            PublishStrike(n % 100, n);
        }

        client.Transport.Release();
        PublishStrike(1, 5_001);
        await client.ShownAsync(Strikes, 5_002);
        var lines = Read(client, 0);
        Assert.Equal(4_850, lines.Sum(line => line.Merged), tolerance: 60); // 100 newest ones stay, 50 of which do not pass
        Assert.InRange(lines.Sum(line => line.Filtered), 40, 60);
        Assert.Equal(5_002, lines.Count + lines.Sum(line => line.Merged + line.Filtered));
        Assert.All(lines, line => Assert.InRange(Strike(line.Text), 0, 49));
        var newest = lines.GroupBy(line => Strike(line.Text)).ToDictionary(same => same.Key, same => Number(same.Last().Text));
        Assert.Equal(50, newest.Count);
        Assert.All(newest.Where(pair => pair.Key != 1), pair => Assert.Equal(pair.Key == 0 ? 5_000 : 4_900 + pair.Key, pair.Value));
        Assert.Equal(5_001, newest[1]);
    }

    [Fact]
    public async Task A_filter_that_lets_nothing_through_does_not_keep_its_client_from_the_other_channels()
    {
        for (var n = 1; n <= 20_000; n++)
        {
            Publish(Event, n);
        }

        var client = _world.Connect(_wire);
        var subscription = Subscribe(client, Event, Terms("n < 0"), new StreamPosition(_world.Hub.Epoch, 0));
        Subscribe(client, State, new SubscriptionTerms());
        _world.Publish(State, "{}");
        await client.ShownAsync(State, 1);
        await LookedAtAsync(client, subscription, 20_000);
        Assert.Equal((20_000L, 20_000L), (client.Connection.ReachOf(subscription).Position.Offset, client.Connection.ReachOf(subscription).Passed.Filtered));
    }

    private static SubscriptionTerms Terms(string filter) => new(Filter(filter));

    private static int Number(string payload) => Field(payload, "n");

    private static int Strike(string payload) => Field(payload, "strike");

    private static int Field(string payload, string field)
    {
        using var json = JsonDocument.Parse(payload);
        var value = json.RootElement.GetProperty(field);
        return int.Parse(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), CultureInfo.InvariantCulture);
    }

    /// <summary>Every third is an ask; every second number stands in quotes.</summary>
    private void Publish(string channel, int n)
        => _world.Publish(channel, string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{(n % 2 == 0 ? $"\"{n}\"" : $"{n}")}},"side":"{{(n % 3 == 0 ? "ask" : "bid")}}"}"""));

    private void PublishStrike(int strike, int n)
        => _world.Publish(Strikes, string.Create(CultureInfo.InvariantCulture, $$"""{"ticker":"SPY","expiry":"2026-11-20","strike":"{{strike}}","n":{{n}}}"""));

    /// <summary>Waits until a subscription has looked at everything up to an offset, though it shows none of it: an answer goes out with a later look.</summary>
    private async Task LookedAtAsync(FanoutClient client, Subscription subscription, long offset)
    {
        for (var ask = 1; client.Connection.ReachOf(subscription).Position.Offset < offset; ask++)
        {
            client.Reply($"{ask}");
            await client.Transport.UntilAsync(transport => transport.Shown.Any(line => line.Kind == "reply" && line.Text == $"{ask}"), "an answer");
            await Task.Yield();
        }
    }
}
