using System.Globalization;
using Tidewire.Testing;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>Each way in which the provider does not serve a channel: what is measured, how soon REST stands in, and that it lets go again.</summary>
[Collection(Alone.Name)]
[Trait("Promise", "channel-truth")]
public sealed class ChannelTruthTests : ServerTest
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(15);

    private readonly PacedTime _time = new(PacedTime.InSession, pace: 4);
    private readonly HashSet<string> _heard = [];
    private FakeUnusualWhalesRest _rest = null!;
    private TidewireClient _client = null!;
    private DateTimeOffset _asked;
    private int _row;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _rest = Keep(FakeUnusualWhalesRest.StartNew(_time));
    }

    [Fact]
    public async Task A_refused_channel()
    {
        Provider.Misbehaviour.RefusedForms = ["flow-alerts"];
        await FollowAsync("flow-alerts", ChannelState.Refused, "refused the join");
        Provider.Misbehaviour.RefusedForms = [];
        await HealsAsync("flow-alerts");
    }

    [Fact]
    public async Task A_channel_whose_join_is_never_answered()
    {
        Provider.Misbehaviour.NeverAcked = ["gex:SPY"];
        await FollowAsync("gex:SPY", ChannelState.Silent, "sends nothing");
        Provider.Misbehaviour.NeverAcked = [];
        await HealsAsync("gex:SPY");
    }

    [Fact]
    public async Task A_channel_that_is_taken_and_brings_nothing()
    {
        await FollowAsync("gex_strike:SPY", ChannelState.Silent, "sends nothing");
        await HealsAsync("gex_strike:SPY");
    }

    [Fact]
    public async Task A_channel_that_falls_mute_while_others_go_on()
    {
        await BeginAsync("price:TSLA");
        await UntilJoinedAsync("price:TSLA");
        for (var i = 0; i < 30; i++)
        {
            await Provider.SendDataAsync("price:TSLA", Payload());
            await Task.Delay(TimeSpan.FromMilliseconds(400), _time);
        }

        var since = _time.GetUtcNow();
        await UntilStateAsync("price:TSLA", ChannelState.Silent, since, "its own gaps explain");
        await HearsAsync("price:TSLA", "rest");
        await HealsAsync("price:TSLA");
    }

    [Fact]
    public async Task A_renamed_channel()
    {
        await BeginAsync("off_lit_trades");
        await UntilJoinedAsync("off_lit_trades");
        await Provider.SendAsync($"[\"off_lit_trades_v2\",{Payload()}]");
        await UntilStateAsync("off_lit_trades", ChannelState.Silent, _asked, "sends nothing");
        await HearsAsync("off_lit_trades", "rest");
        var unknown = Assert.Single((await Server.StatusAsync()).GetProperty("uw_connection").GetProperty("unknown_channels").EnumerateArray());
        Assert.Equal(("off_lit_trades_v2", 1), (unknown.GetProperty("name").GetString(), unknown.GetProperty("count").GetInt32()));
        await HealsAsync("off_lit_trades");
    }

    [Fact]
    public async Task A_channel_beyond_the_limit()
    {
        Provider.Misbehaviour.ChannelLimit = 1;
        await BeginAsync("market_tide");
        await UntilJoinedAsync("market_tide");
        await _client.SubscribedAsync("news");
        await UntilStateAsync("news", ChannelState.Waiting, _time.GetUtcNow(), "no channel left");
        await HearsAsync("news", "rest");
        Provider.Misbehaviour.ChannelLimit = null;
        await _client.UnsubscribeAsync("market_tide"); // its place is free
        await HealsAsync("news");
    }

    [Fact]
    public async Task A_token_that_opens_rest_and_not_the_socket()
    {
        Provider.Misbehaviour.Refusal = Refusal.Unauthorized;
        await FollowAsync("lit_trades", ChannelState.Waiting, "no session");
        Assert.Equal(UpstreamState.NotEntitled, Server.Upstream.View.State);
    }

    private async Task FollowAsync(string channel, ChannelState state, string reason)
    {
        await BeginAsync(channel);
        await UntilStateAsync(channel, state, _asked, reason);
        await HearsAsync(channel, "rest");
    }

    private async Task BeginAsync(string channel)
    {
        _rest.Script("*", () => RestScript.Ok($$"""{"data":[{{Payload()}}]}"""));
        _rest.Script("/api/stock/TSLA/stock-state", () => RestScript.Ok($$"""{"data":{{Payload()}}}"""));
        await StartAsync(
            _time,
            ("UW_REST_URL", _rest.Address.ToString()),
            ("TIDEWIRE_DATA", Folder),
            ("Upstream:JoinRetry", "00:00:03"),
            ("Upstream:ProbeRest", "false"), // requests are compared with the provider's count
            ("Upstream:Linger", "00:00:00"), ("Upstream:KeepPositions", "00:00:00"));
        _client = await ConnectAsync();
        _asked = _time.GetUtcNow(); // not from the start: on a clock that runs four times as fast a server takes seconds for it
        await _client.SubscribedAsync(channel);
    }

    private async Task UntilStateAsync(string channel, ChannelState state, DateTimeOffset since, string reason)
    {
        var name = state.ToString().ToLowerInvariant();
        await ServerUnderTest.UntilAsync(() => Look(channel)?.Socket?.State == state, $"{channel} to be {name}; it is {Look(channel)}");
        await ServerUnderTest.UntilAsync(() => Look(channel)?.Polled is { Answers: > 0 }, $"REST to feed {channel}; it is {Look(channel)}");
        var took = Look(channel)!.Polled!.LastAt!.Value - since;
        Figure($"{channel}, {reason}: REST feeds it after", string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s"));
        Assert.InRange(took, TimeSpan.Zero, Within);

        var channels = await Server.JsonAsync("/api/stream/channels");
        var active = channels.GetProperty("channels").EnumerateArray().SelectMany(feed => feed.GetProperty("active").EnumerateArray()).Single(active => active.GetProperty("channel").GetString() == channel);
        Assert.Equal("fallback", active.GetProperty("measured").GetString());
        Assert.Contains(reason, active.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(active.GetProperty("polled").GetProperty("answers").GetInt32() > 0);
    }

    /// <summary>The provider serves it again: the socket's data arrives, REST lets go, and no row came twice.</summary>
    private async Task HealsAsync(string channel)
    {
        using var stop = new CancellationTokenSource();
        var feeding = FeedAsync(channel, stop.Token);
        await HearsAsync(channel, "socket");
        await ServerUnderTest.UntilAsync(() => Look(channel) is { Measured: Measured.Verified, Polled: null, Socket.State: ChannelState.Live }, $"{channel} to be verified; it is {Look(channel)}");

        // The last answer covers what came between; after it nothing more is asked.
        var poller = Server.Get<Tidewire.Upstream.UnusualWhales.UnusualWhalesPoller>();
        await ServerUnderTest.UntilAsync(() => !poller.IsPolling(channel), "the last answer");
        await stop.CancelAsync();
        await feeding;
        Assert.Equal(0, _rest.Limits.Violations);
        Assert.Equal(_rest.Limits.Arrived, (await Server.StatusAsync()).GetProperty("request_budget").GetProperty("by_purpose").EnumerateObject().Sum(purpose => purpose.Value.GetInt32()));
    }

    private async Task FeedAsync(string channel, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (Provider.Joined.Contains(channel))
            {
                await Provider.SendDataAsync(channel, Payload());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, CancellationToken.None);
        }
    }

    /// <summary>Reads on until a message from this source arrives. No payload may come twice.</summary>
    private async Task HearsAsync(string channel, string source)
    {
        while (true)
        {
            var message = await _client.NextAsync(item => item.GetProperty("type").GetString() == "message" && item.GetProperty("channel").GetString() == channel, $"a message of {channel} from {source}");
            Assert.True(_heard.Add(message.GetProperty("data").GetRawText()), $"twice: {message}");
            if (message.GetProperty("source").GetString() == source)
            {
                return;
            }
        }
    }

    /// <summary>A row that any of the feeds can take, unlike any other.</summary>
    private string Payload()
    {
        var n = Interlocked.Increment(ref _row);
        var now = _time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        return $$"""{"id":"row-{{n}}","ticker":"SPY","symbol":"SPY","strike":"{{n}}","price":"{{n}}","close":"{{n}}.5","size":100,"headline":"number {{n}}","option_chain":"SPY{{n}}","created_at":"{{now}}","executed_at":"{{now}}","timestamp":"{{now}}","tape_time":"{{now}}","time":"{{now}}","open":"1","high":"2","low":"1","prev_close":"1"}""";
    }

    private ChannelMeasure? Look(string channel) => Server.Get<ChannelTruth>().Look().GetValueOrDefault(channel);
}
