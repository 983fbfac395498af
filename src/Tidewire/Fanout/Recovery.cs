using Microsoft.Extensions.Logging;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// What a reader is given of the past: from memory, then from the store; or why it cannot be. What memory has is answered at
/// once; no one waits for the disk on a thread of its own.
/// </summary>
/// <param name="store">What has left memory.</param>
/// <param name="pages">The same, a page at a time.</param>
/// <param name="reader">Reads them.</param>
/// <param name="options">How far back, and how much.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log.</param>
internal sealed partial class Recovery(ILogStore store, StorePages pages, PastReader reader, FanoutOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Entries that are counted in one read.</summary>
    private const int CountedAtOnce = 1 << 16;

    private const string DiskDoesNotAnswer = "the offset is older than what is in memory, and the disk does not answer";

    /// <summary>
    /// The newest entries of a channel, oldest first, from memory and from the store; from memory alone when the disk does
    /// not answer.
    /// </summary>
    /// <param name="log">The channel.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="before">Only entries with a smaller offset; null for all.</param>
    /// <param name="isUrgent">Whether it goes before what others ask of the disk.</param>
    public ValueTask<IReadOnlyList<Publication>> PastAsync(ChannelLog log, int count, long? before, bool isUrgent)
    {
        var recent = log.Recent(count, before);
        return recent.Length == count || log.Stored is null
            ? new ValueTask<IReadOnlyList<Publication>>(recent)
            : new ValueTask<IReadOnlyList<Publication>>(reader.AskAsync<IReadOnlyList<Publication>>(() => Past(log, recent, count, before), () => recent, isUrgent));
    }

    /// <summary>
    /// Where a new subscription begins. With a position: right after it, if nothing after it is missing in memory or in
    /// the store. Without: at the tail, or so many entries before it.
    /// </summary>
    public ValueTask<SubscriptionStart> StartOfAsync(ChannelLog log, StreamPosition? since, int history)
    {
        var start = log.StartOf(since, history);
        if (log.Stored is not { } stored || start.Recovered || !(HasLeft(log, since) || history > log.Tail - start.Offset))
        {
            return new ValueTask<SubscriptionStart>(start);
        }

        return new ValueTask<SubscriptionStart>(reader.AskAsync(() => StartOf(log, stored, since, history), () => Unread(log, since, log.StartOf(since, history))));
    }

    /// <summary>Whether a position is of this log and what follows it is not in memory any more.</summary>
    private static bool HasLeft(ChannelLog log, StreamPosition? since) => since is { } position && position.Epoch == log.Epoch && position.Offset < log.First - 1;

    /// <summary>Where a subscription begins when the disk does not answer.</summary>
    private static SubscriptionStart Unread(ChannelLog log, StreamPosition? since, SubscriptionStart start)
        => !start.Recovered && HasLeft(log, since) ? start with { Reason = DiskDoesNotAnswer } : start;

    private Publication[] Past(ChannelLog log, Publication[] recent, int count, long? before)
    {
        var below = recent.Length > 0 ? recent[0].Offset : Math.Min(before ?? long.MaxValue, log.First);
        try
        {
            if (store.OffsetBack(log.Key, below, count - recent.Length) is not { } from)
            {
                return recent;
            }

            var past = new List<Publication>(count);
            var part = new Publication[StorePage.Length];
            while (from < below && pages.Get(log, from).Read(from, part) is var read and > 0)
            {
                past.AddRange(part.Take(read).Where(entry => entry.Offset < below));
                from = part[read - 1].Offset + 1;
            }

            return [.. past, .. recent];
        }
        catch (LogStoreException exception)
        {
            Log.PastUnreadable(logger, log.Key, exception.Message);
            return recent;
        }
    }

    private SubscriptionStart StartOf(ChannelLog log, StoredLog stored, StreamPosition? since, int history)
    {
        var start = log.StartOf(since, history);
        if (start.Recovered)
        {
            return start;
        }

        try
        {
            if (HasLeft(log, since))
            {
                var offset = since!.Value.Offset;
                var why = WhyNotRecovered(log, stored, offset);
                if (why is null)
                {
                    return new SubscriptionStart(offset, Recovered: true, Reason: null);
                }

                start = start with { Reason = why };
            }

            var reaches = stored.UnstoredFrom is var unstored && (unstored == 0 || unstored >= log.First); // else something is missing in between that no gap stands for yet
            return reaches && history > log.Tail - start.Offset && store.OffsetBack(log.Key, log.Tail + 1, history) is { } first && first - 1 < start.Offset
                ? start with { Offset = first - 1 }
                : start;
        }
        catch (LogStoreException exception)
        {
            Log.PastUnreadable(logger, log.Key, exception.Message);
            return Unread(log, since, start);
        }
    }

    private string? WhyNotRecovered(ChannelLog log, StoredLog stored, long offset)
    {
        var first = log.First;
        if (stored.UnstoredFrom is > 0 and var unstored && unstored < first)
        {
            return "recording is degraded: what came after the offset is neither on disk nor in memory any more";
        }

        if (log.Tail - offset > options.MaxRecovered && offset + 1 < OldestRecovered(log, stored))
        {
            return $"more than {options.MaxRecovered} publications were missed";
        }

        var isBehind = stored is { Opening: not null } or { Pending: > 0 }; // looked at before the log: what was on its way then may stand there now
        var next = new Publication[1];
        var follows = pages.Get(log, offset + 1).Read(offset + 1, next) > 0 ? next[0] : log.Oldest;
        return follows switch
        {
            null when !isBehind => "the offset is older than what is kept",
            null => null, // a gap is on its way that stands for what followed
            { Gap: null } when follows.Offset != offset + 1 => "the offset is older than what is kept",
            _ when time.GetUtcNow() - follows.ReceivedAt > options.RecoveryWindow => $"the offset is older than {options.RecoveryWindow.TotalHours:0.##} h",
            _ => null,
        };
    }

    /// <summary>
    /// The offset of the oldest publication that may be recovered. Offsets that were reserved and are lost are many and are
    /// no publications, so these are counted; again once a thousandth more were published.
    /// </summary>
    private long OldestRecovered(ChannelLog log, StoredLog stored)
    {
        var tail = log.Tail;
        var known = stored.Oldest;
        if (known is null || tail - known.Tail > options.MaxRecovered / 1000)
        {
            var oldest = tail + 1;
            for (var left = Math.Max(1, options.MaxRecovered); left > 0; left -= CountedAtOnce)
            {
                if (store.OffsetBack(log.Key, oldest, (int)Math.Min(left, CountedAtOnce)) is not { } further)
                {
                    break;
                }

                oldest = further;
                reader.GoesOn(); // all of it may take longer than one read may
            }

            stored.Oldest = known = new OldestKnown(oldest, tail);
        }

        return known.Offset;
    }

    private static partial class Log
    {
        [LoggerMessage(22, LogLevel.Warning, "The past of {Channel} could not be read: {Reason}", EventName = "PastUnreadable")]
        public static partial void PastUnreadable(ILogger logger, string channel, string reason);
    }
}
