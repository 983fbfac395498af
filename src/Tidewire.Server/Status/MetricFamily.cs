using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tidewire.Server.Status;

/// <summary>What a family of series is to Prometheus.</summary>
internal enum MetricKind
{
    /// <summary>Only rises.</summary>
    Counter,

    /// <summary>Rises and falls.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>One instrument and its series, one for each set of tags that it was given. Thread-safe.</summary>
internal sealed class MetricFamily
{
    /// <summary>The buckets that OpenTelemetry gives an instrument that asks for none.</summary>
    private static readonly double[] UsualBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    /// <summary>What the runtime declares to be counters, and what falls as well as it rises.</summary>
    private static readonly string[] FallToo = ["dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length"];

    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly SeriesBudget _budget;
    private readonly IReadOnlyList<double> _bounds;
    private readonly bool _isObserved;

    /// <summary>Counters of the runtime never start anew, but it reads some as a difference of two, which a collection in between makes fall by one.</summary>
    private readonly bool _neverFalls;
    private Series? _untagged;

    private MetricFamily(Instrument instrument, MetricKind kind, IReadOnlyList<double> bounds, SeriesBudget budget)
    {
        _budget = budget;
        _bounds = bounds;
        _isObserved = instrument.IsObservable;
        _neverFalls = kind == MetricKind.Counter && instrument.Meter.Name == "System.Runtime";
        Kind = kind;
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, kind);
        Help = instrument.Description;
    }

    public string Name { get; }

    public string? Help { get; }

    public MetricKind Kind { get; }

    /// <summary>Whether a value takes the place of the one before, and is not added to it.</summary>
    private bool IsLastValue { get; init; }

    public IEnumerable<Series> Series => _series.Values.OrderBy(static series => series.Labels, StringComparer.Ordinal);

    /// <summary>The family of an instrument; null for a kind that is not known.</summary>
    public static MetricFamily? Of(Instrument instrument, SeriesBudget budget)
    {
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return kind switch
        {
            _ when FallToo.Contains(instrument.Name) => new(instrument, MetricKind.Gauge, [], budget) { IsLastValue = true },
            _ when kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) => new(instrument, MetricKind.Counter, [], budget),
            _ when kind == typeof(UpDownCounter<>) || kind == typeof(ObservableUpDownCounter<>) => new(instrument, MetricKind.Gauge, [], budget),
            _ when kind == typeof(ObservableGauge<>) || kind == typeof(Gauge<>) => new(instrument, MetricKind.Gauge, [], budget) { IsLastValue = true },
            _ when kind == typeof(Histogram<>) => new(instrument, MetricKind.Histogram, BoundsOf(instrument), budget),
            _ => null,
        };
    }

    /// <summary>Takes a measurement. False when it would need one series too many.</summary>
    public bool TryTake(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long round)
    {
        var series = tags.IsEmpty ? _untagged ??= Find(string.Empty) : Find(PrometheusText.Labels(tags));
        switch (series)
        {
            case HistogramSeries histogram:
                histogram.Record(value);
                return true;
            case ValueSeries single when _isObserved || IsLastValue:
                single.Set(_neverFalls ? Math.Max(value, single.Value) : value);
                single.Round = round;
                return true;
            case ValueSeries single:
                single.Add(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Forgets observed series that were not given in the last round: what they spoke of is gone.</summary>
    public void ForgetBefore(long round)
    {
        if (!_isObserved)
        {
            return;
        }

        foreach (var (labels, series) in _series)
        {
            if (series.Round != round && _series.TryRemove(labels, out _))
            {
                _budget.GiveBack();
                _untagged = labels.Length == 0 ? null : _untagged;
            }
        }
    }

    private static IReadOnlyList<double> BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => bounds,
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
        _ => UsualBounds,
    };

    private Series? Find(string labels)
    {
        if (_series.TryGetValue(labels, out var known))
        {
            return known;
        }

        lock (_series)
        {
            if (!_series.TryGetValue(labels, out known) && _budget.TryTake())
            {
                known = Kind == MetricKind.Histogram ? new HistogramSeries(labels, _bounds) : new ValueSeries(labels);
                _series[labels] = known;
            }

            return known;
        }
    }
}

/// <summary>How many series there may be in all, so that no tag can fill the memory. Thread-safe.</summary>
/// <param name="most">How many.</param>
internal sealed class SeriesBudget(int most)
{
    private int _taken;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
