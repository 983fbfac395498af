using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>How a session ends decides what follows; and whatever is said of it, the token is not in it.</summary>
public sealed class UnusualWhalesEndTests : IAsyncLifetime
{
    private FakeUnusualWhales _provider = null!;

    public static TheoryData<int, string, UpstreamEndKind> Refusals => new()
    {
        { 401, "Unauthorized", UpstreamEndKind.NotEntitled },
        { 403, "Forbidden", UpstreamEndKind.NotEntitled },
        { 404, "Not Found", UpstreamEndKind.TurnedAway },
        { 429, "Too Many Requests", UpstreamEndKind.TurnedAway },
        { 500, "Internal Server Error", UpstreamEndKind.TurnedAway },
        { 503, "Service Unavailable", UpstreamEndKind.TurnedAway },
        { 200, "OK", UpstreamEndKind.TurnedAway },
    };

    public static TheoryData<int, string, UpstreamEndKind> Closes => new()
    {
        { 1000, "", UpstreamEndKind.TurnedAway },
        { 1000, "401 Unauthorized: token revoked", UpstreamEndKind.NotEntitled },
        { 1000, "FORBIDDEN", UpstreamEndKind.NotEntitled },
        { 1000, $"token={SocketWorld.Token} {Uri.EscapeDataString(SocketWorld.Token)}", UpstreamEndKind.TurnedAway },
        { 1001, "server restarting", UpstreamEndKind.Lost },
        { 1012, "service restart", UpstreamEndKind.Lost },
        { 1011, "oops", UpstreamEndKind.TurnedAway },
        { 1008, "policy violation", UpstreamEndKind.NotEntitled },
        { 4401, "", UpstreamEndKind.NotEntitled },
        { 4403, "", UpstreamEndKind.NotEntitled },
        { 0, "", UpstreamEndKind.TurnedAway },
    };

    public async ValueTask InitializeAsync() => _provider = await FakeUnusualWhales.StartNewAsync();

    public async ValueTask DisposeAsync() => await _provider.DisposeAsync();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_upgrade_is_told_by_its_status(int status, string phrase, UpstreamEndKind kind)
    {
        _provider.Misbehaviour.Refusal = new Refusal(status, phrase, $"body with {SocketWorld.Token}");
        await using var world = new SocketWorld(_provider);
        var end = await world.EndAsync();
        Assert.Equal(kind, Clean(end).Kind);
        Assert.Contains($"{status}", end.Reason, StringComparison.Ordinal);
        Assert.Equal(0, world.Listener.Opens);
    }

    [Theory]
    [MemberData(nameof(Closes))]
    public async Task A_closed_session_is_told_by_its_code_and_reason(int code, string reason, UpstreamEndKind kind)
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await _provider.PartAsync(Parting.Close(code, reason));
        Assert.Equal(kind, Clean(await world.EndAsync()).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_breaks_is_lost(bool reset)
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await world.JoinAsync("gex:SPY");
        await _provider.PartAsync(reset ? Parting.Reset : Parting.Finish);
        Assert.Equal(UpstreamEndKind.Lost, Clean(await world.EndAsync()).Kind);
    }

