using System.Globalization;
using System.Text.Json;

namespace Tidewire.Server.Verbs;

/// <summary>What the server says of itself: health, clock, provider, recording.</summary>
internal sealed class DoctorServer(HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan LargeSkew = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HugeSkew = TimeSpan.FromSeconds(60);

    /// <summary>Health, then the clock where it is known.</summary>
    public async Task<IReadOnlyList<Finding>> HealthAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var (health, problem) = await AskAsync("health", cancellation);
        var roundTrip = time.GetElapsedTime(started);
        if (health is not { } answer || Text(answer, "status") != "ok")
        {
            return [Finding.Fault("health", problem ?? "/health does not answer as Tidewire does.", "Is this the address of a Tidewire server, and is nothing else answering in its place?")];
        }

        var findings = new List<Finding> { Finding.Ok("health", string.Create(CultureInfo.InvariantCulture, $"Tidewire {Text(answer, "version")} answers in {roundTrip.TotalMilliseconds:0.0} ms.")) };
        if (answer.TryGetProperty("timestamp", out var told) && told.TryGetDateTimeOffset(out var serverTime))
        {
            findings.Add(Clock(serverTime + (roundTrip / 2) - time.GetUtcNow()));
        }

        return findings;
    }

    public async Task<IReadOnlyList<Finding>> StatusAsync(CancellationToken cancellation)
    {
        var (status, problem) = await AskAsync("api/stream/status", cancellation);
        return status is { } answer
            ? [Upstream(answer), Recording(answer)]
            : [Finding.Fault("provider", problem ?? "/api/stream/status does not answer.", "See the server's log.")];
    }

    internal static Finding Clock(TimeSpan skew)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"The server's clock is {Math.Abs(skew.TotalSeconds):0.000} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this one.");
        const string Advice = "Set both clocks by a time server (timedatectl set-ntp true).";
        var size = skew.Duration();
        return size >= HugeSkew ? Finding.Fault("clock", text, Advice + " Tokens may count as expired, or as not yet valid.")
            : size >= LargeSkew ? Finding.Warning("clock", text, Advice + " Ages and delays that are shown are wrong by as much.")
            : Finding.Ok("clock", text);
    }

    internal static Finding Upstream(JsonElement status)
    {
        var message = Text(status, "message") ?? "";
        return Text(status, "status") switch
        {
            "connected" => Finding.Ok("provider", message),
            "simulated" => Finding.Warning("provider", message, "Set UW_API_TOKEN on the server for the real market."),
            "disabled" => Finding.Warning("provider", message, "Set TIDEWIRE_UPSTREAM=auto on the server."),
            "connecting" => Finding.Warning("provider", message, "Wait a moment and look again."),
            "not_entitled" => Finding.Fault("provider", message, "Check UW_API_TOKEN on the server, and that the plan includes the WebSocket."),
            _ => Finding.Fault("provider", $"{message} {Reason(status)}".Trim(), "Look at the server's log, and whether its machine reaches the provider."),
        };
    }

    internal static Finding Recording(JsonElement status)
    {
        if (!status.TryGetProperty("recording", out var recording))
        {
            return Finding.Warning("recording", "The server does not tell.", "It is older than this command.");
        }

        var message = Text(recording, "message") ?? "";
        return Text(recording, "state") switch
        {
            "recording" => Finding.Ok("recording", message),
            "off" => Finding.Warning("recording", message, "Set Recording__Enabled=true on the server, so that clients can come back after a restart."),
            _ => Finding.Fault("recording", $"{message} {Text(recording, "reason")}".Trim(), "Make room on the disk of TIDEWIRE_DATA, or look why it refuses; it heals by itself."),
        };
    }

    private static string? Reason(JsonElement status) => status.TryGetProperty("uw_connection", out var connection) && Text(connection, "reason") is { } reason ? $"({reason})" : null;

    private static string? Text(JsonElement item, string name) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private async Task<(JsonElement? Answer, string? Problem)> AskAsync(string path, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), either.Token);
            if (!response.IsSuccessStatusCode)
            {
                return (null, $"/{path} is answered with {(int)response.StatusCode}.");
            }

            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
            return (json.RootElement.Clone(), null);
        }
        catch (JsonException)
        {
            return (null, $"/{path} answers with something else than JSON.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return (null, $"/{path} did not answer within {Doctor.Patience.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (null, $"/{path} cannot be asked: {(exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke"}.");
        }
    }
}
