using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>What follows from the provider's answers, or from none.</summary>
public sealed class DemandAnswersTests : IAsyncDisposable
{
    private const string Limit = "Channel subscription limit of 50 reached";
    private readonly UpstreamWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_channel_is_live_once_data_has_arrived()
    {
        await _world.OpenAsync();
        _world.Subscribe("gex:SPY");
        await _world.Upstream.JoinedAsync("gex:SPY");
        await _world.DecodedAsync();
        Assert.Equal(ChannelState.Joined, _world.StateOf("gex:SPY"));
        _world.Upstream.Frame(UpstreamWorld.Data("gex:SPY", "{}"));
        _world.Upstream.Frame(ScriptedUpstream.Ack("gex:SPY")); // a late one takes nothing back
        await _world.DecodedAsync();

        var channel = Assert.Single(_world.Demand.Channels);
        Assert.Equal((ChannelState.Live, 1L, _world.Time.GetUtcNow()), (channel.State, channel.Count, channel.LastDataAt));
    }

    [Fact]
    public async Task A_join_that_is_never_answered_is_silent_and_asked_again()
    {
        _world.Upstream.Answer = static _ => null;
        await _world.OpenAsync();
        _world.Subscribe("gex:SPY");
        await _world.Upstream.JoinedAsync("gex:SPY");
        Assert.Equal(ChannelState.Requested, _world.StateOf("gex:SPY"));
        await LookedAsync(TimeSpan.FromSeconds(11));
        Assert.Equal(ChannelState.Silent, _world.StateOf("gex:SPY"));

        _world.Time.Advance(TimeSpan.FromSeconds(61));
        await _world.Upstream.JoinedAsync("gex:SPY", 2);
        _world.Upstream.Frame(ScriptedUpstream.Ack("gex:SPY"));
        await _world.DecodedAsync();
        Assert.Equal(ChannelState.Joined, _world.StateOf("gex:SPY"));
        await LookedAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(2, _world.Upstream.JoinsOf("gex:SPY"));
    }

    [Fact]
    public async Task A_refused_join_is_asked_again_after_the_retry()
    {
        _world.Upstream.Answer = static form => form == "gex:SPY" ? """["gex:SPY",{"response":{"reason":"no"},"status":"error"}]""" : ScriptedUpstream.Ack(form);
        await _world.OpenAsync();
        _world.Subscribe("gex:SPY");
        await _world.Upstream.JoinedAsync("gex:SPY");
        await _world.DecodedAsync();
        Assert.Equal(ChannelState.Refused, _world.StateOf("gex:SPY"));
        await LookedAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(1, _world.Upstream.JoinsOf("gex:SPY"));

        _world.Upstream.Answer = ScriptedUpstream.Ack;
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        await _world.Upstream.JoinedAsync("gex:SPY", 2);
        await _world.DecodedAsync();
        Assert.Equal(ChannelState.Joined, _world.StateOf("gex:SPY"));
        Assert.Equal(1, _world.Status.CountOf(FrameFault.ErrorFrame));
    }

    [Fact]
    public async Task A_refused_join_leaves_its_slot_to_the_next()
    {
        await using var world = new UpstreamWorld(options => options.MaxChannels = 1);
        world.Upstream.Answer = static form => form == "gex:A" ? """["gex:A",{"error":"no"}]""" : ScriptedUpstream.Ack(form);
        world.Subscribe("gex:A", "gex:B");
        await world.OpenAsync();
        await world.Upstream.JoinedAsync("gex:B");
    }

    [Fact]
    public async Task At_the_providers_limit_what_was_not_taken_waits_for_a_slot()
    {
        _world.Upstream.Answer = static form => form == "gex:C" ? Limit : ScriptedUpstream.Ack(form);
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A", "gex:B", "gex:C");
        await _world.Upstream.JoinedAsync("gex:C");
        await _world.DecodedAsync();
        Assert.Equal((ChannelState.Joined, ChannelState.Joined, ChannelState.Waiting), (_world.StateOf("gex:A"), _world.StateOf("gex:B"), _world.StateOf("gex:C")));
        await LookedAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(1, _world.Upstream.JoinsOf("gex:C"));

        _world.Upstream.Answer = ScriptedUpstream.Ack;
        client.Unsubscribe("gex:A");
        await _world.Upstream.JoinedAsync("gex:C", 2);
        Assert.Equal(1, _world.Status.CountOf(FrameFault.ChannelLimit));
    }

    [Fact]
    public async Task The_next_session_tries_the_full_number_again()
    {
        _world.Upstream.Answer = static form => form == "gex:C" ? Limit : ScriptedUpstream.Ack(form);
        await _world.OpenAsync();
        _world.Subscribe("gex:A", "gex:B", "gex:C");
        await _world.Upstream.JoinedAsync("gex:C");
        await _world.DecodedAsync();
        _world.Upstream.Answer = ScriptedUpstream.Ack;
        await _world.ReopenAsync();
        await _world.Upstream.UntilAsync(upstream => upstream.Joined.Count == 3, "all three");
    }

    /// <summary>Lets time pass and waits until the joining loop has come by: it takes up a channel that is new.</summary>
    private async Task LookedAsync(TimeSpan by)
    {
        _world.Time.Advance(by);
        var probe = $"net_flow:P{_world.Upstream.Steps.Count}";
        var client = _world.Subscribe(probe);
        if (_world.Demand.Channels.Any(channel => channel.State == ChannelState.Waiting && channel.Form != probe))
        {
            client.Connection.Dispose(); // no slot is free: the loop has nothing to show
            return;
        }

        await _world.Upstream.JoinedAsync(probe);
        client.Connection.Dispose();
    }
}
