using Tidewire.Fanout;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Who was told a position and comes back within a day finds everything, as long as no one else needs the channel's place.</summary>
public sealed class PositionDemandTests : IAsyncDisposable
{
    private readonly UpstreamWorld _world = new(static options => (options.MaxChannels, options.KeepPositions) = (3, new UpstreamOptions().KeepPositions));

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_channel_stays_joined_for_a_day_after_its_position_was_told()
    {
        await _world.OpenAsync();
        await ReadAsync("gex:SPY");
        await PassAsync(TimeSpan.FromHours(23.9));
        Assert.Equal(["gex:SPY"], _world.Upstream.Joined);
        Assert.False(Assert.Single(_world.Demand.Channels).Wanted);
        await PassAsync(TimeSpan.FromHours(0.2));
        await _world.Upstream.LeftAsync("gex:SPY");
        Assert.Empty(_world.Demand.Channels);
    }

    [Fact]
    public async Task What_comes_meanwhile_is_there_for_who_comes_back()
    {
        await _world.OpenAsync();
        await ReadAsync("flow-alerts");
        await PassAsync(TimeSpan.FromHours(1));
        _world.Upstream.Frame(UpstreamWorld.Data("flow-alerts", """{"n":1}"""));
        await _world.DecodedAsync();
        Assert.Equal(2, _world.LogOf("flow-alerts").Recent(10).Count(static entry => entry.Gap is null));
    }

    [Fact]
    public async Task A_channel_of_which_no_position_was_told_is_left_after_the_linger()
    {
        await _world.OpenAsync();
        await ReadAsync("gex:SPY", tells: false);
        await PassAsync(TimeSpan.FromSeconds(31));
        await _world.Upstream.LeftAsync("gex:SPY");
    }

    [Fact]
    public async Task Turned_off_positions_keep_nothing()
    {
        await using var world = new UpstreamWorld(static options => options.KeepPositions = TimeSpan.Zero);
        await world.OpenAsync();
        var client = world.Subscribe("gex:SPY");
        await world.JoinedAsync("gex:SPY");
        world.LogOf("gex:SPY").PositionToldAt = world.Time.GetUtcNow();
        client.Unsubscribe("gex:SPY");
        world.Time.Advance(TimeSpan.FromSeconds(31));
        await world.Upstream.LeftAsync("gex:SPY");
    }

    [Fact]
    public async Task Who_needs_the_place_gets_it_of_the_channel_left_longest_and_the_gap_says_so()
    {
        await _world.OpenAsync();
        await ReadAsync("gex:A");
        await PassAsync(TimeSpan.FromMinutes(1));
        await ReadAsync("gex:B");
        await ReadAsync("gex:C");
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(["gex:A", "gex:B", "gex:C"], _world.Upstream.Joined.Order());

        _world.Subscribe("gex:D");
        await _world.JoinedAsync("gex:D");
        Assert.Equal(["gex:B", "gex:C", "gex:D"], _world.Upstream.Joined.Order());
        var left = _world.Time.GetUtcNow();
        await PassAsync(TimeSpan.FromMinutes(10));
        _world.Subscribe("gex:A");
        await _world.JoinedAsync("gex:A", 2);
        Assert.Equal(["gex:A", "gex:C", "gex:D"], _world.Upstream.Joined.Order());
        Assert.Equal(new Gap(left, _world.Time.GetUtcNow(), null, GapReason.NotJoined, false), _world.LogOf("gex:A").Recent(1)[0].Gap);
    }

    [Fact]
    public async Task After_a_reconnect_it_is_joined_again_behind_what_is_wanted()
    {
        await _world.OpenAsync();
        await ReadAsync("gex:A");
        await ReadAsync("gex:B");
        await PassAsync(TimeSpan.FromMinutes(5));
        _world.Subscribe("gex:C");
        await _world.JoinedAsync("gex:C");
        await _world.ReopenAsync();
        await _world.Upstream.UntilAsync(static upstream => upstream.Joined.Count == 3, "three joins");
        Assert.Equal("+gex:C", _world.Upstream.Steps.SkipWhile(static step => step != "open").Skip(1).SkipWhile(static step => step != "open").ElementAt(1));
    }

    [Fact]
    public async Task Who_leaves_while_the_connection_is_down_keeps_it_as_well()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A");
        await _world.JoinedAsync("gex:A");
        Tell("gex:A");
        _world.Upstream.End(UpstreamEndKind.Lost);
        await _world.Log.UntilAsync("UpstreamEnded", 1);
        client.Connection.Dispose();
        await _world.Time.AdvanceToNextTimerAsync();
        await _world.JoinedAsync("gex:A", 2);
    }

    [Fact]
    public async Task The_canary_comes_before_what_no_one_wants()
    {
        await using var world = new UpstreamWorld(static options => (options.MaxChannels, options.KeepPositions, options.Keep) = (1, TimeSpan.FromHours(24), "market_tide"));
        await world.OpenAsync();
        await world.JoinedAsync("market_tide");
        var client = world.Subscribe("gex:A");
        await world.JoinedAsync("gex:A");
        world.LogOf("gex:A").PositionToldAt = world.Time.GetUtcNow();
        client.Unsubscribe("gex:A");
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await world.Time.WaitForTimersAsync(1);
        Assert.Equal(["gex:A"], world.Upstream.Joined); // who has just left may be back at once
        world.Time.Advance(TimeSpan.FromSeconds(25));
        await world.JoinedAsync("market_tide", 2);
        Assert.Equal(["market_tide"], world.Upstream.Joined);
    }

    /// <summary>Someone reads a channel, is told a position or not, and goes.</summary>
    private async Task ReadAsync(string channel, bool tells = true)
    {
        var client = _world.Connect(tells ? null : new TextWire(slot: 5) { Tells = false });
        client.Subscribe(channel);
        await _world.JoinedAsync(channel, _world.Upstream.JoinsOf(channel) + (_world.Upstream.Joined.Contains(channel) ? 0 : 1));
        _world.Upstream.Frame(UpstreamWorld.Data(channel, """{"n":0}"""));
        await _world.DecodedAsync();
        client.Unsubscribe(channel);
    }

    private void Tell(string channel) => _world.LogOf(channel).PositionToldAt = _world.Time.GetUtcNow();

    /// <summary>Lets time pass; on return the channels were looked at.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        _world.Time.Advance(time);
        await _world.DecodedAsync();
        await _world.Time.WaitForTimersAsync(1);
    }
}
