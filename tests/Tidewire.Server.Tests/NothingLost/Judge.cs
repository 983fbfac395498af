using System.Globalization;
using Tidewire.Protocol;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What is demanded in one world.</summary>
/// <param name="IsDurable">Whether the log outlives the process: then no position is ever refused.</param>
/// <param name="SuppressesDuplicates">Whether a frame that comes again is published once.</param>
/// <param name="Slack">How far apart the clocks of model and server may be read.</param>
internal sealed record Rules(bool IsDurable, bool SuppressesDuplicates, TimeSpan Slack);

/// <summary>What was broken, and how.</summary>
/// <param name="Rule">Its name: offsets, content, ghost, twice, order, lost, gap, forgotten, filter, merged, recovered, end or frames.</param>
/// <param name="Text">In full.</param>
internal sealed record Violation(string Rule, string Text)
{
    public override string ToString() => $"[{Rule}] {Text}";
}

/// <summary>
/// Compares what every reader was given, on every wire and over all its connections, with what the provider said. It
/// knows nothing of the server but what stood on the wires.
/// </summary>
internal sealed class Judge(ProviderModel model, IReadOnlyList<Journal> journals, Rules rules)
{
    private const int Most = 12;
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(5);

    private readonly List<Violation> _violations = [];
    private readonly Dictionary<(string Channel, string Epoch), SeenLog> _logs = [];
    private int _steps;

    /// <summary>What was broken, in the order of the rules; the first dozen.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>Deliveries that were checked.</summary>
    public int Steps => _steps;

    /// <summary>Positions that could not be resumed, for a reason that is allowed.</summary>
    public int NotRecovered { get; private set; }

    /// <summary>Entries that readers were told they were not shown because newer ones had replaced them.</summary>
    public long Merged { get; private set; }

    /// <summary>Entries that readers were told their filter kept from them.</summary>
    public long Filtered { get; private set; }

    public IEnumerable<SeenLog> Logs => _logs.Values;

    public void Run()
    {
        Gather();
        foreach (var ((channel, _), log) in _logs)
        {
            CheckLog(channel, log);
        }

        foreach (var journal in journals)
        {
            Walk(journal);
        }

        CheckEnds();
    }

    /// <summary>The log of a channel's epoch, as readers saw it.</summary>
    public SeenLog LogOf(string channel, string epoch)
    {
        if (!_logs.TryGetValue((channel, epoch), out var log))
        {
            _logs[(channel, epoch)] = log = new SeenLog(epoch);
        }

        return log;
    }

    public void Break(string rule, string text)
    {
        if (_violations.Count < Most)
        {
            _violations.Add(new Violation(rule, text));
        }
    }

    /// <summary>Puts the logs together. What stands at an offset is the same for everyone, ever.</summary>
    private void Gather()
    {
        foreach (var journal in journals)
        {
            foreach (var shown in journal.Notes.OfType<Note.Shown>())
            {
                var log = LogOf(journal.Channel.Name, shown.At.Epoch);
                var entry = new SeenEntry(shown.At.Offset, shown.Payload, shown.Gap, journal.Reader);
                if (log.Add(entry) is { } known)
                {
                    Break("content", $"{journal.Channel.Name} {shown.At}: {journal.Reader} was shown {entry}, {known.Reader} was shown {known}: the offset was given out twice");
                }

                if (shown is { Gap: not null, Merged: > 0 })
                {
                    log.Lose(shown.At.Offset - shown.Merged, shown.At.Offset - 1);
                }
            }
        }
    }