    [Fact]
    public async Task A_frame_that_breaks_the_protocol_ends_the_session_as_lost()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await _provider.SendAsync(BadFrames.Named("invalid_utf8"));
        Assert.Equal(UpstreamEndKind.Lost, Clean(await world.EndAsync()).Kind);
        Assert.Empty(world.Listener.Frames);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await FakeUnusualWhales.StartNewAsync();
        _provider.Misbehaviour.Refusal = Refusal.Redirect(new Uri($"{elsewhere.SocketUrl}?token={Uri.EscapeDataString(SocketWorld.Token)}"));
        await using var world = new SocketWorld(_provider);
        Assert.Equal(UpstreamEndKind.TurnedAway, Clean(await world.EndAsync()).Kind);
        Assert.Empty(elsewhere.Handshakes);
    }

    [Fact]
    public async Task A_provider_that_is_not_there_cannot_be_connected_to()
    {
        await _provider.StopAsync();
        await using var world = new SocketWorld(_provider);
        Assert.Equal(UpstreamEndKind.CannotConnect, Clean(await world.EndAsync()).Kind);
    }

    [Fact]
    public async Task A_handshake_that_fails_cannot_be_connected_to()
    {
        _provider.Misbehaviour.WrongAcceptKey = true;
        await using var world = new SocketWorld(_provider);
        Clean(await world.EndAsync());
        Assert.Equal(0, world.Listener.Opens);
    }

    [Fact]
    public async Task A_handshake_that_is_not_answered_ends_after_the_limit()
    {
        _provider.Misbehaviour.UpgradeUnanswered = true;
        await using var world = new SocketWorld(_provider, options => options.ConnectTimeout = TimeSpan.FromMilliseconds(300));
        var end = Clean(await world.EndAsync());
        Assert.Equal(UpstreamEndKind.CannotConnect, end.Kind);
    }

    [Fact]
    public async Task Stopping_during_the_handshake_is_no_failure()
    {
        _provider.Misbehaviour.UpgradeUnanswered = true;
        await using var world = new SocketWorld(_provider);
        var running = world.EndAsync();
        await _provider.WaitForHandshakeAsync();
        Assert.Equal(UpstreamEndKind.Stopped, (await world.StopAsync()).Kind);
        await running;
    }

    [Fact]
    public async Task A_session_can_be_run_again()
    {
        await using var world = new SocketWorld(_provider);
        await world.OpenAsync();
        await _provider.PartAsync(Parting.Reset);
        await world.EndAsync();
        var listener = new SocketListener();
        using var stop = new CancellationTokenSource();
        var again = world.Socket.RunAsync(listener, stop.Token);
        await listener.OpenedAsync();
        await world.Socket.JoinAsync("gex:SPY", CancellationToken.None);
        await listener.FramesAsync(1);
        await stop.CancelAsync();
        Assert.Equal(UpstreamEndKind.Stopped, (await again).Kind);
    }

    [Theory]
    [InlineData("wss://api.unusualwhales.com/socket", null)]
    [InlineData("ws://127.0.0.1:9000/socket?vsn=2.0.0", null)]
    [InlineData("wss://api.unusualwhales.com/api/socket", "/api/socket")]
    [InlineData("wss://api.unusualwhales.com/API/Socket/", "/api/socket")]
    [InlineData("wss://api.unusualwhales.com/api/socket/flow_alerts", "/api/socket")]
    [InlineData("wss://host/socket?token=secret-token", "UW_API_TOKEN")]
    [InlineData("wss://host/socket?vsn=2&TOKEN=secret-token", "UW_API_TOKEN")]
    [InlineData("https://api.unusualwhales.com/socket", "wss://")]
    [InlineData("api.unusualwhales.com/socket", "wss://")]
    [InlineData("", "wss://")]
    public void An_address_that_cannot_work_is_refused_with_what_to_do(string text, string? says)
    {
        var error = UnusualWhalesOptions.Check(text, out var url);
        if (says is null)
        {
            Assert.Null(error);
            Assert.Equal(new Uri(text), url);
        }
        else
        {
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-token", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ws://h/socket", "ws://h/socket?token=a%2Bb")]
    [InlineData("ws://h/socket?", "ws://h/socket?token=a%2Bb")]
    [InlineData("ws://h/socket?vsn=2", "ws://h/socket?vsn=2&token=a%2Bb")]
    public void The_token_joins_the_query(string url, string address)
        => Assert.Equal(address, new UnusualWhalesOptions { SocketUrl = new Uri(url), Token = "a+b" }.AddressWithToken().OriginalString);

    private static UpstreamEnd Clean(UpstreamEnd end)
    {
        Assert.DoesNotContain(SocketWorld.Token, $"{end}", StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.EscapeDataString(SocketWorld.Token), $"{end}", StringComparison.OrdinalIgnoreCase);
        return end;
    }
}
