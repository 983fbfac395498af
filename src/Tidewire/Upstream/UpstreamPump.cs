using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;

namespace Tidewire.Upstream;

/// <summary>Owns the one upstream: runs it, takes note of how it ended, waits, runs it again, for ever.</summary>
/// <param name="upstream">The upstream.</param>
/// <param name="hub">Where its frames go.</param>
/// <param name="demand">What is wanted of it.</param>
/// <param name="tickers">What is derived from its prices.</param>
/// <param name="status">What is known of it.</param>
/// <param name="backoff">How long to wait.</param>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log.</param>
/// <param name="metrics">What is measured of it; null for nothing.</param>
/// <param name="seen">What was published of it; null to begin with nothing.</param>
/// <param name="samples">What looks closely at a few of its messages; null for none.</param>
public sealed partial class UpstreamPump(
    IUpstream upstream,
    Hub hub,
    Demand demand,
    TickerFeed tickers,
    UpstreamStatus status,
    ReconnectBackoff backoff,
    IOptions<UpstreamOptions> options,
    TimeProvider time,
    ILogger<UpstreamPump> logger,
    UpstreamMetrics? metrics = null,
    SeenPublications? seen = null,
    SampledMessages? samples = null)
{
    private readonly SeenPublications _seen = seen ?? new SeenPublications(demand.Catalogue);

    /// <summary>Pumps until told to stop.</summary>
    /// <param name="stopping">Ends the open session politely, then returns.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            status.Connecting();
            using var session = new UpstreamSession(upstream, hub, demand, tickers, status, _seen, options.Value, time, logger, metrics, samples);
            var end = await RunAsync(session, stopping);
            var lasted = session.OpenedAt is { } openedAt ? time.GetUtcNow() - openedAt : TimeSpan.Zero;
            if (stopping.IsCancellationRequested)
            {
                status.Ended(end, TimeSpan.Zero);
                return;
            }

            var delay = backoff.Next(end, lasted, session.HadData);
            status.Ended(end, delay);
            Log.Ended(logger, upstream.Name, end, delay);
            try
            {
                await Task.Delay(delay, time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The pump runs for ever: an upstream that throws has failed to connect, and is logged.")]
    private async Task<UpstreamEnd> RunAsync(UpstreamSession session, CancellationToken stopping)
    {
        try
        {
            return await session.RunAsync(stopping);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, upstream.Name, exception);
            return new UpstreamEnd(UpstreamEndKind.CannotConnect, "a fault of ours, see the log");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "Upstream {Upstream} ended ({End}); next attempt in {Delay}.", EventName = "UpstreamEnded")]
        public static partial void Ended(ILogger logger, string upstream, UpstreamEnd end, TimeSpan delay);

        [LoggerMessage(11, LogLevel.Error, "Upstream {Upstream} failed because of a fault of ours.", EventName = "UpstreamFailed")]
        public static partial void Failed(ILogger logger, string upstream, Exception exception);
    }
}
