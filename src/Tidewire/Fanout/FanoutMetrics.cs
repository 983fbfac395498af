using System.Diagnostics.Metrics;

namespace Tidewire.Fanout;

/// <summary>
/// What is measured of the fan-out. Counts are kept where things happen and read when someone asks; only the two
/// histograms are written to as things happen, at most once per publication.
/// </summary>
internal sealed class FanoutMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Tidewire.Fanout";

    private static readonly double[] DelayBuckets = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
    private static readonly double[] AgeBuckets = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly TimeProvider _time;
    private readonly Histogram<double> _deliveryDelay;
    private readonly Histogram<double> _queueAge;
    private readonly Histogram<double> _commitWait;

    /// <summary>Makes the instruments of a hub.</summary>
    /// <param name="meters">Where the meter comes from; it also disposes it.</param>
    /// <param name="hub">The hub that is observed.</param>
    public FanoutMetrics(IMeterFactory meters, Hub hub)
    {
        _time = hub.Time;
        var meter = meters.Create(new MeterOptions(MeterName));
        ObserveConnections(meter, hub);
        ObserveChannels(meter, hub);
        ObserveRecording(meter, hub);
        _deliveryDelay = meter.CreateHistogram<double>(
            "tidewire.delivery.delay",
            "s",
            "From the receipt of a publication to its first hand-over to a client that was subscribed before it came.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = DelayBuckets });
        _queueAge = meter.CreateHistogram<double>(
            "tidewire.delivery.queue.age",
            "s",
            "Age of the oldest entry that waits for a client, looked at once a second on each subscription with something waiting.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = AgeBuckets });
        _commitWait = meter.CreateHistogram<double>(
            "tidewire.recording.commit.wait",
            "s",
            "From the receipt of an entry that is shown only once it is kept until it was kept.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = DelayBuckets });
    }

    /// <summary>An entry was kept that waited for it.</summary>
    public void Committed(TimeSpan waited)
    {
        if (_commitWait.Enabled)
        {
            _commitWait.Record(waited.TotalSeconds);
        }
    }

    /// <summary>An entry is about to be written to the first of its live readers.</summary>
    public void FirstShown(Publication publication)
    {
        if (publication.Gap is null && _deliveryDelay.Enabled)
        {
            _deliveryDelay.Record(Since(publication.ReceivedAt));
        }
    }

    /// <summary>A subscription was found with entries that its client has not been given.</summary>
    public void Waiting(FeedClass feedClass, DateTimeOffset since)
        => _queueAge.Record(Since(since), KeyValuePair.Create<string, object?>("class", feedClass == FeedClass.Event ? "event" : "state"));

    private static void ObserveConnections(Meter meter, Hub hub)
    {
        var counters = hub.Counters;
        meter.CreateObservableUpDownCounter("tidewire.connections.open", () => ByWire(hub, static wire => wire.Open), "{connection}", "Clients connected now.");
        meter.CreateObservableCounter("tidewire.connections.accepted", () => ByWire(hub, static wire => wire.Accepted), "{connection}", "Clients taken in since the start.");
        meter.CreateObservableCounter("tidewire.connections.refused", () => ByWire(hub, static wire => wire.Refused), "{connection}", "Clients refused because there were as many as there may be.");
        meter.CreateObservableCounter("tidewire.connections.slow_closed", () => ByWire(hub, static wire => wire.SlowReaders), "{connection}", "Clients closed because they read too slowly.");
        meter.CreateObservableCounter("tidewire.deliveries", () => ByWire(hub, static wire => wire.Delivered), "{delivery}", "Entries handed to clients, one for each client.");
        meter.CreateObservableCounter("tidewire.written", () => ByWire(hub, static wire => wire.Written), "By", "Bytes handed to clients' sockets: entries, answers, positions, framing of the wire included.");
        meter.CreateObservableCounter("tidewire.client.messages", () => counters.ReceivedCount, "{message}", "Messages received from clients over sockets.");
        meter.CreateObservableCounter("tidewire.client.errors", () => counters.ErrorCount, "{message}", "Messages and requests of clients that were answered with an error.");
    }

    private static void ObserveChannels(Meter meter, Hub hub)
    {
        meter.CreateObservableUpDownCounter("tidewire.subscriptions", () => Subscriptions(hub), "{subscription}", "Subscriptions held now.");
        meter.CreateObservableCounter("tidewire.publications", () => Publications(hub), "{publication}", "Entries appended to logs, gaps included.");
        meter.CreateObservableCounter("tidewire.gaps", () => Gaps(hub), "{gap}", "Gap entries appended to logs: here something may be missing.");
        meter.CreateObservableUpDownCounter("tidewire.logs", () => hub.Logs.LongCount(), "{log}", "Channels that have a log.");
        meter.CreateObservableUpDownCounter("tidewire.logs.memory.usage", () => hub.MemoryUsed, "By", "Bytes held by all logs and their encodings.");
        meter.CreateObservableUpDownCounter("tidewire.logs.memory.limit", () => hub.Options.MemoryBytes, "By", "Bytes that they may hold.");
    }

    private static void ObserveRecording(Meter meter, Hub hub)
    {
        meter.CreateObservableGauge("tidewire.recording.degraded", () => hub.Recording.State == RecordingState.Degraded ? 1 : 0, "{state}", "1 while the disk refuses and what is shown cannot be recovered later.");
        meter.CreateObservableUpDownCounter("tidewire.recording.pending", () => hub.Recording.Pending, "{publication}", "Entries that wait to be kept before they are shown.");
        meter.CreateObservableCounter("tidewire.recording.committed", () => hub.Recording.Committed, "{publication}", "Entries kept on disk.");
        meter.CreateObservableCounter("tidewire.recording.commits", () => hub.Recording.Commits, "{commit}", "Commits, each of one entry or many.");
        meter.CreateObservableCounter("tidewire.recording.unstored", () => hub.Recording.Unstored, "{publication}", "Entries shown and not kept because the disk refused.");
        meter.CreateObservableUpDownCounter("tidewire.recording.size", () => hub.Recording.Bytes, "By", "Bytes that the recording takes on disk.");
        meter.CreateObservableCounter("tidewire.recovery.reads", () => hub.Pages?.Reads ?? 0, "{page}", "Pages of past entries read from disk; one serves all who ask for it meanwhile.");
    }

    private static IEnumerable<Measurement<long>> ByWire(Hub hub, Func<WireCounters, long> count)
        => hub.Counters.Wires.Select(wire => new Measurement<long>(count(wire), KeyValuePair.Create<string, object?>("wire", wire.Wire)));

    private static IEnumerable<Measurement<long>> Subscriptions(Hub hub)
    {
        var held = hub.Logs.GroupBy(static log => log.Feed.Name, StringComparer.Ordinal).ToDictionary(static logs => logs.Key, static logs => logs.Sum(static log => (long)log.Subscribers), StringComparer.Ordinal);
        return hub.Counters.Feeds.Select(feed => new Measurement<long>(held.GetValueOrDefault(feed.Feed), OfFeed(feed)));
    }

    private static IEnumerable<Measurement<long>> Publications(Hub hub)
        => from feed in hub.Counters.Feeds
           from source in Enum.GetValues<PublicationSource>()
           let count = feed.From(source)
           where count > 0
           select new Measurement<long>(count, OfFeed(feed), KeyValuePair.Create<string, object?>("source", Name(source)));

    private static IEnumerable<Measurement<long>> Gaps(Hub hub)
        => from feed in hub.Counters.Feeds
           from reason in Enum.GetValues<GapReason>()
           let count = feed.GapsBecause(reason)
           where count > 0
           select new Measurement<long>(count, OfFeed(feed), KeyValuePair.Create<string, object?>("reason", Name(reason)));

    private static KeyValuePair<string, object?> OfFeed(FeedCounters feed) => KeyValuePair.Create<string, object?>("feed", feed.Feed);

    private static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Seconds; a clock that was set back makes none negative.</summary>
    private double Since(DateTimeOffset then) => Math.Max(0, (_time.GetUtcNow() - then).TotalSeconds);
}
