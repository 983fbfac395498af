using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Simulation;
using Tidewire.Testing;
using Tidewire.Tests.Fanout;
using Tidewire.Tests.Simulation;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>A simulated day, frame by frame through the real pump, in which one ticker falls mute.</summary>
public sealed class MutedTickerTests
{
    private const string Muted = "TSLA";
    private static readonly string[] Tickers = ["SPY", "QQQ", "NVDA", "TSLA", "AAPL", "AMD", "IWM", "MSFT", "META", "PLTR"];
    private static readonly string[] QuietFeeds = ["news", "flow-alerts", "interval_flow", "custom_alerts"];
    private static readonly DateTimeOffset MutedAt = new(2026, 11, 18, 18, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Close = new(2026, 11, 18, 21, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Promise", "muted-ticker")]
    public Task A_mute_ticker_is_noticed_within_three_of_its_usual_gaps_and_nothing_else_is_called_silent() => PlayAsync(seed: 1);

    [Theory]
    [Trait("Category", "long")]
    [InlineData(2)]
    [InlineData(3)]
    public Task So_it_is_on_other_days(long seed) => PlayAsync(seed);

    private static async Task PlayAsync(long seed)
    {
        var channels = Tickers.SelectMany(ticker => (string[])[$"price:{ticker}", $"gex:{ticker}", $"net_flow:{ticker}"])
            .Concat(["market_tide", "trading_halts", "gex_strike:SPY", "option_trades:TSLA", "off_lit_trades"]).Concat(QuietFeeds).ToArray();
        var recorder = new MarketRecorder(new SimulationOptions { Seed = seed, Rate = 0.4 }, channels);
        await using var day = new Day(MarketRecorder.Start, channels);
        await day.OpenAsync();
        var gaps = channels.ToDictionary(channel => channel, _ => new List<double>());
        var last = new Dictionary<string, DateTimeOffset>();
        var noticed = new Dictionary<string, DateTimeOffset>();
        var alarms = new List<string>();
        var halted = new HashSet<string>();
        var frames = 0L;
        while (day.Time.GetUtcNow() < Close + TimeSpan.FromMinutes(30))
        {
            recorder.Frames.Clear();
            recorder.Advance(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            foreach (var frame in recorder.Frames)
            {
                var form = FormOf(frame.Bytes);
                var isMuted = frame.At >= MutedAt && form.EndsWith(Muted, StringComparison.Ordinal);
                if (isMuted || frame.At >= Close || QuietFeeds.Contains(form))
                {
                    continue;
                }

                frames++;
                day.Play(frame.At, frame.Bytes);
                if (frame.At < MutedAt)
                {
                    if (last.TryGetValue(form, out var before))
                    {
                        gaps[form].Add((frame.At - before).TotalSeconds);
                    }

                    last[form] = frame.At;
                }

                if (form == "trading_halts" && frame.At < MutedAt)
                {
                    halted.Add(frame.Payload.GetProperty("ticker").GetString()!);
                }
            }

            await day.CatchUpAsync(recorder.Market.Now);
            foreach (var view in day.Demand.Channels.Where(view => view.State == ChannelState.Silent && !noticed.ContainsKey(view.Form)))
            {
                noticed[view.Form] = view.Since;
                if (!view.Form.EndsWith(Muted, StringComparison.Ordinal) || view.Since < MutedAt)
                {
                    alarms.Add($"{view.Form} at {view.Since:HH:mm:ss}, its last data at {view.LastDataAt:HH:mm:ss}, its usual gap {view.UsualGap}");
                }
            }
        }

        Assert.Empty(alarms);
        var expected = channels.Where(channel => channel.EndsWith(Muted, StringComparison.Ordinal)).ToArray();
        Assert.Equal(expected.Order(), noticed.Keys.Order());
        foreach (var channel in expected)
        {
            // A halt is no gap of its own; the usual one is that in which 99 % of the time is spent.
            var usual = Usual(halted.Contains(Muted) ? gaps[channel].Where(gap => gap < 250) : gaps[channel]);
            var took = (noticed[channel] - last[channel]).TotalSeconds;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure: day {seed}, {channel}: noticed after {took:0.0} s, usual gap {usual:0.00} s, ratio {took / usual:0.00}"));

            // Those of many a second are given four seconds: a pause of the network is no news.
            Assert.InRange(took, usual, Math.Max(3 * usual, 4.6));
        }

        Assert.Equal([], day.SilentGaps.Where(channel => !channel.EndsWith(Muted, StringComparison.Ordinal)));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure: day {seed}: false alarms among {channels.Length - expected.Length} channels and {frames} frames: {alarms.Count}"));
    }

    private static string FormOf(byte[] frame) => System.Text.Encoding.UTF8.GetString(frame.AsSpan(2, frame.AsSpan(2).IndexOf((byte)'"')));

    private static double Usual(IEnumerable<double> gaps)
    {
        var ordered = gaps.Order().ToArray();
        var left = ordered.Sum() * 0.01;
        var i = ordered.Length - 1;
        while (i > 0 && (left -= ordered[i]) >= 0)
        {
            i--;
        }

        return ordered[i];
    }

    /// <summary>The pump on a clock of its own, with an upstream that plays what it is given.</summary>
    private sealed class Day : IAsyncDisposable
    {
        private readonly FanoutWorld _fanout = new();
        private readonly Player _player = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly UpstreamStatus _status;
        private readonly UpstreamPump _pump;
        private Task _running = Task.CompletedTask;

        public Day(DateTimeOffset start, IEnumerable<string> channels)
        {
            Time = new FakeTimeProvider(start);
            var options = Options.Create(new UpstreamOptions { JoinPacing = TimeSpan.Zero, MaxChannels = 1000, Keep = string.Join(',', channels) });
            Demand = new Demand(_fanout.Hub, FanoutWorld.Catalogue, options, Time, new SilenceWatch(MarketCalendar.Load(), Time));
            _status = new UpstreamStatus("played", PublicationSource.Socket, Time);
            _pump = new UpstreamPump(_player, _fanout.Hub, Demand, new TickerFeed(_fanout.Hub, FanoutWorld.Catalogue, null), _status, new ReconnectBackoff(new Random(1)), options, Time, NullLogger<UpstreamPump>.Instance);
        }

        public FakeTimeProvider Time { get; }

        public Demand Demand { get; }

        /// <summary>Channels that hold a gap of silence.</summary>
        public IEnumerable<string> SilentGaps => _fanout.Hub.Logs.Where(static log => log.Recent(int.MaxValue).Any(static entry => entry.Gap?.Reason == GapReason.Silent)).Select(static log => log.Name.ToString());

        public async Task OpenAsync()
        {
            _running = _pump.RunAsync(_stop.Token);
            await WaitAsync(() => Demand.Channels.All(view => view.State == ChannelState.Joined));
        }

        public void Play(DateTimeOffset at, byte[] frame)
        {
            var ahead = at - Time.GetUtcNow();
            if (ahead > TimeSpan.Zero)
            {
                Time.Advance(ahead);
            }

            _player.Play(frame);
        }

        /// <summary>Goes on to an instant; on return every frame is published and the channels have been looked at.</summary>
        public async Task CatchUpAsync(DateTimeOffset at)
        {
            await WaitAsync(() => _status.Frames == _status.DataFrames + _status.Acknowledgements);
            while (Time.GetUtcNow() < at)
            {
                var left = at - Time.GetUtcNow();
                Time.Advance(left < TimeSpan.FromMilliseconds(250) ? left : TimeSpan.FromMilliseconds(250));
                for (var i = 0; i < 20; i++)
                {
                    await Task.Yield(); // the look at the channels runs beside us
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WithinBound("the pump to stop");
            Demand.Dispose();
            _fanout.Dispose();
            _stop.Dispose();
        }

        private static async Task WaitAsync(Func<bool> holds)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!holds())
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < TestBound.Value, "the pump did not keep up");
                await Task.Yield();
            }
        }
    }

    private sealed class Player : IUpstream
    {
        private IUpstreamListener? _listener;

        public string Name => "played";

        public PublicationSource Source => PublicationSource.Socket;

        public async Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping)
        {
            _listener = listener;
            listener.Opened();
            var stopped = new TaskCompletionSource();
            await using (stopping.Register(stopped.SetResult))
            {
                await stopped.Task;
            }

            return new(UpstreamEndKind.Stopped, "stopped");
        }

        public void Play(byte[] frame) => _listener!.Frame(frame);

        public ValueTask JoinAsync(string form, CancellationToken cancellation)
        {
            Play(System.Text.Encoding.UTF8.GetBytes(ScriptedUpstream.Ack(form)));
            return default;
        }

        public ValueTask LeaveAsync(string form, CancellationToken cancellation) => default;
    }
}
