namespace Tidewire.Fanout;

/// <summary>What is known of a channel that the store keeps and that has no log now.</summary>
/// <param name="Tail">No offset above it was ever shown.</param>
/// <param name="Stored">How far it is kept.</param>
/// <param name="Interrupted">Since when something may be missing, when the log that went knew.</param>
/// <param name="Lost">When the newest entry was received that is kept, when later ones may have been shown; null when none were.</param>
/// <param name="RestsSince">When its newest entry was received, by a former process; null when it was by this one.</param>
/// <param name="ResumesWithData">Whether the log that went waited for a publication to prove that nothing is missing any more.</param>
internal sealed record RestingLog(long Tail, StoredLog Stored, Interruption? Interrupted, DateTimeOffset? Lost, DateTimeOffset? RestsSince, bool ResumesWithData = false)
{
    /// <summary>Whether nothing was ever published on it.</summary>
    public bool IsUnheard => Stored is { Mark: 0, IsBehind: false } && Lost is null && RestsSince is null;

    /// <summary>A channel of which nothing was ever shown.</summary>
    /// <param name="tail">The offset to begin after.</param>
    public static RestingLog New(long tail) => new(tail, new StoredLog(mark: 0) { Committed = tail }, Interrupted: null, Lost: null, RestsSince: null);

    /// <summary>A channel as the store was found.</summary>
    /// <param name="stored">What the store says.</param>
    /// <param name="wasClosed">Whether it was closed in order.</param>
    /// <param name="now">The time.</param>
    public static RestingLog Of(StoredChannel stored, bool wasClosed, DateTimeOffset now)
    {
        var mark = Math.Max(stored.Mark, stored.Tail);
        var lastAt = stored.LastAt ?? now;
        return new RestingLog(
            mark,
            new StoredLog(mark) { Committed = mark }, // up to there it has whatever there is
            Interrupted: null,
            Lost: wasClosed && stored.Tail == mark ? null : lastAt,
            RestsSince: lastAt);
    }

    /// <summary>Tells the log that goes on what it has to begin with: the gap for what was lost, and since when something may be missing.</summary>
    /// <param name="log">The log, which is new.</param>
    /// <param name="now">The time.</param>
    /// <param name="source">The source of the gap.</param>
    public void Wake(ChannelLog log, DateTimeOffset now, PublicationSource source)
    {
        if (Lost is { } lostSince)
        {
            var unstored = Stored.UnstoredFrom > 0 ? Stored.TakeUnstored(now).From : lostSince;
            var unopened = Stored.Opening?.Gap?.From ?? lostSince;
            var from = new[] { lostSince, unstored, unopened }.Min();
            Stored.Opening = Publication.OfGap(new Gap(from, now, Count: null, GapReason.StoreLost, Backfilled: false), source);
            Stored.Committed = Math.Max(Stored.Committed, Tail); // nothing below is on its way
        }
        else if (Stored.UnstoredFrom > 0)
        {
            Stored.Opening = Publication.OfGap(Stored.TakeUnstored(now), source);
        }

        if (Interrupted is { } interrupted)
        {
            log.Interrupt(interrupted.Reason, Lost is null ? interrupted.Since : now);
            log.ResumesWithData = ResumesWithData;
        }
        else if (RestsSince is { } since && (log.Feed.Origin != FeedOrigin.Derived || log.Feed.DerivedFrom is not null))
        {
            log.Interrupt(GapReason.UpstreamDown, Lost is null ? since : now); // we were not there to receive it
            log.ResumesWithData = true;
        }
    }
}
