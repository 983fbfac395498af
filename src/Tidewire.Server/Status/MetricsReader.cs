using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tidewire.Server.Status;

/// <summary>
/// Listens to our own instruments and to those of the runtime, adds up what they say, and writes it down when asked. Of
/// our own means: from this process's meter factory, so that two servers in one process do not mix.
/// </summary>
internal sealed partial class MetricsReader : IHostedService, IDisposable
{
    /// <summary>Series shown at most; the usual number is below 200.</summary>
    public const int MaxSeries = 2_000;

    private const string OurMeters = "Tidewire.";
    private const string RuntimeMeter = "System.Runtime";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly IMeterFactory _meters;
    private readonly ServerMetrics _own;
    private readonly ILogger<MetricsReader> _logger;
    private readonly SeriesBudget _budget;
    private long _round;

    public MetricsReader(IMeterFactory meters, ServerMetrics own, ILogger<MetricsReader> logger, int maxSeries = MaxSeries)
    {
        _meters = meters;
        _own = own;
        _logger = logger;
        _budget = new SeriesBudget(maxSeries);
        _listener.InstrumentPublished = Listen;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Take(value, tags, family));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => Take((double)value, tags, family));
    }

    /// <summary>Begins to listen: before the first client and the first frame come.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask; // what is asked for while draining is still answered

    public void Dispose()
    {
        _listener.Dispose();
        _turn.Dispose();
    }

    /// <summary>Everything measured, as text. One at a time: those who ask together wait for each other.</summary>
    public async Task<string> ScrapeAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            _round++;
            Observe();
            foreach (var family in _families.Values)
            {
                family.ForgetBefore(_round);
            }

            return PrometheusText.Write(_families.Values);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException exception) // thrown when all were asked: the others have answered
        {
            _own.MeasurementDropped();
            Log.ObservationFailed(_logger, exception);
        }
    }

    private void Listen(Instrument instrument, MeterListener listener)
    {
        var meter = instrument.Meter;
        var isOurs = meter.Name.StartsWith(OurMeters, StringComparison.Ordinal) && ReferenceEquals(meter.Scope, _meters);
        if ((isOurs || (meter.Name == RuntimeMeter && meter.Scope is null))
            && MetricFamily.Of(instrument, _budget) is { } family
            && _families.TryAdd(family.Name, family)) // a second instrument of the same name would make the text invalid
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family)
    {
        if (!((MetricFamily)family!).TryTake(value, tags, _round))
        {
            _own.MeasurementDropped();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Warning, "Some figures of /metrics could not be taken because of a fault of ours.", EventName = "MetricsFailed")]
        public static partial void ObservationFailed(ILogger logger, Exception exception);
    }
}
