using System.Reflection;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Status;

/// <summary>Writes what is known of the upstream, the channels and the clients, under the field names that scripts rely on.</summary>
internal sealed class StatusReport(Hub hub, FeedCatalogue catalogue, UpstreamStatus upstream, Demand demand, ChannelTruth truth, SampledMessages samples, Settings settings, TimeProvider time, RequestBudget? budget = null, RestAccess? access = null)
{
    internal static readonly string Version = typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public void WriteStatus(Utf8JsonWriter json)
    {
        var view = upstream.View;
        json.WriteStartObject();
        json.WriteString("status", UpstreamWords.Name(view.State));
        json.WriteBoolean("simulated", hub.Simulated);
        json.WriteString("message", Sentence(view));
        json.WriteString("server_time", MessageWriter.Instant(time.GetUtcNow()));
        json.WriteString("version", Version);
        json.WriteStartObject("uw_connection");
        WriteUpstream(json, view);
        json.WriteEndObject();
        WriteBudget(json);
        WriteRecording(json);
        json.WriteStartObject("client_connections");
        foreach (var log in hub.Logs.Where(static log => log.Subscribers > 0).OrderBy(static log => log.Name.ToString(), StringComparer.Ordinal))
        {
            json.WriteNumber(log.Name.ToString(), log.Subscribers);
        }

        json.WriteEndObject();
        json.WriteNumber("total_clients", hub.ConnectionsOpen);
        json.WriteEndObject();
    }

