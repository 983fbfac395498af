namespace Tidewire.Fanout;

/// <summary>
/// How much one client may be sent: so many bytes a second, and after a pause up to one second's worth at once. A write may
/// go over what is left; what follows pays for it. Over any span of t seconds that is (t + 1) seconds' worth and one write
/// at most. Used by one thread at a time.
/// </summary>
/// <param name="most">Bytes a second; 0 for no limit.</param>
/// <param name="frequency">Units of the clock in a second.</param>
internal sealed class Bandwidth(long most, long frequency)
{
    private double _left = most;
    private long _at;

    /// <summary>Whether anything may be sent now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="at">When something may be, where the answer is false.</param>
    public bool IsLeft(long now, out long at)
    {
        at = now;
        if (most == 0)
        {
            return true;
        }

        // In fractions of a byte: whoever is asked often would otherwise be left nothing.
        _left = Math.Min(most, _left + ((double)(now - _at) * most / frequency));
        _at = now;
        if (_left > 0)
        {
            return true;
        }

        at = now + (long)(frequency * (1 - _left) / most) + 1;
        return false;
    }

    /// <summary>So much was sent.</summary>
    public void Take(int bytes) => _left -= most == 0 ? 0 : bytes;
}
