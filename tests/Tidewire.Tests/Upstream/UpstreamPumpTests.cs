using Microsoft.Extensions.Logging;
using Tidewire.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

public sealed class UpstreamPumpTests : IAsyncDisposable
{
    private readonly UpstreamWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Frames_become_publications_in_order_with_their_bytes()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("option_trades:SPY");
        await _world.Upstream.JoinedAsync("option_trades:SPY");
        for (var i = 0; i < 1_000; i++)
        {
            _world.Upstream.Frame($" [ \"option_trades:SPY\" , {{ \"n\" : {i} }} ]");
        }

        await client.ShownAsync("option_trades:SPY", 1_000);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{{ \"n\" : {i} }}"), client.Transport.Entries().Select(entry => entry.Text));
        var last = _world.LogOf("option_trades:SPY").Recent(1)[0];
        Assert.Equal(" [ \"option_trades:SPY\" , { \"n\" : 999 } ]"u8, last.Frame);
        Assert.Equal(PublicationSource.Socket, last.Source);
    }

    [Fact]
    public async Task Acknowledgements_errors_and_odd_frames_never_become_publications()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:SPY", "gex:QQQ");
        await _world.Upstream.JoinedAsync("gex:QQQ");
        string[] others =
        [
            ScriptedUpstream.Ack("gex:SPY"), """["gex:SPY",{"status":"ok","response":{}}]""", """["gex:QQQ",{"error":"x"}]""", """{"error":"x"}""",
            """["gex:ZZZZ",{}]""", ScriptedUpstream.Ack("gex:ZZZZ"), "[]", "null", "not JSON", """["gex:SPY",[]]""",
        ];
        foreach (var frame in others)
        {
            _world.Upstream.Frame(frame);
        }

        _world.Upstream.Frame(UpstreamWorld.Data("gex:SPY", "{}"));
        await client.ShownAsync("gex:SPY", 1);
        Assert.Equal(1, _world.Hub.Counters.PublishedCount);
        Assert.Equal((1L, 4L), (_world.Status.DataFrames, _world.Status.Acknowledgements));
        Assert.Equal(
            [(FrameFault.MalformedJson, 1L), (FrameFault.UnknownShape, 3L), (FrameFault.UnknownChannel, 1L), (FrameFault.ErrorFrame, 2L), (FrameFault.UnknownAcknowledgement, 1L)],
            UpstreamStatus.Reasons.Select(fault => (fault, _world.Status.CountOf(fault))).Where(pair => pair.Item2 > 0));
    }

    [Fact]
    public async Task It_runs_again_for_ever_and_waits_in_between()
    {
        _world.Upstream.EndsAtOnce = static run => run <= 20 ? new UpstreamEnd(UpstreamEndKind.CannotConnect, "port closed") : null;
        _world.Start();
        var waits = new List<double>();
        for (var run = 1; run <= 20; run++)
        {
            await _world.Log.UntilAsync("UpstreamEnded", run);
            Assert.Equal((run, UpstreamState.Disconnected, "port closed"), (_world.Upstream.Runs, _world.Status.View.State, _world.Status.View.Reason));
            waits.Add((await _world.Time.AdvanceToNextTimerAsync()).TotalSeconds);
        }

        await _world.OpenedAsync();
        Assert.Equal((UpstreamState.Connected, 0, 1L), (_world.Status.View.State, _world.Status.View.Attempt, _world.Status.View.Sessions));
        Assert.InRange(waits[0], 0.1, 0.25);
        Assert.All(waits, wait => Assert.InRange(wait, 0.1, 1.5));
        Assert.All(_world.Log.Lines, line => Assert.Equal(LogLevel.Warning, line.Level));
    }

    [Fact]
    public async Task A_refused_token_is_shown_and_tried_thirteen_times_an_hour_at_most()
    {
        _world.Upstream.EndsAtOnce = static _ => new UpstreamEnd(UpstreamEndKind.NotEntitled, "HTTP 401");
        var states = new List<UpstreamState>();
        _world.Status.Changed += view => states.Add(view.State);
        _world.Start();
        var passed = TimeSpan.Zero;
        while (true)
        {
            passed += await _world.Time.AdvanceToNextTimerAsync();
            if (passed > TimeSpan.FromHours(1))
            {
                break;
            }
        }

        await _world.Log.UntilAsync("UpstreamEnded", 11);
        Assert.InRange(_world.Upstream.Runs - 1, 10, 13); // the last began after the hour
        Assert.All(states.Skip(1), state => Assert.Equal(UpstreamState.NotEntitled, state));
        Assert.NotNull(_world.Status.View.Reason);
    }

    [Fact]
    public async Task Everything_wanted_is_joined_again_after_a_reconnect()
    {
        string[] forms = ["gex:A", "gex:B", "option_trades", "news"];
        await _world.OpenAsync();
        _world.Subscribe(forms);
        await _world.Upstream.JoinedAsync("news");
        await _world.ReopenAsync();
        foreach (var form in forms)
        {
            await _world.Upstream.JoinedAsync(form, 2);
        }

        await _world.DecodedAsync();
        Assert.Equal(forms.Order(), _world.Upstream.Joined.Order());
        Assert.All(_world.Demand.Channels, channel => Assert.Equal(ChannelState.Joined, channel.State));
    }

    [Fact]
    public async Task What_is_wanted_no_more_is_not_joined_again()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("gex:A", "gex:B");
        await _world.Upstream.JoinedAsync("gex:B");
        client.Unsubscribe("gex:A");
        await _world.ReopenAsync();
        await _world.Upstream.JoinedAsync("gex:B", 2);
        Assert.Equal(1, _world.Upstream.JoinsOf("gex:A"));
        Assert.Equal(["gex:B"], _world.Demand.Channels.Select(channel => channel.Form));
    }

    [Fact]
    public async Task Stopping_ends_the_session_and_the_pump()
    {
        await _world.OpenAsync();
        await _world.StopAsync();
        Assert.Equal("scripted", _world.Status.View.Reason);
        Assert.Null(_world.Status.View.NextAttemptAt);
        Assert.Equal(1, _world.Upstream.Runs);
    }

    [Fact]
    public async Task Stopping_while_it_waits_ends_the_pump()
    {
        _world.Upstream.EndsAtOnce = static _ => new UpstreamEnd(UpstreamEndKind.NotEntitled, "HTTP 401");
        _world.Start();
        await _world.Time.WaitForTimersAsync(1);
        await _world.StopAsync();
        Assert.Equal(1, _world.Upstream.Runs);
    }
}
