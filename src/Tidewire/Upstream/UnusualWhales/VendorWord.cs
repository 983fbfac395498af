namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What the provider's headers say of the day, as far as it is believed: they can only make our count worse.</summary>
internal sealed class VendorWord
{
    private const double MostOthersPerMinute = 120;

    private readonly int _configured;
    private ToldNumber _others;
    private ToldNumber _negativeLimit;
    private TimeSpan? _toldAt;
    private bool _toldLimit;

    /// <summary>Begins a day.</summary>
    /// <param name="configured">The limit we know of.</param>
    /// <param name="others">What others have spent, when an earlier process was told.</param>
    /// <param name="limit">The limit it was told; 0 for none.</param>
    /// <param name="toldAt">When, or when the day began, if others had spent nothing then; null when nothing is known.</param>
    public VendorWord(int configured, long others = 0, long limit = 0, TimeSpan? toldAt = null)
    {
        _configured = configured;
        _others = new ToldNumber(others);
        _negativeLimit = new ToldNumber(-(limit > 0 ? Math.Min(limit, configured) : configured));
        _toldLimit = limit > 0;
        _toldAt = toldAt;
    }

    /// <summary>Requests of the day that are not ours.</summary>
    public long Others => _others.Value;

    /// <summary>The day's limit, the one we know of or the one told, whichever is lower.</summary>
    public long Limit => -_negativeLimit.Value;

    /// <summary>The limit as it was told; 0 before.</summary>
    public long ToldLimit => _toldLimit ? Limit : 0;

    /// <summary>Takes what an answer says. False when it is impossible: then it is believed only when it is repeated, or not at all.</summary>
    /// <param name="usage">The headers.</param>
    /// <param name="refused">Whether it was a refusal: only then can the count lie beyond the limit.</param>
    /// <param name="own">Our own count.</param>
    /// <param name="now">The time.</param>
    public bool Tell(VendorUsage usage, bool refused, long own, TimeSpan now)
    {
        if (usage is { DayCount: < 0 } or { DayLimit: <= 0 } || (!refused && usage.DayCount > usage.DayLimit) || usage.DayCount > 10L * _configured || usage.DayLimit < own)
        {
            // A provider that answers beyond its limit contradicts itself, and ten times what we know of is no count.
            return false;
        }

        if (usage.DayLimit is { } limit)
        {
            _negativeLimit.Tell(-Math.Min(limit, _configured), possible: false); // a plan does not change from one answer to the next
            _toldLimit = true;
        }

        if (usage.DayCount is not { } count)
        {
            return true;
        }

        // Others cannot have spent more than the minute's limit since we were last told.
        var most = _toldAt is { } at ? Others + (MostOthersPerMinute * (1 + (now - at).TotalMinutes)) : _configured;
        var others = Math.Max(0, count - own);
        _others.Tell(others, possible: others <= most);
        _toldAt = now;
        return others <= most;
    }
}
