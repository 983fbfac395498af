using System.Globalization;
using System.Text.Json;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>How often <c>/api/ws</c> sends the values of a state feed: ten times a second, or as often as was asked for.</summary>
public sealed class StateRateTests : HttpWireTest
{
    private const string Channel = "gex_strike_expiry:SPY";
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(null, 100)]
    [InlineData(2.0, 500)]
    public async Task The_first_value_comes_at_once_and_what_follows_with_the_next_flush(double? rate, int milliseconds)
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        var client = await ConnectAsync();
        await client.SubscribedAsync(Channel, maxRate: rate);
        var others = await OthersAsync();
        PublishStrike(1, 1);
        Assert.Equal(1, Number(await client.NextOfTypeAsync("message")));
        for (var n = 2; n <= 41; n++)
        {
            PublishStrike(n % 2, n);
        }

        foreach (var nextAsync in others)
        {
            for (var n = 1; n <= 41; n++)
            {
                var message = await nextAsync(); // other wires do not throttle: the clock stands still
                Assert.Equal((n, false), (Number(message), message.TryGetProperty("merged", out _)));
            }
        }

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Empty(await client.UntilPongAsync());
        Assert.Empty(await client.UntilPongAsync());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var flushed = new[] { await client.NextOfTypeAsync("message"), await client.NextOfTypeAsync("message") };
        Assert.Equal([(40, 40L, 38L), (41, 41, 0)], flushed.Select(message => (Number(message), message.GetProperty("offset").GetInt64(), message.TryGetProperty("merged", out var merged) ? merged.GetInt64() : 0)));
    }

    [Fact]
    public async Task A_rate_of_zero_is_no_throttle()
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        var client = await ConnectAsync();
        await client.SubscribedAsync(Channel, maxRate: 0);
        for (var n = 1; n <= 30; n++)
        {
            PublishStrike(1, n);
            var message = await client.NextOfTypeAsync("message");
            Assert.Equal((n, n), (Number(message), message.GetProperty("offset").GetInt32()));
        }
    }

    [Theory]
    [InlineData("flow-alerts", "2", "event feed")]
    [InlineData(Channel, "-1", "a number of messages a second")]
    [InlineData(Channel, "\"2\"", "a number of messages a second")]
    public async Task A_rate_that_cannot_be_is_refused(string channel, string rate, string why)
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SendTextAsync($$"""{"type":"subscribe","channel":"{{channel}}","max_rate":{{rate}},"id":7}""");
        var error = await client.NextAsync();
        Assert.Equal((105, "bad_value", "max_rate", 7), (error.GetProperty("code").GetInt32(), ErrorOf(error), error.GetProperty("field").GetString(), error.GetProperty("id").GetInt32()));
        Assert.Contains(why, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("subscribed", (await client.SubscribedAsync(channel)).GetProperty("action").GetString());
    }

    [Fact]
    public async Task An_event_feed_is_sent_as_it_comes()
    {
        await StartWithAsync(_time, ("TIDEWIRE_UPSTREAM", "none"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("flow-alerts");
        for (var n = 1; n <= 30; n++)
        {
            Publish("flow-alerts", n, n);
            Assert.Equal(n, Number(await client.NextOfTypeAsync("message"))); // the clock stands still
        }
    }

    /// <summary>Readers of the channel on the wires that do not throttle.</summary>
    private async Task<Func<Task<JsonElement>>[]> OthersAsync()
    {
        var stream = await StreamAsync("gex_strike_expiry/SPY");
        var events = await EventsAsync("gex_strike_expiry/SPY");
        await events.NextEventAsync();
        await UntilSubscribedAsync(Channel, 3);
        return [stream.NextAsync, events.NextAsync];
    }

    private void PublishStrike(int strike, int n)
        => PublishText(Channel, string.Create(CultureInfo.InvariantCulture, $$"""{"ticker":"SPY","expiry":"2026-11-20","strike":"{{strike}}","n":{{n}}}"""));
}
