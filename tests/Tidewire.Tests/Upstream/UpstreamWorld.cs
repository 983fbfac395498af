using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Testing;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>A hub with demand and a pump over a scripted upstream. The pump has a clock of its own, so that its timers are the only ones.</summary>
internal sealed class UpstreamWorld : IAsyncDisposable
{
    private readonly FanoutWorld _fanout = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public UpstreamWorld(Action<UpstreamOptions>? configure = null, IReferencePrices? references = null, SeenPublications? seen = null, SampledMessages? samples = null)
    {
        var options = new UpstreamOptions { JoinPacing = TimeSpan.Zero, Keep = "", KeepPositions = TimeSpan.Zero };
        configure?.Invoke(options);
        Demand = new Demand(Hub, FanoutWorld.Catalogue, Options.Create(options), Time);
        Status = new UpstreamStatus("scripted", PublicationSource.Socket, Time);
        Pump = new UpstreamPump(Upstream, Hub, Demand, new TickerFeed(Hub, FanoutWorld.Catalogue, references), Status, new ReconnectBackoff(new Random(1)), Options.Create(options), Time, Log, seen: seen, samples: samples);
    }

    public FakeTimeProvider Time { get; } = new(FanoutWorld.Start);

    public Hub Hub => _fanout.Hub;

    public ScriptedUpstream Upstream { get; } = new();

    public PumpLog Log { get; } = new();

    public Demand Demand { get; }

    public UpstreamStatus Status { get; }

    public UpstreamPump Pump { get; }

    public static string Data(string form, string payload) => $"[\"{form}\",{payload}]";

    public FanoutClient Connect(WireFormat? wire = null) => _fanout.Connect(wire);

    public ChannelLog LogOf(string channel) => _fanout.Log(channel);

    public FanoutClient Subscribe(params string[] channels)
    {
        var client = Connect();
        foreach (var channel in channels)
        {
            client.Subscribe(channel);
        }

        return client;
    }

    public void Start() => _running = Pump.RunAsync(_stop.Token);

    /// <summary>Starts the pump and waits until a session is open and looks at its channels.</summary>
    public async Task OpenAsync()
    {
        Start();
        await OpenedAsync();
    }

    public async Task OpenedAsync(int n = 1)
    {
        await Upstream.OpenedAsync(n);
        await Time.WaitForTimersAsync(1);
    }

    /// <summary>Ends the session and goes on to the next.</summary>
    public async Task ReopenAsync(UpstreamEndKind kind = UpstreamEndKind.Lost, int n = 2)
    {
        var ended = Log.Count("UpstreamEnded");
        Upstream.End(kind);
        await Log.UntilAsync("UpstreamEnded", ended + 1);
        await Time.AdvanceToNextTimerAsync();
        await OpenedAsync(n);
    }

    /// <summary>Waits until a join is asked for and its answer, if there is one, is known.</summary>
    public async Task JoinedAsync(string form, int n = 1)
    {
        await Upstream.JoinedAsync(form, n);
        await DecodedAsync();
    }

    /// <summary>Waits until every frame so far is decoded.</summary>
    public async Task DecodedAsync()
    {
        var skipped = Log.Count("UpstreamFrameSkipped");
        Upstream.Frame("0");
        await Log.UntilAsync("UpstreamFrameSkipped", skipped + 1);
    }

    public ChannelState StateOf(string form) => Demand.Channels.Single(channel => channel.Form == form).State;

    /// <summary>Stops the pump.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WithinBound("the pump to stop");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Demand.Dispose();
        _fanout.Dispose();
        _stop.Dispose();
    }
}
