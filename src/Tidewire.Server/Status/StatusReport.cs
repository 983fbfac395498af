using System.Reflection;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Upstream;

namespace Tidewire.Server.Status;

/// <summary>Writes what is known of the upstream, the channels and the clients, under the field names that scripts rely on.</summary>
internal sealed class StatusReport(Hub hub, FeedCatalogue catalogue, UpstreamStatus upstream, Demand demand, TimeProvider time)
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
        var measured = demand.Channels.ToDictionary(static view => view.Form, StringComparer.Ordinal);
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
            json.WriteString("source", feed.Origin switch { FeedOrigin.Join => "socket", FeedOrigin.Rest => "rest", _ => "derived" });
            json.WriteStartArray("aliases");
            foreach (var alias in feed.Aliases)
            {
                json.WriteStringValue(alias);
            }

            json.WriteEndArray();
            json.WriteStartArray("active");
            foreach (var log in logs[feed.Name].OrderBy(static log => log.Name.ToString(), StringComparer.Ordinal))
            {
                WriteActive(json, log, measured.GetValueOrDefault(log.Name.ToString()));
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

    private static void WriteActive(Utf8JsonWriter json, ChannelLog log, ChannelView? view)
    {
        json.WriteStartObject();
        json.WriteString("channel", log.Name.ToString());
        json.WriteString("state", view is not null ? UpstreamWords.Name(view.State) : log.Feed.Origin == FeedOrigin.Derived ? "derived" : "not_joined");
        WriteInstant(json, "since", view?.Since);
        json.WriteNumber("subscribers", log.Subscribers);
        json.WriteString("epoch", log.Epoch);
        json.WriteNumber("offset", log.Tail);
        WriteInstant(json, "last_at", log.LastAt);
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
        if (view.Reason is { } reason)
        {
            json.WriteString("reason", reason);
        }
        else
        {
            json.WriteNull("reason");
        }

        json.WriteNumber("sessions", view.Sessions);
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
