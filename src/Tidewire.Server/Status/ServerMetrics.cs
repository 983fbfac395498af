using System.Diagnostics.Metrics;
using Tidewire.Fanout;

namespace Tidewire.Server.Status;

/// <summary>What is measured of the process as a whole, beside what the runtime measures of itself.</summary>
internal sealed class ServerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Tidewire.Server";

    private long _dropped;

    public ServerMetrics(IMeterFactory meters, Hub hub, Readiness readiness, TimeProvider time)
    {
        var meter = meters.Create(new MeterOptions(MeterName));
        meter.CreateObservableGauge("process.uptime", () => (time.GetUtcNow() - hub.StartedAt).TotalSeconds, "s", "Time since the process began to serve.");
        meter.CreateObservableGauge("tidewire.ready", () => readiness.Look().IsReady ? 1 : 0, description: "1 while /health/ready answers 200, else 0.");
        meter.CreateObservableGauge(
            "tidewire.build.info",
            () => new Measurement<int>(1, KeyValuePair.Create<string, object?>("version", StatusReport.Version)),
            description: "Always 1; the version is in the label.");
        meter.CreateObservableCounter(
            "tidewire.metrics.dropped",
            () => Volatile.Read(ref _dropped),
            "{measurement}",
            "Measurements left out of /metrics, because there were as many series as there may be or because taking them failed.");
    }

    /// <summary>A measurement could not be shown.</summary>
    public void MeasurementDropped() => Interlocked.Increment(ref _dropped);
}
