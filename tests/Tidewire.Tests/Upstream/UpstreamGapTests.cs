using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Invariant 6, the upstream's part: what may be missing is an entry of the log.</summary>
public sealed class UpstreamGapTests : IAsyncDisposable
{
    private const string Channel = "option_trades:SPY";
    private readonly UpstreamWorld _world = new(options => options.QueueBytes = 20_000);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_reconnect_leaves_a_gap_from_the_last_frame_to_the_new_join()
    {
        var client = await LiveAsync();
        var lastFrame = _world.Time.GetUtcNow();
        _world.Time.Advance(TimeSpan.FromSeconds(3));
        await _world.ReopenAsync();
        await _world.Upstream.JoinedAsync(Channel, 2);
        var joined = _world.Time.GetUtcNow();
        _world.Upstream.Frame(UpstreamWorld.Data(Channel, "{}"));

        await client.ShownAsync(Channel, 3);
        Assert.Equal([("entry", 1L, "{}"), ("gap", 2L, "upstream_down"), ("entry", 3L, "{}")], client.Transport.Entries().Select(entry => (entry.Kind, entry.Offset, entry.Text)));
        Assert.Equal(new Gap(lastFrame, joined, null, GapReason.UpstreamDown, false), _world.LogOf(Channel).Recent(2)[0].Gap);
    }

    [Fact]
    public async Task Several_failed_sessions_leave_one_gap()
    {
        var client = await LiveAsync();
        _world.Upstream.Answer = static _ => null;
        for (var session = 2; session <= 5; session++)
        {
            await _world.ReopenAsync(n: session);
            await _world.Upstream.JoinedAsync(Channel, session);
        }

        _world.Upstream.Frame(UpstreamWorld.Data(Channel, "{}")); // data proves the join as well
        await client.ShownAsync(Channel, 3);
        Assert.Equal(["entry", "gap", "entry"], client.Transport.Entries().Select(entry => entry.Kind));
        var gap = _world.LogOf(Channel).Recent(2)[0].Gap!;
        Assert.Equal((FanoutWorld.Start, _world.Time.GetUtcNow()), (gap.From, gap.To));
    }

    [Fact]
    public async Task A_channel_that_had_nothing_yet_has_no_gap()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe(Channel);
        await _world.Upstream.JoinedAsync(Channel);
        _world.Upstream.Frame(UpstreamWorld.Data(Channel, "{}"));
        await client.ShownAsync(Channel, 1);
        Assert.Equal(["entry"], client.Transport.Entries().Select(entry => entry.Kind));
    }

    [Fact]
    public async Task A_channel_that_was_left_and_joined_again_has_a_gap()
    {
        var client = await LiveAsync();
        client.Unsubscribe(Channel);
        _world.Time.Advance(TimeSpan.FromSeconds(31));
        await _world.Upstream.LeftAsync(Channel);
        _world.Time.Advance(TimeSpan.FromMinutes(10));
        client.Subscribe(Channel);
        await _world.Upstream.JoinedAsync(Channel, 2);

        await client.ShownAsync(Channel, 2);
        var gap = _world.LogOf(Channel).Recent(1)[0].Gap!;
        Assert.Equal((GapReason.NotJoined, _world.Time.GetUtcNow()), (gap.Reason, gap.To));
        Assert.InRange((gap.To - gap.From).TotalMinutes, 9.9, 10.6);
    }

    [Fact]
    public async Task A_derived_channel_has_the_gap_of_what_it_is_derived_from()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe("ticker:SPY");
        await _world.Upstream.JoinedAsync("price:SPY");
        _world.Upstream.Frame(UpstreamWorld.Data("price:SPY", """{"close":"1.50"}"""));
        await client.ShownAsync("ticker:SPY", 1);
        await _world.ReopenAsync();
        await client.ShownAsync("ticker:SPY", 2);
        Assert.Equal(["entry", "gap"], client.Transport.Entries().Select(entry => entry.Kind));
    }

    [Fact]
    public async Task Frames_that_our_own_queue_had_no_room_for_leave_a_gap_and_are_counted()
    {
        var client = await LiveAsync();
        _world.Log.Hold();
        _world.Upstream.Frame("0"); // whoever decodes it says so, and is held there
        await _world.Log.UntilAsync("UpstreamFrameSkipped", 1);
        var payload = $$"""{"x":"{{new string('x', 1_000)}}"}""";
        for (var i = 0; i < 50; i++)
        {
            _world.Upstream.Frame(UpstreamWorld.Data(Channel, payload)); // never waits
        }

        var dropped = _world.Status.CountOf(FrameFault.DroppedByUs);
        Assert.InRange(dropped, 30, 49);
        _world.Log.Release();
        await client.ShownAsync(Channel, 51 - dropped);
        await _world.DecodedAsync();
        _world.Upstream.Frame(UpstreamWorld.Data(Channel, "{}"));
        await client.ShownAsync(Channel, 53 - dropped);
        Assert.Equal(["gap", "entry"], client.Transport.Entries().TakeLast(2).Select(entry => entry.Kind)); // before the first frame after the loss
        Assert.Equal("dropped_by_us", client.Transport.Entries().Single(entry => entry.Kind == "gap").Text);
        Assert.Equal(Enumerable.Range(1, client.Transport.Entries().Count).Select(offset => (long)offset), client.Transport.Offsets(Channel));
        Assert.Equal(1, _world.Log.Count("UpstreamFramesDropped"));
    }

    [Fact]
    public async Task A_gap_is_told_to_one_who_resumes_by_position()
    {
        var client = await LiveAsync();
        var position = new StreamPosition(_world.Hub.Epoch, 1);
        await _world.ReopenAsync();
        await client.ShownAsync(Channel, 2);
        var back = _world.Connect();
        Assert.True(back.Subscribe(Channel, position).Start.Recovered);
        await back.ShownAsync(Channel, 2);
        Assert.Equal("upstream_down", back.Transport.Entries()[0].Text);
    }

    /// <summary>A client that has been shown one entry.</summary>
    private async Task<FanoutClient> LiveAsync()
    {
        await _world.OpenAsync();
        var client = _world.Subscribe(Channel);
        await _world.Upstream.JoinedAsync(Channel);
        _world.Upstream.Frame(UpstreamWorld.Data(Channel, "{}"));
        await client.ShownAsync(Channel, 1);
        return client;
    }
}
