using System.Text;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

public sealed class UnusualWhalesSocketTests : IAsyncLifetime
{
    private const string Ack = """["gex:SPY",{"response":{},"status":"ok"}]""";
    private FakeUnusualWhales _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await FakeUnusualWhales.StartNewAsync();

    public async ValueTask DisposeAsync() => await _provider.DisposeAsync();

    [Fact]
    public async Task The_upgrade_names_us_and_carries_the_token_percent_encoded()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();

        var attempt = Assert.Single(_provider.Handshakes);
        Assert.Equal(("/socket", SocketWorld.Token), (attempt.Path, attempt.Token));
        Assert.Equal($"token={Uri.EscapeDataString(SocketWorld.Token)}", attempt.Query);
        Assert.StartsWith("Tidewire/", attempt.UserAgent, StringComparison.Ordinal);
        Assert.False(attempt.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Joins_and_leaves_are_text()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await world.JoinAsync("gex:SPY");
        await world.Socket.LeaveAsync("gex:SPY", CancellationToken.None);
        await _provider.WaitForLeaveAsync("gex:SPY");

        Assert.Equal(["""{"channel":"gex:SPY","msg_type":"join"}""", """{"channel":"gex:SPY","msg_type":"leave"}"""], _provider.ReceivedTexts);
        Assert.Empty(_provider.ReceivedBinaries);
        Assert.Empty(_provider.Violations);
        Assert.Equal([Ack], world.Listener.Frames);
    }

    [Fact]
    public async Task Frames_arrive_whole_byte_for_byte_and_in_order()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        var sent = Enumerable.Range(0, 3_000).Select(i => $" [ \"gex:SPY\" , {{ \"n\" : {i}, \"é\":\"{string.Concat(Enumerable.Repeat("😀", i % 50))}\" }} ]").ToList();
        await _provider.SendBurstAsync(sent.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)));

        await world.Listener.FramesAsync(sent.Count);
        Assert.Equal(sent, world.Listener.Frames);
    }

    [Fact]
    public async Task Fragments_with_pings_between_them_are_one_frame()
    {
        _provider.Misbehaviour.FragmentBytes = 3;
        _provider.Misbehaviour.PingsBetweenFragments = true;
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await world.JoinAsync("gex:SPY");
        var payload = $$"""{"note":"{{new string('é', 500)}}"}""";
        await _provider.SendDataAsync("gex:SPY", payload);
        await world.Listener.FramesAsync(2);

        Assert.Equal([Ack, $"[\"gex:SPY\",{payload}]"], world.Listener.Frames);
        await _provider.WaitForPongAsync(10);
    }

    [Fact]
    public async Task Binary_frames_are_left_out_and_said()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await _provider.SendBinaryAsync("""["gex:SPY",{}]"""u8.ToArray());
        await _provider.SendBinaryAsync(new byte[200_000]);
        await _provider.SendAsync("[]");
        await world.Listener.FramesAsync(1);

        Assert.Equal([FrameFault.BinaryFrame, FrameFault.BinaryFrame], world.Listener.Skips);
        Assert.Equal(["[]"], world.Listener.Frames);
    }

    [Theory]
    [InlineData(1_024)]
    [InlineData(200_000)]
    public async Task Frames_over_the_limit_are_left_out_and_said_and_the_next_is_whole(int limit)
    {
        await using var world = new SocketWorld(_provider, options => options.MaxFrameBytes = limit);
        await world.OpenAsync();
        var longest = new string('x', limit);
        await _provider.SendAsync(longest + "x");
        await _provider.SendAsync(longest);
        await _provider.SendAsync(new string('y', limit * 5));
        await _provider.SendAsync("[]");
        await world.Listener.FramesAsync(2);

        Assert.Equal([longest, "[]"], world.Listener.Frames);
        Assert.Equal([FrameFault.TooLarge, FrameFault.TooLarge], world.Listener.Skips);
    }

    [Fact]
    public async Task Stopping_closes_with_1000()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        var end = await world.StopAsync();
        await _provider.WaitForDisconnectAsync();

        Assert.Equal(UpstreamEndKind.Stopped, end.Kind);
        Assert.Equal(1000, Assert.Single(_provider.ReceivedCloses).Code);
        Assert.Empty(_provider.Violations);
    }

    [Fact]
    public async Task Stopping_ends_even_when_the_provider_does_not_answer()
    {
        await using var world = new SocketWorld(_provider, options => options.PingAfter = TimeSpan.FromMinutes(1));
        await world.OpenAsync();
        _provider.Misbehaviour.HalfOpen = true;
        Assert.Equal(UpstreamEndKind.Stopped, (await world.StopAsync()).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_provider_that_answers_no_ping_is_lost(bool halfOpen)
    {
        await using var world = new SocketWorld(_provider, options => options.PingAfter = options.PongWithin = TimeSpan.FromMilliseconds(150));
        await world.OpenAsync();
        await world.JoinAsync("gex:SPY");
        _provider.Misbehaviour.HalfOpen = halfOpen;
        _provider.Misbehaviour.PingsUnanswered = true;

        Assert.Equal(UpstreamEndKind.Lost, (await world.EndAsync()).Kind);
    }

    [Fact]
    public async Task A_silent_provider_that_answers_pings_is_kept()
    {
        _provider.Misbehaviour.Silent = true;
        await using var world = new SocketWorld(_provider, options =>
        {
            options.PingAfter = TimeSpan.FromMilliseconds(100);
            options.PongWithin = TimeSpan.FromSeconds(2);
        });
        await world.OpenAsync();
        await _provider.WaitForPingAsync(5);
        Assert.Equal(1, _provider.ConnectionsOpen);
        Assert.Equal(UpstreamEndKind.Stopped, (await world.StopAsync()).Kind);
    }

    [Fact]
    public async Task A_join_outside_a_session_is_passed_over()
    {
        await using var world = new SocketWorld(_provider);
        await world.Socket.JoinAsync("gex:SPY", CancellationToken.None);
        await world.OpenAsync();
        await world.StopAsync();
        await world.Socket.JoinAsync("gex:SPY", CancellationToken.None);
        Assert.Empty(_provider.ReceivedTexts);
    }
}
