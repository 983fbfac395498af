using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Tidewire.Upstream;

/// <summary>What is measured of the upstream. Its counts are those of the status; only the delay is written to as frames come.</summary>
public sealed class UpstreamMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Tidewire.Upstream";

    private static readonly double[] Buckets = [0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

    private static readonly double[] WayBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _publishDelay;
    private readonly Histogram<double> _decodeDelay;
    private readonly Histogram<double> _wayDelay;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Where the meter comes from; it also disposes it.</param>
    /// <param name="status">What is known of the upstream.</param>
    /// <param name="demand">The channels that are wanted of it.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    public UpstreamMetrics(IMeterFactory meters, UpstreamStatus status, Demand demand, IOptions<UpstreamOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(options);
        _time = time;
        var meter = _meter = meters.Create(new MeterOptions(MeterName));
        ObserveSessions(meter, status);
        ObserveFrames(meter, status, options.Value);
        meter.CreateObservableUpDownCounter("tidewire.upstream.channels", () => Channels(demand), "{channel}", "Channels wanted or lingering, by what is measured of them.");
        meter.CreateObservableGauge("tidewire.upstream.last_frame.age", () => LastFrameAge(status, time), "s", "Time since the last frame of any kind; absent before the first.");
        _publishDelay = meter.CreateHistogram<double>(
            "tidewire.upstream.publish.delay",
            "s",
            "From the receipt of a frame to its publication: waiting to be decoded, decoding, appending.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        _decodeDelay = meter.CreateHistogram<double>(
            "tidewire.upstream.decode.delay",
            "s",
            "From the receipt of a frame until it was decoded, of the messages that are sampled.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        _wayDelay = meter.CreateHistogram<double>(
            "tidewire.upstream.way.delay",
            "s",
            "From the provider's own time of a message to its receipt, by the clock of each, of the messages that are sampled.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = WayBuckets });
    }

    /// <summary>A frame that was received then has just been published.</summary>
    internal void Published(DateTimeOffset receivedAt)
    {
        if (_publishDelay.Enabled)
        {
            _publishDelay.Record(Math.Max(0, (_time.GetUtcNow() - receivedAt).TotalSeconds));
        }
    }

    /// <summary>A sampled message was published.</summary>
    /// <param name="feed">Its feed.</param>
    /// <param name="onTheWay">How old it was when it was received; null where it does not say. Below 0 when the provider's clock is ahead of ours.</param>
    /// <param name="decoded">How long after its receipt it had been decoded.</param>
    internal void Sampled(string feed, TimeSpan? onTheWay, TimeSpan decoded)
    {
        _decodeDelay.Record(Math.Max(0, decoded.TotalSeconds));
        if (onTheWay is { } way)
        {
            _wayDelay.Record(Math.Max(0, way.TotalSeconds), Tag("feed", feed));
        }
    }

    /// <summary>Shows in how many fields each feed differs from its documentation.</summary>
    internal void Observe(SampledMessages messages) => _meter.CreateObservableGauge(
        "tidewire.upstream.shape.drift",
        () => messages.Shapes.Where(static feed => feed.Shape.IsDocumented).Select(static feed => new Measurement<long>(feed.Shape.Drift, Tag("feed", feed.Feed))),
        "{field}",
        "Fields in which the messages of a feed differ from the provider's documentation.");

    private static void ObserveSessions(Meter meter, UpstreamStatus status)
    {
        meter.CreateObservableGauge(
            "tidewire.upstream.state",
            () => Each<UpstreamState>("state", UpstreamWords.Name, state => state == status.View.State ? 1 : 0),
            description: "1 for the state that the upstream is in, 0 for the others.");
        meter.CreateObservableCounter("tidewire.upstream.sessions", () => status.View.Sessions, "{session}", "Sessions opened.");
        meter.CreateObservableCounter("tidewire.upstream.reconnects", () => status.Reconnects, "{attempt}", "Attempts to open a session after the first one.");
        meter.CreateObservableCounter(
            "tidewire.upstream.ends",
            () => Each<UpstreamEndKind>("reason", UpstreamWords.Name, status.EndsOf),
            "{end}",
            "Sessions, or attempts at one, that ended.");
    }

    private static void ObserveFrames(Meter meter, UpstreamStatus status, UpstreamOptions options)
    {
        meter.CreateObservableCounter("tidewire.upstream.frames.received", () => status.Frames, "{frame}", "Frames received, of any kind.");
        meter.CreateObservableCounter(
            "tidewire.upstream.frames.decoded",
            () => (Measurement<long>[])[new(status.DataFrames, Tag("kind", "data")), new(status.Acknowledgements, Tag("kind", "acknowledgement"))],
            "{frame}",
            "Frames that were of use.");
        meter.CreateObservableCounter(
            "tidewire.upstream.frames.skipped",
            () => Each<FrameFault>("reason", UpstreamWords.Name, status.CountOf),
            "{frame}",
            "Frames that became no publication.");
        meter.CreateObservableUpDownCounter("tidewire.upstream.queue.size", () => status.QueuedBytes, "By", "Bytes received that wait to be decoded.");
        meter.CreateObservableUpDownCounter("tidewire.upstream.queue.limit", () => options.QueueBytes, "By", "Bytes that may wait; beyond, frames are dropped.");
    }

    private static List<Measurement<long>> Channels(Demand demand)
    {
        var byState = demand.Channels.CountBy(static view => view.State).ToDictionary();
        return Each<ChannelState>("state", UpstreamWords.Name, state => byState.GetValueOrDefault(state));
    }

    private static IEnumerable<Measurement<double>> LastFrameAge(UpstreamStatus status, TimeProvider time)
        => status.LastFrameAt is { } at ? [new(Math.Max(0, (time.GetUtcNow() - at).TotalSeconds))] : [];

    private static List<Measurement<long>> Each<T>(string tag, Func<T, string> name, Func<T, long> count)
        where T : struct, Enum
        => [.. Enum.GetValues<T>().Select(value => new Measurement<long>(count(value), Tag(tag, name(value))))];

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create<string, object?>(name, value);
}
