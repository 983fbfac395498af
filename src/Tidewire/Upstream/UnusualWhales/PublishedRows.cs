using System.Text.Json;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// What of a channel has been published already, by REST or by the socket, and so what of the next answer is new. Used
/// by one poll at a time.
/// </summary>
/// <param name="feed">The channel's feed.</param>
internal sealed class PublishedRows(Feed feed)
{
    /// <summary>Rows remembered at most, the oldest forgotten first: many answers' worth.</summary>
    private const int Most = 8192;

    /// <summary>How far the provider's clock may be from ours.</summary>
    private static readonly TimeSpan ClockSpread = TimeSpan.FromSeconds(2);

    private readonly FeedPoll _poll = feed.Poll!;
    private readonly Dictionary<string, int> _events = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _matches = new(StringComparer.Ordinal);
    private readonly Queue<string> _matchOrder = new();
    private readonly Dictionary<string, byte[]> _states = new(StringComparer.Ordinal);
    private long _learnedTo;
    private bool _hasLearned;

    /// <summary>No row older than this is new: what came before is out of memory and cannot be compared, or for sums of a minute is in what the socket sent.</summary>
    public DateTimeOffset? Floor { get; private set; }

    /// <summary>Whether a row of the last answer had been published before: then nothing is missing between.</summary>
    public bool Overlapped { get; private set; }

    /// <summary>Whether something may be missing between what was known and the last answer: it reaches back to nothing known.</summary>
    public bool HasHole { get; private set; }

    private bool IsPerMinute => _poll.Rows is PollRows.Minutes or PollRows.Totals;

    /// <summary>Learns what the socket has published since it was last asked.</summary>
    /// <param name="log">The channel.</param>
    /// <param name="until">What was received later does not tell what is missing before; null for all.</param>
    public void Learn(ChannelLog log, DateTimeOffset? until)
    {
        if (_poll.Rows != PollRows.Events && !IsPerMinute)
        {
            return;
        }

        var isFirst = !_hasLearned;
        var missed = log.Tail - _learnedTo;
        _hasLearned = true;
        if (missed <= 0)
        {
            return;
        }

        foreach (var entry in log.Recent((int)Math.Min(missed, Most)))
        {
            _learnedTo = Math.Max(_learnedTo, entry.Offset);
            if (entry.Gap is not null || (entry.Frame.IsEmpty && !isFirst)) // a row that stands here because of us is known, but for the time before us
            {
                continue;
            }

            try
            {
                if (RestRow.OfPublication(entry.Payload, feed, inRestSpelling: entry.Frame.IsEmpty) is { } row)
                {
                    Count(row.Identity);
                    Remember(row.Match);
                    if (row.At is { } at)
                    {
                        Raise(at, isFirst, isBefore: until is null || entry.ReceivedAt <= until);
                    }
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                // Valid JSON may still hold text that is none: not comparable.
            }
        }
    }

    /// <summary>The rows of an answer that are new, in the order to publish them, and remembers them as published.</summary>
    /// <param name="rows">The rows, oldest first.</param>
    /// <param name="until">Only rows up to then; null for all.</param>
    public List<RestRow> Select(List<RestRow> rows, DateTimeOffset? until)
    {
        Overlapped = HasHole = false;
        switch (_poll.Rows)
        {
            case PollRows.Minutes or PollRows.Totals when rows.Count == 0:
                return [];
            case PollRows.Minutes:
                return SelectEvents(rows[..^1], until);
            case PollRows.Totals:
                return SelectEvents(RunningTotals.ToIncrements(rows, _poll.TimeField ?? feed.TimeField)[..^1], until);
            case PollRows.Newest:
                return SelectStates(rows.Count == 0 ? [] : [rows[^1] with { Identity = "" }]);
            case PollRows.Whole:
                return SelectStates(rows.ConvertAll(static row => row with { Identity = "" }));
            case PollRows.State:
                return SelectStates(rows);
            default:
                return SelectEvents(rows, until);
        }
    }

    /// <summary>The rows of each outage that were never published, oldest first, and remembers them as published.</summary>
    /// <param name="rows">The rows, oldest first.</param>
    /// <param name="outages">The outages, the earliest first.</param>
    public List<RestRow>[] SelectMissing(List<RestRow> rows, IReadOnlyList<Outage> outages)
    {
        List<RestRow>[] missing = [.. outages.Select(static _ => new List<RestRow>())];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!IsKnown(row, seen) && OutageOf(row.At, outages) is { } of)
            {
                Count(row.Identity);
                missing[of].Add(row);
            }
        }

