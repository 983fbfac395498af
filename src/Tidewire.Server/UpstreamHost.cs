using Tidewire.Upstream;

namespace Tidewire.Server;

/// <summary>Runs the upstream's pump for as long as the process serves.</summary>
internal sealed class UpstreamHost(UpstreamPump pump) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => pump.RunAsync(stoppingToken);
}