    /// <summary>Compares a log with what the provider said: each frame once and in order, what is not there is in a gap, and no gap without a cause.</summary>
    private void CheckLog(string channel, SeenLog log)
    {
        var sayings = model.SayingsOf(channel);
        var published = new HashSet<long>();
        var at = -1;
        var lastOffset = 0L;
        var gaps = new List<SeenEntry>();
        foreach (var entry in log.Entries)
        {
            if (entry.Gap is { } gap)
            {
                gaps.Add(entry);
                if (!model.Troubles.Any(trouble => Overlap(gap, trouble)) && !IsSilence(gap, sayings))
                {
                    Break("gap", $"{channel} {log.Epoch}:{entry.Offset} is a gap ({gap.Reason}) from {Clock(gap.From)} to {Clock(gap.To)}, when nothing can be missing");
                }

                continue;
            }

            if (model.Find(channel, entry.Payload!) is not { } frame)
            {
                Break("ghost", $"{channel} {log.Epoch}:{entry.Offset} holds what the provider never said: {entry.Payload}");
                continue;
            }

            var next = IndexOf(sayings, frame, at + 1);
            if (next < 0 || (rules.SuppressesDuplicates && published.Contains(frame.Number)))
            {
                Break(published.Contains(frame.Number) ? "twice" : "order",
                    $"{channel} {log.Epoch}:{entry.Offset} holds {frame} {(published.Contains(frame.Number) ? "once more than the provider said it" : "after a later one")}");
                continue;
            }

            if (at >= 0)
            {
                CheckBetween(channel, log, [.. Enumerable.Range(at + 1, next - at - 1).Select(i => sayings[i])
                    .Where(saying => saying.Frame.Number != frame.Number && !published.Contains(saying.Frame.Number))], lastOffset, entry.Offset, gaps); // what is there once is not lost
            }

            published.Add(frame.Number);
            (at, lastOffset) = (next, entry.Offset);
            gaps.Clear();
        }
    }

    /// <summary>Between two publications of a log: what was said and is not there.</summary>
    private void CheckBetween(string channel, SeenLog log, List<Saying> missing, long after, long before, List<SeenEntry> gaps)
    {
        if (missing.Find(saying => saying.IsCertain) is { } certain && gaps.Count > 0 && !HasUnseen(log, after, before))
        {
            Break("lost", $"{certain.Frame}, said at {Clock(certain.At)}, was certainly read, and is neither {log.Epoch}:{after} nor {log.Epoch}:{before} nor between them");
        }

        if (gaps.Count == 0)
        {
            var unseen = before - after - 1; // merged for every reader there was
            if (missing.Count > unseen)
            {
                Break("lost", $"{missing[^1].Frame}, said at {Clock(missing[^1].At)}, is in no gap and not in the log, which goes on from {log.Epoch}:{after} to {log.Epoch}:{before}");
            }
            else if (missing.Count < unseen)
            {
                Break("ghost", $"{channel} has {unseen} entries between {log.Epoch}:{after} and {log.Epoch}:{before} that no one was shown; the provider said {missing.Count}");
            }

            return;
        }

        foreach (var saying in missing)
        {
            var until = model.Troubles.Where(trouble => trouble.To >= saying.At).Select(trouble => trouble.To).DefaultIfEmpty(saying.At).Min();
            if (!HasUnseen(log, after, before) && !gaps.Exists(entry => entry.Gap!.To + rules.Slack >= saying.At && entry.Gap.From - rules.Slack <= until))
            {
                Break("lost", $"{saying.Frame}, said at {Clock(saying.At)}, is not in the log, and the gap {log.Epoch}:{gaps[0].Offset} is only from {Clock(gaps[0].Gap!.From)} to {Clock(gaps[0].Gap!.To)}");
                return;
            }
        }
    }