    public void WriteChannels(Utf8JsonWriter json)
    {
        var measures = truth.Look();
        var logs = hub.Logs.ToLookup(static log => log.Feed.Name, StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteStartArray("channels");
        foreach (var feed in catalogue.Feeds)
        {
            json.WriteStartObject();
            json.WriteString("id", feed.Name);
            json.WriteString("name", feed.Title);
            json.WriteString("endpoint", $"/api/stream/ws/{feed.Route}{(feed.Ticker == TickerUse.Required ? "/{ticker}" : "")}");
            json.WriteString("description", feed.Description);
            json.WriteString("class", feed.Class == FeedClass.Event ? "event" : "state");
            json.WriteString("ticker", feed.Ticker switch { TickerUse.None => "none", TickerUse.Optional => "optional", _ => "required" });
            json.WriteString("status", feed.Status == FeedStatus.Verified ? "verified" : "experimental");
            json.WriteString("measured", UpstreamWords.Name(truth.OfFeed(feed)));
            json.WriteString("source", feed.Origin switch { FeedOrigin.Join => "socket", FeedOrigin.Rest => "rest", _ => "derived" });
            json.WriteBoolean("rest_fallback", feed is { Origin: FeedOrigin.Join, Poll: not null });
            json.WriteStartArray("aliases");
            foreach (var alias in feed.Aliases)
            {
                json.WriteStringValue(alias);
            }

            json.WriteEndArray();
            WriteShape(json, samples.ShapeOf(feed));
            WriteAccess(json, access?.Of(feed));
            json.WriteStartArray("active");
            foreach (var log in logs[feed.Name].OrderBy(static log => log.Name.ToString(), StringComparer.Ordinal))
            {
                WriteActive(json, log, measures.GetValueOrDefault(log.Name.ToString()));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void WriteStatistics(Utf8JsonWriter json)
    {
        var counters = hub.Counters;
        json.WriteStartObject();
        json.WriteNumber("active_connections", hub.ConnectionsOpen);
        json.WriteStartObject("ticker_subscriptions");
        foreach (var log in hub.Logs.Where(static log => log is { Subscribers: > 0, Feed.MessageType: "price_update" }).OrderBy(static log => log.Name.Symbol, StringComparer.Ordinal))
        {
            json.WriteNumber(log.Name.Symbol!, log.Subscribers);
        }

        json.WriteEndObject();
        json.WriteNumber("pattern_subscribers", SubscribersOf("patterns"));
        json.WriteNumber("alert_subscribers", SubscribersOf("alerts"));
        json.WriteNumber("market_status_subscribers", SubscribersOf("market_status"));
        json.WriteNumber("total_connections", counters.ConnectionCount);
        json.WriteNumber("messages_sent", counters.DeliveredCount);
        json.WriteNumber("messages_received", counters.ReceivedCount);
        json.WriteNumber("errors", counters.ErrorCount);
        json.WriteNumber("uptime", Math.Round((time.GetUtcNow() - hub.StartedAt).TotalSeconds, 3));
        json.WriteNumber("published", counters.PublishedCount);
        json.WriteNumber("slow_readers_closed", counters.SlowReaderCount);
        json.WriteNumber("connections_refused", counters.RefusedCount);
        json.WriteNumber("memory_bytes", hub.MemoryUsed);
        json.WriteNumber("memory_limit_bytes", hub.Options.MemoryBytes);
        json.WriteEndObject();
    }

    public void WriteHealth(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("status", "ok");
        json.WriteString("upstream", UpstreamWords.Name(upstream.View.State));
        json.WriteBoolean("simulated", hub.Simulated);
        json.WriteNumber("connections", hub.ConnectionsOpen);
        json.WriteString("version", Version);
        json.WriteString("timestamp", MessageWriter.Instant(time.GetUtcNow()));
        json.WriteEndObject();
    }

    internal static string Sentence(UpstreamView view) => view.State switch
    {
        UpstreamState.Disabled => "Streaming is disabled: TIDEWIRE_UPSTREAM is none.",
        UpstreamState.Connecting => "Connecting to the provider.",
        UpstreamState.Connected => "Connected to the provider's socket.",
        UpstreamState.Simulated => "Simulated market: nothing here was traded.",
        UpstreamState.NotEntitled => "The provider refuses this token.",
        _ => "The connection to the provider is down; it is tried again.",
    };

    private void WriteRecording(Utf8JsonWriter json)
    {
        var recording = hub.Recording;
        json.WriteStartObject("recording");
        json.WriteString("state", recording.State switch { RecordingState.Off => "off", RecordingState.Recording => "recording", _ => "degraded" });
        json.WriteString("message", recording.State switch
        {
            RecordingState.Off => "Recording is turned off: what was missed is recovered from memory alone.",
            RecordingState.Recording => "Every publication is kept on disk.",
            _ => "Recording degraded: the disk refuses, and what is shown meanwhile cannot be recovered later. It is tried again.",
        });
        WriteInstant(json, "since", recording.Since);
        WriteText(json, "reason", recording.State == RecordingState.Degraded ? recording.Reason : null);
        json.WriteNumber("pending", recording.Pending);
        json.WriteNumber("committed", recording.Committed);
        json.WriteNumber("unstored", recording.Unstored);
        json.WriteNumber("bytes", recording.Bytes);
        json.WriteEndObject();
    }

    private static void WriteInstant(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } instant)
        {
            json.WriteString(name, MessageWriter.Instant(instant));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteActive(Utf8JsonWriter json, ChannelLog log, ChannelMeasure? measure)
    {
        var socket = measure?.Socket;
        json.WriteStartObject();
        json.WriteString("channel", log.Name.ToString());
        json.WriteString("state", socket is not null ? UpstreamWords.Name(socket.State) : log.Feed.Origin switch { FeedOrigin.Derived => "derived", FeedOrigin.Rest => measure?.Polled is null ? "not_polled" : "polled", _ => "not_joined" });
        json.WriteString("measured", UpstreamWords.Name(measure?.Measured ?? Measured.Unknown));
        WriteText(json, "reason", measure?.Reason);
        WriteInstant(json, "since", socket?.Since ?? measure?.Polled?.Since);
        json.WriteNumber("subscribers", log.Subscribers);
        json.WriteString("epoch", log.Epoch);
        json.WriteNumber("offset", log.Tail);
        WriteInstant(json, "last_at", log.LastAt);
        json.WriteNumber("count", socket?.Count ?? 0);
        WriteInstant(json, "last_frame_at", socket?.LastDataAt);
        WriteSeconds(json, "usual_gap", socket?.UsualGap);
        WriteSeconds(json, "silent_after", socket?.SilentAfter);
        if (measure?.Polled is { } polled)
        {
            json.WriteStartObject("polled");
            WriteInstant(json, "since", polled.Since);
            WriteSeconds(json, "interval", polled.Interval);
            WriteInstant(json, "next_at", polled.NextAt);
            WriteInstant(json, "last_at", polled.LastAt);
            json.WriteNumber("answers", polled.Answers);
            json.WriteNumber("rows", polled.Rows);
            WriteText(json, "problem", polled.Problem);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("polled");
        }

        json.WriteEndObject();
    }

    /// <summary>Whether the token opens the feed over REST; null where it is not to be had there.</summary>
    private static void WriteAccess(Utf8JsonWriter json, RestAccessView? view)
    {
        if (view is null)
        {
            json.WriteNull("rest");
            return;
        }

        json.WriteStartObject("rest");
        json.WriteString("state", UpstreamWords.Name(view.State));
        WriteInstant(json, "at", view.At);
        WriteText(json, "reason", view.Reason);
        json.WriteEndObject();
    }

    /// <summary>How the feed's messages look against what is documented; null while none was looked at.</summary>
    private void WriteShape(Utf8JsonWriter json, ShapeView? shape)
    {
        if (shape is null)
        {
            json.WriteNull("shape");
            return;
        }

        json.WriteStartObject("shape");
        json.WriteString("fingerprint", shape.Fingerprint);
        json.WriteNumber("fields", shape.Fields);
        json.WriteNumber("looked_at", shape.Looked);
        json.WriteBoolean("documented", shape.IsDocumented);
        WriteNames(json, "undocumented", shape.Undocumented);
        WriteNames(json, "missing", shape.Missing);
        WriteNames(json, "other_types", shape.OtherTypes);
        json.WriteEndObject();
    }

    private void WriteNames(Utf8JsonWriter json, string list, IReadOnlyList<string> names)
    {
        json.WriteStartArray(list);
        foreach (var name in names)
        {
            json.WriteStringValue(Secrets.Redact(name, settings.UnusualWhales.Token));
        }

        json.WriteEndArray();
    }

    private static string Cut(string name) => name.Length > 64 ? name[..64] + "…" : name;

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? span)
    {
        if (span is { } some)
        {
            json.WriteNumber(name, Math.Round(some.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>What is left of the provider's REST limits; null when nothing is asked of REST.</summary>
    private void WriteBudget(Utf8JsonWriter json)
    {
        if (budget?.Snapshot() is not { } view)
        {
            json.WriteNull("request_budget");
            return;
        }

        json.WriteStartObject("request_budget");
        json.WriteNumber("used", view.Used);
        json.WriteNumber("limit", view.Limit);
        json.WriteNumber("remaining", view.Remaining);
        json.WriteNumber("minute_used", view.MinuteUsed);
        json.WriteNumber("minute_limit", view.MinuteLimit);
        json.WriteNumber("in_flight", view.InFlight);
        json.WriteNumber("rate_per_minute", Math.Round(view.RatePerMinute, 2));
        WriteInstant(json, "resets_at", view.ResetsAt);
        WriteInstant(json, "exhausted_at", view.ExhaustedAt);
        WriteInstant(json, "held_until", view.HeldUntil);
        json.WriteStartObject("by_purpose");
        json.WriteNumber("backfill", view.ByPurpose.Backfill);
        json.WriteNumber("fallback", view.ByPurpose.Fallback);
        json.WriteNumber("poll", view.ByPurpose.Poll);
        json.WriteNumber("history", view.ByPurpose.History);
        json.WriteEndObject();
        json.WriteNumber("others", view.Others);
        json.WriteNumber("lost", view.Lost);
        json.WriteStartObject("refused");
        json.WriteNumber("in_flight", view.RefusedInFlight);
        json.WriteNumber("minute", view.RefusedMinute);
        json.WriteNumber("day", view.RefusedDay);
        json.WriteEndObject();
        json.WriteNumber("impossible_headers", view.ImpossibleHeaders);
        WriteText(json, "problem", view.Problem);
        json.WriteEndObject();
    }

    private void WriteUpstream(Utf8JsonWriter json, UpstreamView view)
    {
        var channels = demand.Channels;
        json.WriteString("upstream", upstream.Name);
        json.WriteBoolean("connected", view.State is UpstreamState.Connected or UpstreamState.Simulated);
        json.WriteBoolean("running", view.State != UpstreamState.Disabled);
        json.WriteNumber("reconnect_attempts", Math.Max(0, view.Attempt - (view.Sessions == 0 ? 1 : 0)));
        json.WriteStartArray("subscribed_channels");
        foreach (var channel in channels.Where(static channel => channel.State is ChannelState.Joined or ChannelState.Live))
        {
            json.WriteStringValue(channel.Form);
        }

        json.WriteEndArray();
        json.WriteNumber("channel_count", channels.Count(static channel => channel.State is ChannelState.Joined or ChannelState.Live));
        WriteInstant(json, "since", view.Since);
        WriteInstant(json, "last_frame_at", upstream.LastFrameAt);
        WriteInstant(json, "next_attempt_at", view.NextAttemptAt);
        json.WriteNumber("attempt", view.Attempt);
        WriteText(json, "reason", view.Reason);
        json.WriteNumber("sessions", view.Sessions);
        json.WriteStartArray("unknown_channels");
        foreach (var unknown in upstream.UnknownChannels.All)
        {
            json.WriteStartObject();
            json.WriteString("name", Cut(Secrets.Redact(unknown.Name, settings.UnusualWhales.Token)));
            json.WriteNumber("count", unknown.Count);
            WriteInstant(json, "last_at", unknown.LastAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("frames");
        json.WriteNumber("received", upstream.Frames);
        json.WriteNumber("data", upstream.DataFrames);
        json.WriteNumber("acknowledgements", upstream.Acknowledgements);
        json.WriteStartObject("skipped");
        foreach (var fault in UpstreamStatus.Reasons)
        {
            json.WriteNumber(UpstreamWords.Name(fault), upstream.CountOf(fault));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private int SubscribersOf(string feed) => hub.Logs.Where(log => log.Feed.Name == feed).Sum(static log => log.Subscribers);
}
