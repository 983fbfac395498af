using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>
/// A hub whose channels are fed by the pump over a scripted socket and by the poller over a scripted REST side, on one
/// thread and a clock of the test, in market hours unless told otherwise.
/// </summary>
internal sealed class RestWorld : IDisposable
{
    public const string Token = "secret-token-of-the-owner";

    private readonly CancellationTokenSource _stop = new();
    private readonly PumpedContext _context = new();
    private readonly Vendor _vendor;
    private readonly Task _running;
    private readonly bool _hasSocket;
    private long _frames;

    public RestWorld(DateTimeOffset? start = null, bool socket = false, Action<UpstreamOptions>? configure = null, bool probe = false)
    {
        Time = new FakeTimeProvider(start ?? FanoutWorld.Start);
        Hub = new Hub(Options.Create(new FanoutOptions()), simulated: false, Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Hub>.Instance);
        var calendar = MarketCalendar.Load();
        var options = Options.Create(new UpstreamOptions { JoinPacing = TimeSpan.Zero, Keep = "", KeepPositions = TimeSpan.Zero, MuteAfter = TimeSpan.FromHours(1) });
        configure?.Invoke(options.Value);
        var budgetOptions = Options.Create(new RequestBudgetOptions());
        var silence = new SilenceWatch(calendar, Time);
        Demand = new Demand(Hub, FanoutWorld.Catalogue, options, Time, silence);
        Status = new UpstreamStatus("scripted", PublicationSource.Socket, Time);
        Budget = new RequestBudget(budgetOptions.Value, calendar, new KillableStore(() => 0, () => { }).Life, Time, new Random(1));
        _vendor = new Vendor(this);
        var states = new StockStates(calendar, Time);
        var tickers = new TickerFeed(Hub, FanoutWorld.Catalogue, states);
        Access = new RestAccess(Time);
        Client = new UnusualWhalesRest(new Uri("http://provider.invalid"), Token, Budget, budgetOptions.Value, Time, _vendor);
        Poller = new UnusualWhalesPoller(Client, Budget, budgetOptions, Hub, FanoutWorld.Catalogue, Demand, Status, tickers, states, options, Time, Log, Access);
        var asking = new RestProbe(Client, Budget, Access, FanoutWorld.Catalogue, Time, ProbeLog);
        Truth = new ChannelTruth(Hub, Demand, Poller);
        var pump = new UpstreamPump(Socket, Hub, Demand, tickers, Status, new ReconnectBackoff(new Random(1)), options, Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<UpstreamPump>.Instance);
        Socket.Answer = form =>
        {
            if (Answer(form) is { } answer)
            {
                Frame(answer);
            }

            return null;
        };
        _hasSocket = socket;
        _running = _context.In(() => Task.WhenAll(socket ? pump.RunAsync(_stop.Token) : Task.CompletedTask, Poller.RunAsync(_stop.Token), probe ? asking.RunAsync(_stop.Token) : Task.CompletedTask));
        Settle();
    }

    public FakeTimeProvider Time { get; }

    public Hub Hub { get; }

    public Demand Demand { get; }

    public UpstreamStatus Status { get; }

    public RequestBudget Budget { get; }

    public UnusualWhalesPoller Poller { get; }

    public ChannelTruth Truth { get; }

    public UnusualWhalesRest Client { get; }

    public RestAccess Access { get; }

    public NotedLog<RestProbe> ProbeLog { get; } = new();

    public ScriptedUpstream Socket { get; } = new();

    public NotedLog<UnusualWhalesPoller> Log { get; } = new();

    /// <summary>What the socket answers to a join; null for nothing.</summary>
    public Func<string, string?> Answer { get; set; } = ScriptedUpstream.Ack;

    /// <summary>What REST answers to a path, without its query.</summary>
    public Func<string, RestScript> Rest { get; set; } = static _ => RestScript.Ok();

    /// <summary>What REST answers to an address; null asks <see cref="Rest"/>.</summary>
    public Func<Uri, RestScript?> RestOf { get; set; } = static _ => null;

    /// <summary>Bytes that every answer holds instead of its text; null for the text.</summary>
    public byte[]? Raw { get; set; }

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>Paths that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The headers of each request.</summary>
    public List<string> Tags { get; } = [];

    public static RestScript Data(params string[] rows) => RestScript.Ok($$"""{"data":[{{string.Join(',', rows)}}]}""");

    public Connection Subscribe(params string[] channels)
    {
        Assert.True(Hub.TryConnect(new RecordingTransport(), new TextWire(), out var connection));
        foreach (var channel in channels)
        {
            var (feed, name) = FanoutWorld.Resolve(channel);
            Assert.Null(connection.Subscribe(feed, name, since: null, history: 0, out var subscription));
            connection.Begin(subscription!);
        }

        Settle();
        return connection;
    }

    public void Leave(Connection connection)
    {
        connection.Dispose();
        Settle();
    }

