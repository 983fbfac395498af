namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// A number the provider repeats, the higher the worse. A worse one is believed at once when it is possible; a better
/// one, or an impossible one, only when three answers in a row say so. One header that lies changes nothing for long.
/// </summary>
/// <param name="value">What is believed before anything was told.</param>
internal struct ToldNumber(long value)
{
    private const int Enough = 3;
    private long _candidate;
    private int _inRow;
    private bool _worse;

    /// <summary>What is believed.</summary>
    public long Value { get; private set; } = value;

    /// <summary>Takes what an answer says.</summary>
    /// <param name="told">The number.</param>
    /// <param name="possible">Whether it can have risen this far.</param>
    public void Tell(long told, bool possible)
    {
        var worse = told > Value;
        if (told == Value || (worse && possible))
        {
            Value = told;
            _inRow = 0;
            return;
        }

        if (_inRow > 0 && worse == _worse)
        {
            _candidate = worse ? Math.Min(_candidate, told) : Math.Max(_candidate, told);
        }
        else
        {
            _candidate = told;
            _inRow = 0;
        }

        _worse = worse;
        if (++_inRow >= Enough)
        {
            Value = _candidate;
            _inRow = 0;
        }
    }
}