        return missing;
    }

    /// <summary>
    /// The outage that a row was missed in; null when in none. The provider's clock and ours differ by a second or so:
    /// where all that was published around an outage is known, a row beside it that is not known was missed in it.
    /// </summary>
    private int? OutageOf(DateTimeOffset? at, IReadOnlyList<Outage> outages)
    {
        foreach (var spread in (TimeSpan[])[TimeSpan.Zero, ClockSpread])
        {
            for (var i = 0; i < outages.Count; i++)
            {
                var (from, to) = (outages[i].From, outages[i].To);
                if (at > from - spread && at <= to + spread && (spread == TimeSpan.Zero || Floor <= from - spread))
                {
                    return i;
                }
            }
        }

        return null;
    }

    /// <summary>Equal rows are real: two prints of one size at one price in one instant. The n-th of an answer is the n-th ever.</summary>
    private bool IsKnown(RestRow row, Dictionary<string, int> seen)
    {
        var n = seen[row.Identity] = seen.GetValueOrDefault(row.Identity) + 1;
        return n <= _events.GetValueOrDefault(row.Identity) || (row.Match is not null && _matches.Contains(row.Match));
    }

    private List<RestRow> SelectEvents(List<RestRow> rows, DateTimeOffset? until)
    {
        var fresh = new List<RestRow>();
        var knewSome = _events.Count > 0;
        var whole = IsPerMinute ? TimeSpan.FromMinutes(1) : TimeSpan.Zero; // a minute is taken when all of it was missing
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (IsKnown(row, seen) || IsBelowFloor(row.At))
            {
                Overlapped = true;
            }
            else if (row.At + whole > until)
            {
                // The socket's.
            }
            else
            {
                Count(row.Identity);
                fresh.Add(row);
            }
        }

        HasHole = knewSome && rows.Count > 0 && !Overlapped && !IsPerMinute; // of the minutes each answer holds the whole day's
        return fresh;
    }

    /// <summary>The minute that the socket's last row fell in was brought in part, and is left out as well.</summary>
    private bool IsBelowFloor(DateTimeOffset? at) => IsPerMinute ? at <= Floor : at < Floor;

    private List<RestRow> SelectStates(List<RestRow> rows)
    {
        var fresh = new List<RestRow>();
        foreach (var row in rows)
        {
            if (_states.TryGetValue(row.Identity, out var known) && known.AsSpan().SequenceEqual(row.Payload))
            {
                continue;
            }

            if (_states.Count >= Most)
            {
                _states.Clear(); // some are published once more, which a state does not mind
            }

            _states[row.Identity] = row.Payload;
            fresh.Add(row);
        }

        return fresh;
    }

    private void Raise(DateTimeOffset at, bool isFirst, bool isBefore)
    {
        if (IsPerMinute ? isBefore && (Floor is null || at > Floor) : isFirst && (Floor is null || at < Floor))
        {
            Floor = at;
        }
    }

    private void Count(string identity)
    {
        if (_events.TryGetValue(identity, out var count))
        {
            _events[identity] = count + 1;
            return;
        }

        _events[identity] = 1;
        _order.Enqueue(identity);
        if (_order.Count > Most)
        {
            _events.Remove(_order.Dequeue());
        }
    }

    private void Remember(string? match)
    {
        if (match is null || !_matches.Add(match))
        {
            return;
        }

        _matchOrder.Enqueue(match);
        if (_matchOrder.Count > Most)
        {
            _matches.Remove(_matchOrder.Dequeue());
        }
    }
}
