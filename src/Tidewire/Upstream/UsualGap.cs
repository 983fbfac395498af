namespace Tidewire.Upstream;

/// <summary>
/// The gaps between the data of one channel: how long one usually waits for the next. A gap counts by its length, not by
/// its number, so that a burst of a thousand rows every ten seconds has a usual gap of ten seconds. The last half hour
/// to an hour counts. One writer; readers may see a gap late.
/// </summary>
internal sealed class UsualGap
{
    /// <summary>Sixteen buckets to a doubling: a gap is known to 4 %.</summary>
    private const int PerDoubling = 16;
    private const int Doublings = 23;
    private const double Shortest = 0.001;

    /// <summary>Fewer gaps than these say nothing yet.</summary>
    private const int Least = 20;

    /// <summary>The part of the time that is spent in gaps longer than the usual one.</summary>
    private const double Longer = 0.01;

    private static readonly double Window = TimeSpan.FromMinutes(30).TotalSeconds;

    private readonly float[] _seconds = new float[PerDoubling * Doublings];
    private double _total;
    private int _count;

    /// <summary>A gap has ended.</summary>
    /// <param name="gap">How long it was.</param>
    public void Add(TimeSpan gap)
    {
        var seconds = gap.TotalSeconds;
        if (seconds < 0)
        {
            return; // the clock was set back
        }

        var bucket = seconds <= Shortest ? 0 : (int)Math.Ceiling(Math.Log2(seconds / Shortest) * PerDoubling);
        _seconds[Math.Min(bucket, _seconds.Length - 1)] += (float)seconds;
        _total += seconds;
        if (_count < Least)
        {
            _count++;
        }

        if (_total > 2 * Window)
        {
            for (var i = 0; i < _seconds.Length; i++)
            {
                _seconds[i] /= 2;
            }

            _total /= 2;
        }
    }

    /// <summary>How much time the gaps that count took together.</summary>
    public TimeSpan Observed => TimeSpan.FromSeconds(_total);

    /// <summary>The gap that 99 % of the time is spent in gaps shorter than; null while too little was seen.</summary>
    public TimeSpan? Value
    {
        get
        {
            if (_count < Least)
            {
                return null;
            }

            var beyond = 0.0;
            var bucket = _seconds.Length;
            while (--bucket > 0 && (beyond += _seconds[bucket]) <= _total * Longer)
            {
            }

            return TimeSpan.FromSeconds(Shortest * Math.Pow(2, (double)bucket / PerDoubling));
        }
    }
}