    /// <summary>Lets time pass, everything in its turn.</summary>
    public void Pass(double seconds)
    {
        var end = Time.GetElapsedTime(0) + TimeSpan.FromSeconds(seconds);
        while (Time.GetElapsedTime(0) is var now && now < end)
        {
            var step = Time.NextTimer is { } timer && timer - Time.GetUtcNow() is var wait && wait < end - now ? wait : end - now;
            PumpedContext.Outside(() => Time.Advance(step > TimeSpan.Zero ? step : TimeSpan.Zero));
            Settle();
        }
    }

    /// <summary>The socket sends data of a channel.</summary>
    public void Send(string channel, string payload)
    {
        Frame($"[\"{channel}\",{payload}]");
        Settle();
    }

    /// <summary>The socket's session ends; the next is not opened before <see cref="Return"/>.</summary>
    public void Break()
    {
        Socket.EndsAtOnce = static _ => new(UpstreamEndKind.CannotConnect, "no answer");
        Socket.End(UpstreamEndKind.Lost);
        Settle();
        _context.RunUntil(() => Status.View.NextAttemptAt is not null, "the session's end");
    }

    public void Return()
    {
        Socket.EndsAtOnce = static _ => null;
        var sessions = Status.View.Sessions;
        for (var i = 0; i < 40 && Status.View.Sessions == sessions; i++)
        {
            Pass(0.25);
        }

        Assert.True(Status.View.Sessions > sessions);
        Pass(0.5);
    }

    /// <summary>What stands in a channel's log: the source and the payload, or the gap.</summary>
    public IReadOnlyList<string> Entries(string channel)
    {
        var (_, name) = FanoutWorld.Resolve(channel);
        return Hub.TryGet(name, out var log)
            ? [.. log.Recent(int.MaxValue).Select(static entry => entry.Gap is { } gap ? $"gap {(gap.Backfilled ? "backfilled" : "lost")}" : $"{entry.Source.ToString().ToLowerInvariant()} {Encoding.UTF8.GetString(entry.Payload)}")]
            : [];
    }

    /// <summary>The gaps of a channel's log.</summary>
    public IReadOnlyList<Gap> Gaps(string channel)
    {
        var (_, name) = FanoutWorld.Resolve(channel);
        return Hub.TryGet(name, out var log) ? [.. log.Recent(int.MaxValue).Select(static entry => entry.Gap).OfType<Gap>()] : [];
    }

    /// <summary>The payloads of a channel's log, gaps left out.</summary>
    public IReadOnlyList<string> Payloads(string channel) => [.. Entries(channel).Where(static entry => !entry.StartsWith("gap ", StringComparison.Ordinal)).Select(static entry => entry[(entry.IndexOf(' ', StringComparison.Ordinal) + 1)..])];

    public PolledView Polled(string channel) => Assert.Single(Poller.Channels, view => view.Channel == channel);

    public void Dispose()
    {
        _stop.Cancel();
        _context.RunUntil(() => _running.IsCompleted, "the poller and the pump to stop");
        Assert.Null(_running.Exception);
        var disposed = _context.In(() => Budget.DisposeAsync().AsTask());
        _context.RunUntil(() => disposed.IsCompleted, "the budget to end");
        Poller.Dispose();
        Demand.Dispose();
        Hub.Dispose();
        _vendor.Dispose();
        _stop.Dispose();
        _context.Dispose();
    }

    /// <summary>A frame, and one after it that is left out and counted: then all that the first changed is done.</summary>
    private void Frame(string text)
    {
        Socket.Frame(text);
        Socket.Frame("0");
        _frames += 2;
    }

    private void Settle()
    {
        _context.Run();
        if (_hasSocket)
        {
            _context.RunUntil(() => Status.DataFrames + Status.Acknowledgements + UpstreamStatus.Reasons.Sum(Status.CountOf) >= _frames, "frames to be decoded");
            _context.RunUntil(() => Status.View.State is UpstreamState.Connected || Status.View.NextAttemptAt is not null, "the pump");
        }
    }

    private sealed class Vendor(RestWorld world) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            world.Asked.Add(request.RequestUri!.AbsolutePath);
            world.Tags.Add(request.Headers.IfNoneMatch.ToString());
            if (world.Takes > TimeSpan.Zero)
            {
                await Task.Delay(world.Takes, world.Time, cancellationToken);
            }

            var script = world.RestOf(request.RequestUri) ?? world.Rest(request.RequestUri.AbsolutePath);
            if (script.Drops)
            {
                throw new HttpRequestException("the connection was lost");
            }

            var answer = new HttpResponseMessage((HttpStatusCode)script.Status) { Content = new ByteArrayContent(script.Status == 304 ? [] : world.Raw ?? Encoding.UTF8.GetBytes(script.Body)) };
            foreach (var (name, value) in script.Headers)
            {
                answer.Headers.TryAddWithoutValidation(name, value);
            }

            return answer;
        }
    }
}
