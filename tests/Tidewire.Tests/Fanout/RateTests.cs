using System.Globalization;
using System.Text.Json;
using Tidewire.Fanout;
using static Tidewire.Tests.Fanout.FanoutWorld;
using static Tidewire.Tests.Fanout.PassedWire;

namespace Tidewire.Tests.Fanout;

/// <summary>State feeds are flushed to a client at most so often: the newest of each key, the count of the rest, and the last value in any case.</summary>
public sealed class RateTests : IDisposable
{
    private const string Strikes = "gex_strike_expiry:SPY";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly FanoutWorld _world = new();
    private readonly PassedWire _tenths = new(TimeSpan.FromMilliseconds(100));

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(null, 10)]
    [InlineData(2.0, 50)]
    [InlineData(20.0, 5)]
    [InlineData(0.0, 0)]
    public async Task No_two_flushes_are_nearer_than_the_rate_allows_and_nothing_is_lost_but_counted(double? rate, int steps)
    {
        const int Keys = 5, Rounds = 300;
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms(MaxRate: rate));
        var witness = Witness(client);
        var flushes = new List<int>();
        var published = 0;
        for (var step = 0; step < Rounds; step++)
        {
            for (var key = 0; key < Keys; key++)
            {
                Publish(key, step);
                await witness.ShownAsync(Strikes, ++published); // the client beside it has been told too
            }

            if (client.Transport.Sends.Count > flushes.Count)
            {
                flushes.AddRange(Enumerable.Repeat(step, client.Transport.Sends.Count - flushes.Count));
            }

            _world.Time.Advance(Step);
            flushes.AddRange(Enumerable.Repeat(step + 1, client.Transport.Sends.Count - flushes.Count));
        }

        _world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, flushes[0]);
        if (steps > 0)
        {
            Assert.All(flushes.Zip(flushes.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, steps, steps + 1));
        }

        var lines = Read(client, 0);
        Assert.Equal(Keys * Rounds, lines.Count + lines.Sum(line => line.Merged));
        Assert.Equal(steps == 0 ? Keys * Rounds : lines.Count, lines.Count);
        Assert.Equal(Enumerable.Range(0, Keys).Select(key => (key, Rounds - 1)), lines.TakeLast(Keys).Select(line => Of(line.Text)));
        foreach (var key in lines.GroupBy(line => Of(line.Text).Strike))
        {
            Assert.Equal(key.Select(line => Of(line.Text).Number).Order(), key.Select(line => Of(line.Text).Number));
        }
    }

    [Fact]
    public async Task The_first_value_is_not_delayed_and_neither_is_one_after_a_pause()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms());
        for (var n = 1; n <= 5; n++)
        {
            Publish(1, n);
            await client.ShownAsync(Strikes, n); // the clock stands still
            _world.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public async Task The_last_value_arrives_once_the_interval_is_over_and_not_before()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms());
        var witness = Witness(client);
        Publish(1, 0);
        await client.ShownAsync(Strikes, 1);
        for (var n = 1; n <= 9; n++)
        {
            Publish(1, n);
        }

        await witness.ShownAsync(Strikes, 10);
        _world.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Single(Read(client, 0));
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((10L, 8L, 9), Read(client, 0)[1] is var line ? (line.Offset, line.Merged, Of(line.Text).Number) : default);
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Read(client, 0).Count);
    }

    [Fact]
    public async Task What_was_missed_is_resumed_whole_and_at_once()
    {
        for (var n = 1; n <= 50; n++)
        {
            Publish(1, n);
        }

        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms(), new(_world.Hub.Epoch, 10));
        await client.ShownAsync(Strikes, 50);
        Assert.Equal(40, Read(client, 10).Count);
    }

    [Fact]
    public async Task A_filter_and_a_rate_together_show_the_newest_that_passes_and_count_the_rest()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms(Filter("strike >= 2")));
        var witness = Witness(client);
        for (var n = 1; n <= 40; n++)
        {
            Publish(n % 4, n);
            await witness.ShownAsync(Strikes, n);
        }

        _world.Time.Advance(TimeSpan.FromMilliseconds(100));
        var lines = Read(client, 0);
        Assert.Equal([(2, 2), (2, 38), (3, 39)], lines.Select(line => Of(line.Text)));
        Assert.Equal([(0L, 1L), (34, 1), (0, 0)], lines.Select(line => (line.Merged, line.Filtered)));
    }

    [Fact]
    public void An_event_feed_takes_no_rate()
    {
        var client = _world.Connect(_tenths);
        var (feed, name) = Resolve(Event);
        foreach (var rate in new[] { 0.5, 2, 10 }) // 0 asks for what it is in any case
        {
            var error = client.Connection.Subscribe(feed, name, null, 0, new SubscriptionTerms(MaxRate: rate), out var subscription);
            Assert.Equal(("max_rate", null), (error?.Field, subscription));
            Assert.Contains("event feed", error!.Message, StringComparison.Ordinal);
        }

        Assert.Equal((0, 0), (client.Connection.Channels, _world.Log(Event).Subscribers));
    }

    [Fact]
    public async Task An_event_feed_is_not_throttled_on_a_wire_that_throttles()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Event, new SubscriptionTerms());
        for (var n = 1; n <= 100; n++)
        {
            _world.Publish(Event);
            await client.ShownAsync(Event, n); // the clock stands still
        }
    }

    [Fact]
    public async Task A_reader_that_waits_for_its_time_for_long_is_told_its_position_meanwhile()
    {
        var client = _world.Connect(_tenths);
        Subscribe(client, Strikes, new SubscriptionTerms(MaxRate: 0.02));
        var witness = Witness(client);
        Publish(1, 1);
        await client.ShownAsync(Strikes, 1);
        Publish(1, 2);
        Publish(1, 3);
        await witness.ShownAsync(Strikes, 3);
        _world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("position", 1L), Read(client, 0)[^1] is var line ? (line.Kind, line.Offset) : default);
        _world.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(("entry", 3L, 1L), Read(client, 0)[^1] is var last ? (last.Kind, last.Offset, last.Merged) : default);
    }

    private static (int Strike, int Number) Of(string payload)
    {
        using var row = JsonDocument.Parse(payload);
        return (int.Parse(row.RootElement.GetProperty("strike").GetString()!, CultureInfo.InvariantCulture), row.RootElement.GetProperty("n").GetInt32());
    }

    /// <summary>A client on a wire that does not throttle, woken after the other.</summary>
    private FanoutClient Witness(FanoutClient client)
    {
        var witness = Beside(_world, client);
        witness.Subscribe(Strikes);
        return witness;
    }

    private void Publish(int strike, int n)
        => _world.Publish(Strikes, string.Create(CultureInfo.InvariantCulture, $$"""{"ticker":"SPY","expiry":"2026-11-20","strike":"{{strike}}","n":{{n}}}"""));
}
