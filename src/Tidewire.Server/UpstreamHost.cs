using Microsoft.Extensions.Options;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server;

/// <summary>Runs the upstream's pump for as long as the process serves.</summary>
internal sealed class UpstreamHost(UpstreamPump pump) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => pump.RunAsync(stoppingToken);
}

/// <summary>Runs the polls of the provider's REST side.</summary>
internal sealed class PollerHost(UnusualWhalesPoller poller) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => poller.RunAsync(stoppingToken);
}

/// <summary>Asks once what the token opens over REST.</summary>
internal sealed class RestProbeHost(RestProbe probe, IOptions<UpstreamOptions> options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.ProbeRest ? probe.RunAsync(stoppingToken) : Task.CompletedTask;
}

/// <summary>Announces what becomes of the feeds.</summary>
internal sealed class AnnouncementHost(FeedAnnouncements announcements) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => announcements.RunAsync(stoppingToken);
}
