using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Upstream;

namespace Tidewire.Server.Status;

/// <summary>Whether the process can serve data now.</summary>
/// <param name="IsReady">Whether it can.</param>
/// <param name="Reason">Why not, for programs; null when it can.</param>
/// <param name="Message">The same for people.</param>
internal readonly record struct ReadinessView(bool IsReady, string? Reason, string Message);

/// <summary>
/// Answers the two questions of a supervisor: does the process live, and should clients be sent here. Ready is who has an
/// upstream open, real or simulated, or is configured to have none, and is not being stopped.
/// </summary>
internal sealed class Readiness(Hub hub, UpstreamStatus upstream, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public ReadinessView Look() => Look(upstream.View);

    /// <summary>Writes the answer of <c>/health/live</c>.</summary>
    public void WriteLive(Utf8JsonWriter json)
    {
        var now = time.GetUtcNow();
        json.WriteStartObject();
        json.WriteString("status", "live");
        json.WriteString("version", StatusReport.Version);
        json.WriteNumber("uptime", Math.Round((now - hub.StartedAt).TotalSeconds, 3));
        json.WriteString("timestamp", MessageWriter.Instant(now));
        json.WriteEndObject();
    }

    /// <summary>Writes the answer of <c>/health/ready</c>.</summary>
    /// <returns>Whether the process is ready.</returns>
    public bool WriteReady(Utf8JsonWriter json)
    {
        var view = upstream.View;
        var ready = Look(view);
        json.WriteStartObject();
        json.WriteString("status", ready.IsReady ? "ready" : "not_ready");
        json.WriteString("reason", ready.Reason);
        json.WriteString("message", ready.Message);
        json.WriteString("upstream", UpstreamWords.Name(view.State));
        json.WriteBoolean("simulated", hub.Simulated);
        json.WriteString("since", MessageWriter.Instant(view.Since));
        json.WriteString("last_end", view.Reason);
        json.WriteString("next_attempt_at", view.NextAttemptAt is { } at ? MessageWriter.Instant(at) : null);
        json.WriteString("version", StatusReport.Version);
        json.WriteString("timestamp", MessageWriter.Instant(time.GetUtcNow()));
        json.WriteEndObject();
        return ready.IsReady;
    }

    private ReadinessView Look(UpstreamView view)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new ReadinessView(false, "draining", "The server is going away.");
        }

        var isReady = view.State is UpstreamState.Connected or UpstreamState.Simulated or UpstreamState.Disabled;
        return new ReadinessView(isReady, isReady ? null : $"upstream_{UpstreamWords.Name(view.State)}", StatusReport.Sentence(view));
    }
}
