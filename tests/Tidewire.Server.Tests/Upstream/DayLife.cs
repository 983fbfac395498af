using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Protocol;
using Tidewire.Testing;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>One process of a <see cref="HostileDay"/>: everything between the readers and the provider.</summary>
internal sealed class DayLife : IDisposable
{
    private const string Token = "secret-token-of-the-day";

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Connection> _connections = [];
    private readonly Dictionary<string, Connection> _byChannel = new(StringComparer.Ordinal);
    private readonly FeedCatalogue _catalogue;
    private readonly FileRequestLedgerStore _store;
    private readonly PumpedContext _context;
    private readonly Hub _hub;
    private readonly Demand _demand;
    private readonly UpstreamStatus _status;
    private readonly Task _running;

    public DayLife(HostileDay day, FeedCatalogue catalogue, MarketCalendar calendar, HttpMessageHandler vendor, FileRequestLedgerStore store, Random random, PumpedContext context)
    {
        (_catalogue, _store, _context) = (catalogue, store, context);
        var time = day.Time;
        var options = Options.Create(new UpstreamOptions { KeepPositions = TimeSpan.Zero });
        var budgetOptions = Options.Create(new RequestBudgetOptions());
        _hub = new Hub(Options.Create(new FanoutOptions()), simulated: false, time, NullLogger<Hub>.Instance);
        _demand = new Demand(_hub, catalogue, options, time, new SilenceWatch(calendar, time));
        _status = new UpstreamStatus("day", PublicationSource.Socket, time);
        Upstream = new DayUpstream(day);
        Budget = new RequestBudget(budgetOptions.Value, calendar, store, time, random);
        var rest = new UnusualWhalesRest(new Uri("http://provider.invalid"), Token, Budget, budgetOptions.Value, time, vendor);
        var states = new StockStates(calendar, time);
        var tickers = new TickerFeed(_hub, catalogue, states);
        Poller = new UnusualWhalesPoller(rest, Budget, budgetOptions, _hub, catalogue, _demand, _status, tickers, states, options, time, NullLogger<UnusualWhalesPoller>.Instance);
        var pump = new UpstreamPump(Upstream, _hub, _demand, tickers, _status, new ReconnectBackoff(random), options, time, NullLogger<UpstreamPump>.Instance);
        foreach (var channel in day.Channels)
        {
            Subscribe(channel);
        }

        _running = context.In(() => Task.WhenAll(pump.RunAsync(_stop.Token), Poller.RunAsync(_stop.Token)));
    }

    public DayUpstream Upstream { get; }

    public RequestBudget Budget { get; }

    public UnusualWhalesPoller Poller { get; }

    public bool IsOver { get; private set; }

    /// <summary>Whether the decoder has caught up and the pump, after an end, waits for its next attempt.</summary>
    public bool IsSettled => (!Upstream.HasEnded || _status.View.NextAttemptAt is not null)
        && _status.DataFrames + _status.Acknowledgements + UpstreamStatus.Reasons.Sum(_status.CountOf) >= Upstream.Frames;

    public void Subscribe(string channel)
    {
        Assert.Null(_catalogue.Resolve(channel, null, out var feed, out var name));
        if (_connections.Count == 0 || _connections[^1].Channels == _hub.Options.MaxChannelsPerConnection)
        {
            Assert.True(_hub.TryConnect(new Sink(), Nothing.Wire, out var connection));
            _connections.Add(connection);
        }

        var by = _byChannel.GetValueOrDefault(channel) ?? _connections[^1];
        Assert.Null(by.Subscribe(feed!, name, since: null, history: 0, out var subscription));
        by.Begin(subscription!);
        _byChannel[channel] = by;
    }

    public void Unsubscribe(string channel)
    {
        Assert.Null(_catalogue.Resolve(channel, null, out _, out var name));
        Assert.True(_byChannel[channel].Unsubscribe(name));
    }

    /// <summary>What REST has published on a channel.</summary>
    public IEnumerable<string> Rows(string channel)
    {
        Assert.Null(_catalogue.Resolve(channel, null, out var feed, out var name));
        return _hub.TryGet(name, out var log) && feed!.Class == FeedClass.Event
            ? log.Recent(int.MaxValue).Where(entry => entry is { Source: PublicationSource.Rest, Gap: null }).Select(entry => Encoding.UTF8.GetString(entry.Payload))
            : [];
    }

    /// <summary>Ends it in order.</summary>
    public void End()
    {
        if (IsOver)
        {
            return;
        }

        IsOver = true;
        _stop.Cancel();
        _context.RunUntil(() => _running.IsCompleted, "the poller and the pump to stop");
        Assert.Null(_running.Exception);
        var disposed = _context.In(() => Budget.DisposeAsync().AsTask());
        _context.RunUntil(() => disposed.IsCompleted, "the budget to be written");
        Assert.Null(disposed.Exception);
        Poller.Dispose();
        _demand.Dispose();
        _hub.Dispose();
    }

    public void Dispose()
    {
        End();
        _store.Dispose();
        _stop.Dispose();
    }

    /// <summary>A client that takes everything at once.</summary>
    private sealed class Sink : IClientTransport
    {
        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => default;

        public Task CloseAsync(Disconnect disconnect) => Task.CompletedTask;

        public void Abort()
        {
        }
    }

    /// <summary>A wire that shows nothing.</summary>
    private sealed class Nothing : WireFormat
    {
        private Nothing()
            : base(slot: 7)
        {
        }

        public static Nothing Wire { get; } = new();

        public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed) => [];

        public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => [];

        public override byte[] Closing(Disconnect disconnect) => [];
    }
}
