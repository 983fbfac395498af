namespace Tidewire.Server.Status;

/// <summary>What one instrument has measured under one set of labels. Thread-safe.</summary>
/// <param name="labels">As they stand between the braces, escaped.</param>
internal abstract class Series(string labels)
{
    /// <summary>As they stand between the braces; empty for none.</summary>
    public string Labels => labels;

    /// <summary>The scrape in which an observed value was last given.</summary>
    public long Round { get; set; }

    /// <summary>Adds to a sum without a lock.</summary>
    protected static void Add(ref double sum, double value)
    {
        double before;
        do
        {
            before = Volatile.Read(ref sum);
        }
        while (Interlocked.CompareExchange(ref sum, before + value, before) != before);
    }
}

/// <summary>A number: the total of a counter, or the last value of what is observed.</summary>
internal sealed class ValueSeries(string labels) : Series(labels)
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public void Add(double value) => Add(ref _value, value);

    public void Set(double value) => Volatile.Write(ref _value, value);
}

/// <summary>A distribution over explicit buckets.</summary>
/// <param name="labels">As they stand between the braces, escaped.</param>
/// <param name="bounds">The upper bounds, rising; a value equal to one belongs below it.</param>
internal sealed class HistogramSeries(string labels, IReadOnlyList<double> bounds) : Series(labels)
{
    private readonly double[] _bounds = [.. bounds];
    private readonly long[] _buckets = new long[bounds.Count + 1];
    private double _sum;

    public double Sum => Volatile.Read(ref _sum);

    public IReadOnlyList<double> Bounds => _bounds;

    public void Record(double value)
    {
        if (double.IsNaN(value))
        {
            return; // belongs into no bucket, and would spoil the sum for good
        }

        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _buckets[bucket]);
        Add(ref _sum, value);
    }

    /// <summary>How many values were at or below each bound; the last is the count of all.</summary>
    public long[] Cumulated()
    {
        var cumulated = new long[_buckets.Length];
        var total = 0L;
        for (var i = 0; i < cumulated.Length; i++)
        {
            cumulated[i] = total += Volatile.Read(ref _buckets[i]);
        }

        return cumulated;
    }
}
