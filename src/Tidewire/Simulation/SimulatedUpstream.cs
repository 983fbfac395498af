using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Upstream;

namespace Tidewire.Simulation;

/// <summary>
/// A provider that needs no token and no network: it speaks the provider's frames about a market of its own. Nothing of
/// it was traded, and its publications say so.
/// </summary>
/// <remarks>
/// One market lives as long as this object; sessions come and go on it. Frames are given from one loop. Every form is
/// acknowledged 24 to 50 ms after its join, except bare <c>gex</c>, <c>gex_strike</c>, <c>gex_strike_expiry</c>,
/// <c>net_flow</c> and <c>price</c>, which the provider never answers.
/// <c>flow-alerts</c>, <c>option_trades[:T]</c>, <c>price:T</c>, <c>gex:T</c>, <c>gex_strike:T</c>,
/// <c>gex_strike_expiry:T</c>, <c>net_flow:T</c>, <c>market_tide</c>, <c>interval_flow</c>, <c>lit_trades</c>,
/// <c>off_lit_trades</c>, <c>news</c>, <c>trading_halts</c>, <c>contract_screener</c>, <c>custom_alerts</c>,
/// <c>periscope[:SPX]</c>, <c>futures_trades</c>, <c>futures:CONTRACT</c> and, in shapes that are presumed, <c>quotes:T</c>
/// and <c>stock_screener</c> are served; other forms stay silent.
/// </remarks>
public sealed partial class SimulatedUpstream : IUpstream, IReferencePrices
{
    private readonly SimulationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SimulatedUpstream> _logger;
    private volatile SimulatedMarket? _market;
    private volatile SimulatedSession? _session;

    /// <summary>Creates it; the market opens with the first session.</summary>
    /// <param name="options">How the market behaves.</param>
    /// <param name="time">Whose now is the market's.</param>
    /// <param name="logger">Told when the market cannot keep up.</param>
    public SimulatedUpstream(IOptions<SimulationOptions> options, TimeProvider time, ILogger<SimulatedUpstream> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public PublicationSource Source => PublicationSource.Simulated;

    /// <summary>
    /// The day's prices of a ticker, from any thread at any time. False for a ticker that does not exist: the universe does
    /// once the first session has opened, any other ticker once its channel was acknowledged.
    /// </summary>
    /// <param name="ticker">The ticker, such as <c>SPY</c>.</param>
    /// <param name="reference">Its prices, as of now.</param>
    public bool TryGetReference(string ticker, out ReferencePrice reference)
    {
        reference = default;
        return _market is { } market && market.TryGetReference(ticker, out reference);
    }

    /// <summary>The market; null until the first session has opened.</summary>
    internal SimulatedMarket? Market => _market;

    /// <inheritdoc/>
    public async Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping)
    {
        var market = _market ??= SimulatedMarket.Open(_options, _time.GetUtcNow());
        var session = new SimulatedSession(market, _time, listener.Frame);
        var began = _time.GetTimestamp();
        _session = session;
        try
        {
            listener.Opened();
            while (true)
            {
                // To the next whole step since the session began, so that beats neither drift nor pile up after a long one.
                var intoStep = _time.GetElapsedTime(began).Ticks % SimulatedSession.Step.Ticks;
                await Task.Delay(SimulatedSession.Step - TimeSpan.FromTicks(intoStep), _time, stopping).ConfigureAwait(false);
                var kept = session.LeftOut == TimeSpan.Zero;
                session.Beat(stopping);
                if (kept && session.LeftOut > TimeSpan.Zero)
                {
                    Log.CannotKeepUp(_logger, _options.Rate, session.LeftOut.TotalSeconds);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The one way a simulated session ends.
            return new(UpstreamEndKind.Stopped, "the simulated session was stopped");
        }
        finally
        {
            _session = null;
            session.End();
        }
    }

    /// <inheritdoc/>
    public ValueTask JoinAsync(string form, CancellationToken cancellation)
    {
        _session?.Join(form);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask LeaveAsync(string form, CancellationToken cancellation)
    {
        _session?.Leave(form);
        return ValueTask.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Warning,
            "The simulated market cannot keep up with Simulation:Rate {Rate} and leaves out time, {Seconds:F1} s now. Said once per session.",
            EventName = "SimulationCannotKeepUp")]
        public static partial void CannotKeepUp(ILogger logger, double rate, double seconds);
    }
}
