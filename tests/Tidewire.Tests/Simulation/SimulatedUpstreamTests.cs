using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Simulation;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Tests.Simulation;

public sealed class SimulatedUpstreamTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(MarketRecorder.Start);
    private readonly Log _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Listener _listener;
    private readonly SimulatedUpstream _upstream;
    private readonly Task<UpstreamEnd> _running;

    public SimulatedUpstreamTests()
    {
        _listener = new(_time);
        _upstream = new(Options.Create(new SimulationOptions()), _time, _log);
        _running = _upstream.RunAsync(_listener, _stop.Token);
    }

    [Fact]
    public void It_says_what_it_is()
    {
        Assert.Equal("simulated", _upstream.Name);
        Assert.Equal(PublicationSource.Simulated, _upstream.Source);
        Assert.Equal(1, _listener.Opens);
    }

    [Theory]
    [InlineData("flow-alerts")]
    [InlineData("gex:SPY")]
    [InlineData("price:T0001")]
    [InlineData("market_tide")]
    [InlineData("no \"such\" channel")]
    public async Task A_join_is_acknowledged_after_24_to_50_ms(string form)
    {
        Pass(TimeSpan.FromMilliseconds(10));
        var joined = _time.GetUtcNow();
        await _upstream.JoinAsync(form, CancellationToken.None);
        Pass(TimeSpan.FromMilliseconds(100));

        var ack = _listener.Frames[0];
        Assert.Equal($$"""["{{form.Replace("\"", "\\\"", StringComparison.Ordinal)}}",{"response":{},"status":"ok"}]""", Encoding.UTF8.GetString(ack.Bytes));
        Assert.InRange((ack.At - joined).TotalMilliseconds, 24, 50);
    }

    [Theory]
    [InlineData("gex")]
    [InlineData("gex_strike")]
    [InlineData("gex_strike_expiry")]
    [InlineData("net_flow")]
    [InlineData("price")]
    public async Task A_form_without_its_ticker_is_never_answered(string form)
    {
        await _upstream.JoinAsync(form, CancellationToken.None);
        Pass(TimeSpan.FromSeconds(15));

        Assert.Empty(_listener.Frames);
    }

    [Theory]
    [InlineData("contract_screener:SPY")]
    [InlineData("periscope:QQQ")]
    [InlineData("futures")]
    [InlineData("quotes")]
    [InlineData("dark_pool")]
    [InlineData("lit_trades:SPY")]
    [InlineData("news:SPY")]
    [InlineData("market_tide:SPY")]
    [InlineData("flow_alerts")]
    [InlineData("flow-alerts:SPY")]
    [InlineData("price:")]
    [InlineData("price:spy")]
    [InlineData("gex:\"SPY\"")]
    [InlineData("option_trades:MUCHTOOLONGTICKER")]
    public async Task A_form_it_does_not_serve_is_acknowledged_and_silent(string form)
    {
        await _upstream.JoinAsync(form, CancellationToken.None);
        Pass(TimeSpan.FromSeconds(15));

        Assert.Equal([form], _listener.Frames.Select(frame => frame.Form));
    }

    [Fact]
    public async Task The_first_alert_comes_within_three_seconds_of_the_join()
    {
        await _upstream.JoinAsync("flow-alerts", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(3));

        Assert.Contains(_listener.Frames, frame => frame.Payload.TryGetProperty("rule_name", out _));
    }

    [Fact]
    public async Task Timestamps_are_those_of_the_clock_it_was_given()
    {
        await _upstream.JoinAsync("price:SPY", CancellationToken.None);
        await _upstream.JoinAsync("option_trades", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(5));

        Assert.All(_listener.Frames.Skip(2), frame =>
        {
            var time = frame.Payload.GetProperty(frame.Form == "price:SPY" ? "time" : "created_at").GetInt64();
            Assert.InRange(frame.At.ToUnixTimeMilliseconds() - time, 0, 20);
        });
    }

    [Fact]
    public async Task A_left_channel_stops_and_a_join_that_was_taken_back_is_not_answered()
    {
        await _upstream.JoinAsync("option_trades:SPY", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(_listener.Frames);

        await _upstream.LeaveAsync("option_trades:SPY", CancellationToken.None);
        await _upstream.JoinAsync("price:SPY", CancellationToken.None);
        await _upstream.LeaveAsync("price:SPY", CancellationToken.None);
        Pass(TimeSpan.FromMilliseconds(20));
        _listener.Frames.Clear();
        Pass(TimeSpan.FromSeconds(10));

        Assert.Empty(_listener.Frames);
    }

    [Fact]
    public async Task A_join_asked_twice_is_answered_twice_and_served_once()
    {
        await _upstream.JoinAsync("option_trades:SPY", CancellationToken.None);
        await _upstream.JoinAsync("option_trades:SPY", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(2, _listener.Frames.Count(frame => frame.Payload.TryGetProperty("status", out _)));
        var ids = _listener.Frames.Where(frame => frame.Payload.TryGetProperty("id", out _)).Select(frame => frame.Payload.GetProperty("id").GetString()).ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task Cancelling_ends_the_session_and_the_next_one_remembers_no_joins()
    {
        await _upstream.JoinAsync("option_trades", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(1));
        await _stop.CancelAsync();

        Assert.Equal(UpstreamEndKind.Stopped, (await _running).Kind);
        await _upstream.JoinAsync("price:SPY", CancellationToken.None);

        using var stopAgain = new CancellationTokenSource();
        var listener = new Listener(_time);
        var second = _upstream.RunAsync(listener, stopAgain.Token);
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(1, listener.Opens);
        Assert.Empty(listener.Frames);
        await stopAgain.CancelAsync();
        Assert.Equal(UpstreamEndKind.Stopped, (await second).Kind);
    }

    [Fact]
    public async Task A_session_after_a_long_pause_has_alerts_at_once()
    {
        await _stop.CancelAsync();
        await _running;
        _time.Advance(TimeSpan.FromHours(3));

        using var stopAgain = new CancellationTokenSource();
        var listener = new Listener(_time);
        var second = _upstream.RunAsync(listener, stopAgain.Token);
        await _upstream.JoinAsync("flow-alerts", CancellationToken.None);
        Pass(TimeSpan.FromSeconds(3));
        await stopAgain.CancelAsync();
        await second;

        Assert.Contains(listener.Frames, frame => frame.Payload.TryGetProperty("rule_name", out _));
    }

    [Fact]
    public async Task Time_it_could_not_keep_up_with_is_left_out_and_said_once()
    {
        await _upstream.JoinAsync("option_trades", CancellationToken.None);
        Pass(TimeSpan.FromMilliseconds(100));
        for (var stall = 0; stall < 2; stall++)
        {
            var stalled = _time.GetUtcNow();
            _listener.Frames.Clear();
            _time.StepWallClock(TimeSpan.FromSeconds(6));
            Pass(TimeSpan.FromSeconds(1));

            Assert.InRange(_listener.Frames.Count, 50, 1_500);
            Assert.All(_listener.Frames, frame => Assert.True(frame.Payload.GetProperty("created_at").GetInt64() >= stalled.AddSeconds(6).ToUnixTimeMilliseconds()));
        }

        Assert.Equal(LogLevel.Warning, Assert.Single(_log.Levels));
    }

    [Fact]
    public async Task A_short_stall_is_caught_up_with()
    {
        await _upstream.JoinAsync("option_trades", CancellationToken.None);
        Pass(TimeSpan.FromMilliseconds(100));
        _listener.Frames.Clear();
        _time.StepWallClock(TimeSpan.FromSeconds(2));
        Pass(TimeSpan.FromMilliseconds(40));

        Assert.InRange(_listener.Frames.Count, 200, 2_000);
        Assert.Empty(_log.Levels);
    }

    [Fact]
    public async Task It_knows_the_days_prices_of_the_tickers_it_has()
    {
        Assert.True(_upstream.TryGetReference("SPY", out var reference));
        Assert.True(reference.PreviousClose > 0);
        Assert.False(_upstream.TryGetReference("T0001", out _));

        await _upstream.JoinAsync("price:T0001", CancellationToken.None);
        Pass(TimeSpan.FromMilliseconds(60));
        Assert.True(_upstream.TryGetReference("T0001", out _));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    // Beat by beat, as a real clock would.
    private void Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromMilliseconds(10))
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    private sealed class Log : ILogger<SimulatedUpstream>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }

    private sealed class Listener(TimeProvider time) : IUpstreamListener
    {
        public int Opens { get; private set; }

        public List<RecordedFrame> Frames { get; } = [];

        public void Opened() => Opens++;

        public void Frame(byte[] frame) => Frames.Add(new(time.GetUtcNow(), frame));

        public void Skipped(FrameFault fault) => Assert.Fail($"the simulated upstream sends no {fault}");
    }
}
