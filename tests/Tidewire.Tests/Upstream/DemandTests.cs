using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>What is asked of the provider, seen from the provider's side.</summary>
public sealed class DemandTests : IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);
    private readonly UpstreamWorld _world = new(options => options.MaxChannels = 3);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_first_subscriber_of_a_channel_asks_for_it()
    {
        await _world.OpenAsync();
        _world.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        await _world.DecodedAsync();

        Assert.Equal(["open", "+gex:SPY"], _world.Upstream.Steps);
        Assert.Equal(ChannelState.Joined, _world.StateOf("gex:SPY"));
    }

    [Fact]
    public async Task Who_subscribed_before_the_session_opened_is_served_when_it_does()
    {
        _world.Subscribe("gex:SPY");
        Assert.Equal(ChannelState.Waiting, _world.StateOf("gex:SPY"));
        await _world.OpenAsync();
        await _world.JoinedAsync("gex:SPY");
    }

    [Fact]
    public async Task A_second_subscriber_asks_for_nothing()
    {
        await _world.OpenAsync();
        _world.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        _world.Subscribe("gex:SPY");
        _world.Subscribe("gex:QQQ");
        await _world.JoinedAsync("gex:QQQ");
        Assert.Equal(1, _world.Upstream.JoinsOf("gex:SPY"));
    }

    [Fact]
    public async Task The_last_subscriber_leaves_it_after_the_linger()
    {
        await _world.OpenAsync();
        var (first, second) = (_world.Subscribe("gex:SPY"), _world.Subscribe("gex:SPY"));
        await _world.JoinedAsync("gex:SPY");
        first.Connection.Dispose();
        _world.Time.Advance(2 * Linger);
        second.Connection.Dispose();
        _world.Time.Advance(Linger - TimeSpan.FromSeconds(1));
        _world.Subscribe("gex:QQQ");
        await _world.JoinedAsync("gex:QQQ");
        Assert.DoesNotContain("-gex:SPY", _world.Upstream.Steps);
        Assert.False(_world.Demand.Channels.Single(channel => channel.Form == "gex:SPY").Wanted);

        _world.Time.Advance(TimeSpan.FromSeconds(2));
        await _world.Upstream.LeftAsync("gex:SPY");
        Assert.Equal(["gex:QQQ"], _world.Demand.Channels.Select(channel => channel.Form));
    }

    [Fact]
    public async Task Who_comes_back_within_the_linger_finds_the_channel_joined()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        client.Unsubscribe("gex:SPY");
        _world.Time.Advance(Linger / 2);
        client.Subscribe("gex:SPY");
        _world.Time.Advance(2 * Linger);
        client.Subscribe("gex:QQQ");
        await _world.JoinedAsync("gex:QQQ");
        Assert.Equal(["open", "+gex:SPY", "+gex:QQQ"], _world.Upstream.Steps);
    }

    [Fact]
    public async Task Who_comes_back_after_the_linger_has_the_channel_joined_again()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        client.Unsubscribe("gex:SPY");
        _world.Time.Advance(Linger + TimeSpan.FromSeconds(1));
        await _world.Upstream.LeftAsync("gex:SPY");
        client.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY", 2);
        Assert.Equal(["open", "+gex:SPY", "-gex:SPY", "+gex:SPY"], _world.Upstream.Steps);
    }

    [Fact]
    public async Task Never_more_channels_are_joined_than_may_be_and_the_next_waits_for_a_slot()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A", "gex:B", "gex:C");
        await _world.JoinedAsync("gex:C");
        var waiting = _world.Subscribe("gex:D", "gex:E");
        _world.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((ChannelState.Waiting, ChannelState.Waiting), (_world.StateOf("gex:D"), _world.StateOf("gex:E")));

        client.Unsubscribe("gex:B"); // a channel that lingers makes room at once
        await _world.JoinedAsync("gex:D");
        client.Unsubscribe("gex:C");
        await _world.JoinedAsync("gex:E");
        Assert.Equal(3, _world.Upstream.MostJoined);
        Assert.Equal(["gex:A", "gex:D", "gex:E"], _world.Upstream.Joined.Order());
        waiting.Connection.Dispose();
    }

    [Fact]
    public async Task Of_the_channels_that_linger_the_one_left_longest_makes_room()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A", "gex:B", "gex:C");
        await _world.JoinedAsync("gex:C");
        client.Unsubscribe("gex:B");
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        client.Unsubscribe("gex:A");
        client.Subscribe("gex:D");
        await _world.JoinedAsync("gex:D");
        Assert.Equal(["gex:A", "gex:C", "gex:D"], _world.Upstream.Joined.Order());
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_not_joined()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A", "gex:B", "gex:C", "gex:D", "gex:E");
        await _world.JoinedAsync("gex:C");
        client.Unsubscribe("gex:D");
        client.Unsubscribe("gex:A");
        await _world.JoinedAsync("gex:E");
        Assert.Equal(0, _world.Upstream.JoinsOf("gex:D"));
    }

    [Theory]
    [InlineData("market_movers")]
    [InlineData("congress_trades")]
    public async Task A_presumed_name_is_never_joined(string channel)
    {
        await _world.OpenAsync();
        _world.Subscribe(channel, "gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        Assert.Equal(["open", "+gex:SPY"], _world.Upstream.Steps);
    }

    [Fact]
    public async Task A_ticker_asks_for_its_price_once()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("ticker:SPY");
        await _world.JoinedAsync("price:SPY");
        client.Subscribe("price:SPY");
        client.Unsubscribe("ticker:SPY"); // the price itself is still wanted
        _world.Time.Advance(2 * Linger);
        client.Subscribe("gex:SPY");
        await _world.JoinedAsync("gex:SPY");
        Assert.Equal(["open", "+price:SPY", "+gex:SPY"], _world.Upstream.Steps);
        client.Unsubscribe("price:SPY");
        _world.Time.Advance(2 * Linger);
        await _world.Upstream.LeftAsync("price:SPY");
    }

    [Fact]
    public async Task After_a_reconnect_who_came_first_is_served_first()
    {
        await _world.OpenAsync();
        var forms = Enumerable.Range(0, 12).Select(i => $"gex:T{i}").ToArray();
        _world.Subscribe(forms);
        await _world.JoinedAsync("gex:T2");
        await _world.ReopenAsync();
        await _world.Upstream.UntilAsync(upstream => upstream.Joined.Count == 3, "three joins");
        Assert.Equal(forms[..3], _world.Upstream.Joined.Order());
    }

    [Fact]
    public async Task Joins_are_paced()
    {
        await using var world = new UpstreamWorld(options => options.JoinPacing = TimeSpan.FromMilliseconds(10));
        world.Subscribe("gex:A", "gex:B", "gex:C");
        await world.OpenAsync();
        for (var joined = 1; joined <= 3; joined++)
        {
            await world.Upstream.UntilAsync(upstream => upstream.Joined.Count == joined, $"join {joined}");
            await world.Time.WaitForTimerWithinAsync(TimeSpan.FromMilliseconds(10));
            Assert.Equal(joined, world.Upstream.Joined.Count);
            world.Time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }
}