    /// <summary>Whether some offset between two was shown to no one and is not known to be lost: a frame may stand there that was merged for everyone.</summary>
    private static bool HasUnseen(SeenLog log, long after, long before)
    {
        for (var offset = after + 1; offset < before; offset++)
        {
            if (log.At(offset) is null && !log.IsLost(offset))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes through all that one reader was given.</summary>
    private void Walk(Journal journal)
    {
        StreamPosition? position = null;
        var since = long.MaxValue; // it has everything from here on
        var newest = new Dictionary<string, long>();
        foreach (var note in journal.Notes)
        {
            switch (note)
            {
                case Note.Began began:
                    if (began.Recovered == false && began.Asked is { } refused)
                    {
                        CheckRefusal(journal, refused, began);
                    }

                    if (began is { Recovered: true, At: { } confirmed, Asked: { } asked } && confirmed != asked)
                    {
                        Break("recovered", $"{journal} asked to go on after {asked} and was told that it goes on after {confirmed}");
                    }

                    position = began.Recovered == false || began.Asked is null ? began.At : began.Asked;
                    if (began.Recovered == false || began.Asked is null)
                    {
                        since = position?.Offset ?? long.MaxValue;
                        newest.Clear();
                    }

                    break;
                case Note.Shown shown:
                    since = Math.Min(since, position?.Offset ?? (shown.At.Offset - 1));
                    Step(journal, position, shown.At, shown.Merged, shown.Filtered, shown);
                    if (shown.Payload is { } payload && model.Find(journal.Channel.Name, payload) is { } frame)
                    {
                        newest[frame.Key] = shown.At.Offset;
                    }

                    position = shown.At;
                    break;
                case Note.Told told:
                    Step(journal, position, told.At, told.Merged, told.Filtered, shown: null);
                    position = told.At;
                    break;
            }
        }

        CheckEnd(journal, position, since, newest);
    }

    private void CheckRefusal(Journal journal, StreamPosition asked, Note.Began began)
    {
        if (rules.IsDurable || began.At is not { } at || at.Epoch == asked.Epoch)
        {
            Break("recovered", $"{journal} could not go on after {asked} ({began.Reason}), though the log goes back that far");
        }
        else
        {
            NotRecovered++;
        }
    }

    /// <summary>One delivery: the rule of offsets, and that what was passed over could be.</summary>
    private void Step(Journal journal, StreamPosition? from, StreamPosition to, long? merged, long? filtered, Note.Shown? shown)
    {
        _steps++;
        Merged += merged ?? 0;
        Filtered += filtered ?? 0;
        if (shown?.Payload is { } payload && journal.Filter is { } own && model.Find(journal.Channel.Name, payload) is { } frame && !own.Accepts(frame))
        {
            Break("filter", $"{journal} was shown {frame} of size {frame.Size}, which its filter rejects");
        }

        if (from is not { } previous)
        {
            return;
        }

        if (previous.Epoch != to.Epoch)
        {
            Break("offsets", $"{journal} went from {previous} to {to} without being told that the epoch changed");
            return;
        }

        var counted = merged + filtered + (shown is null ? 0 : 1);
        if (to.Offset < previous.Offset || (counted is { } sum && to.Offset != previous.Offset + sum))
        {
            Break("offsets", string.Create(CultureInfo.InvariantCulture,
                $"{journal}: {(shown is null ? "the position" : "the entry")} {to} follows {previous} with merged {merged} and filtered {filtered}"));
            return;
        }

        CheckPassedOver(journal, previous.Offset, to, merged, filtered, shown);
    }

    private void CheckPassedOver(Journal journal, long previous, StreamPosition to, long? merged, long? filtered, Note.Shown? shown)
    {
        var log = LogOf(journal.Channel.Name, to.Epoch);
        if (journal.Filter is null && filtered > 0)
        {
            Break("filter", $"{journal} has no filter and is told of {filtered} filtered before {to}");
        }

        var isGap = shown?.Gap is not null;
        if (!journal.Channel.IsState && merged > 0 && !isGap)
        {
            Break("merged", $"{journal} is told of {merged} merged before {to}: events are never merged");
        }

        var end = shown is null ? to.Offset : to.Offset - 1;
        var rejected = 0;
        var known = 0;
        for (var offset = previous + 1; offset <= end; offset++)
        {
            if (log.At(offset) is not { } entry)
            {
                continue;
            }

            known++;
            if (entry.Gap is not null)
            {
                Break("gap", $"{journal} passed over the gap {to.Epoch}:{offset} on the way to {to}");
                continue;
            }

            if (model.Find(journal.Channel.Name, entry.Payload!) is not { } frame)
            {
                continue;
            }

            if (isGap && merged > 0 && offset >= to.Offset - merged)
            {
                if (!journal.Channel.IsState)
                {
                    Break("forgotten", $"{journal} is told by the gap {to} that {to.Epoch}:{offset} is lost, but {entry.Reader} was shown {frame} there");
                }

                continue;
            }

            var isRejected = journal.Filter is { } filter && !filter.Accepts(frame);
            rejected += isRejected ? 1 : 0;
            if (!isRejected && !(journal.Channel.IsState && log.IsReplaced(frame.Key, offset, text => model.Find(journal.Channel.Name, text))))
            {
                Break(journal.Filter is null ? "merged" : "filter", $"{journal} passed over {to.Epoch}:{offset}, {frame} of size {frame.Size}, on the way to {to}, though nothing replaces or rejects it");
            }
        }

        if (!journal.Channel.IsState && filtered is { } told && !isGap && known == end - previous && told != rejected)
        {
            Break("filter", $"{journal} is told of {told} filtered before {to}; its filter rejects {rejected}");
        }
    }

    /// <summary>At the end, with everyone back and the provider quiet: the newest entry, and of each key the newest value.</summary>
    private void CheckEnd(Journal journal, StreamPosition? position, long since, Dictionary<string, long> newest)
    {
        if (position is not { } end)
        {
            Break("end", $"{journal} ends without a position");
            return;
        }

        if (!journal.Channel.IsState)
        {
            return;
        }

        var log = LogOf(journal.Channel.Name, end.Epoch);
        foreach (var (key, entry) in log.Entries.Where(entry => entry.Payload is not null && !log.IsLost(entry.Offset))
            .Select(entry => (model.Find(journal.Channel.Name, entry.Payload!), entry)).Where(pair => pair.Item1 is not null)
            .GroupBy(pair => pair.Item1!.Key, pair => (Frame: pair.Item1!, Entry: pair.entry)).Select(same => (same.Key, same.Last())))
        {
            var isWanted = entry.Entry.Offset > since && (journal.Filter is null || journal.Filter.Accepts(entry.Frame));
            if (isWanted && newest.GetValueOrDefault(key) < entry.Entry.Offset)
            {
                Break("end", $"{journal} ends with an older value of key {key} than {end.Epoch}:{entry.Entry.Offset}");
            }
        }
    }

    private void CheckEnds()
    {
        foreach (var channel in journals.GroupBy(journal => journal.Channel.Name))
        {
            var ends = channel.GroupBy(journal => journal.Position).ToArray();
            if (ends.Length > 1)
            {
                Break("end", $"{channel.Key} ends differently: {string.Join("; ", ends.Select(same => $"{same.Key} at {string.Join(" and ", same.Take(2))}"))}");
            }
        }
    }

    /// <summary>The real clock of a slow machine: a channel that is expected to speak may be found silent while nothing was said on it.</summary>
    private bool IsSilence(SeenGap gap, IReadOnlyList<Saying> sayings) => gap.Reason == "silent" && gap.To - gap.From >= LeastSilence
        && !sayings.Any(saying => saying.At > gap.From + rules.Slack && saying.At < gap.To - LeastSilence);

    private bool Overlap(SeenGap gap, Trouble trouble) => gap.From - rules.Slack <= trouble.To && gap.To + rules.Slack >= trouble.From;

    private static int IndexOf(IReadOnlyList<Saying> sayings, Frame frame, int from)
    {
        for (var i = from; i < sayings.Count; i++)
        {
            if (sayings[i].Frame == frame)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Clock(DateTimeOffset at) => at.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
