namespace Tidewire.Upstream.UnusualWhales;

/// <summary>Requests a minute over the last ten.</summary>
internal sealed class RequestRate
{
    private const int Minutes = 10;
    private readonly int[] _counts = new int[Minutes];
    private long _minute;
    private long _first = long.MaxValue;

    /// <summary>One more.</summary>
    public void Count(TimeSpan now)
    {
        Roll(now);
        _first = Math.Min(_first, _minute);
        _counts[_minute % Minutes]++;
    }

    /// <summary>The rate; over fewer minutes while there were not ten.</summary>
    public double PerMinute(TimeSpan now)
    {
        Roll(now);
        var sum = 0;
        foreach (var count in _counts)
        {
            sum += count;
        }

        return sum == 0 ? 0 : (double)sum / Math.Clamp(_minute - _first + 1, 1, Minutes);
    }

    private void Roll(TimeSpan now)
    {
        var minute = (long)now.TotalMinutes;
        for (; _minute < minute; _minute++)
        {
            if (minute - _minute > Minutes)
            {
                _minute = minute - Minutes;
            }

            _counts[(_minute + 1) % Minutes] = 0;
        }
    }
}
