namespace Tidewire.Fanout;

/// <summary>How far one channel's log is kept by the store. Guarded by its <see cref="GroupCommit"/>, except where it says otherwise.</summary>
/// <param name="mark">No offset above it may be shown; what is durable of it.</param>
internal sealed class StoredLog(long mark)
{
    private long _committed;
    private long _unstoredFrom;
    private long _unstoredEntries;
    private bool _isUncountable;

    /// <summary>The last offset that may be shown: reserved, so that no later life of the log gives it out again.</summary>
    public long Mark { get; set; } = mark;

    /// <summary>The oldest publication that may be recovered, as it was looked up last; written whole, by any thread.</summary>
    public OldestKnown? Oldest { get; set; }

    /// <summary>A gap that stands before everything else, and that has no offset yet; null when there is none.</summary>
    public Publication? Opening { get; set; }

    /// <summary>Entries that have an offset and are not shown yet.</summary>
    public int Pending { get; set; }

    /// <summary>The newest offset that the store has been given and has; read by any thread.</summary>
    public long Committed
    {
        get => Volatile.Read(ref _committed);
        set => Volatile.Write(ref _committed, value);
    }

    /// <summary>The first offset that was shown and not kept, and that no gap entry stands for yet; 0 when there is none. Read by any thread.</summary>
    public long UnstoredFrom => Volatile.Read(ref _unstoredFrom);

    /// <summary>When the first of those was received.</summary>
    public DateTimeOffset UnstoredSince { get; private set; }

    /// <summary>How many they are.</summary>
    public long UnstoredCount { get; private set; }

    /// <summary>Whether what it has shown is not all kept: then it may not be forgotten.</summary>
    public bool IsBehind => Pending > 0 || UnstoredFrom > 0 || Opening is not null;

    /// <summary>Counts an entry that is shown and not kept.</summary>
    public void CountUnstored(Publication entry)
    {
        // A gap that was to stand for entries lost before stands for nothing now: the next one takes its place.
        var lost = entry.Gap is { Reason: GapReason.StoreLost } gap ? gap : null;
        if (_unstoredFrom == 0)
        {
            Volatile.Write(ref _unstoredFrom, entry.Offset);
            UnstoredSince = lost?.From ?? entry.ReceivedAt;
        }

        _unstoredEntries++;
        _isUncountable |= lost is { Count: null };
        UnstoredCount += WeightOf(entry);
    }

    /// <summary>An entry that was counted as not kept is kept after all: the disk was only late.</summary>
    public void CountKept(Publication entry)
    {
        if (_unstoredFrom > 0 && _unstoredFrom <= entry.Offset)
        {
            UnstoredCount -= WeightOf(entry);
            if (--_unstoredEntries > 0)
            {
                Volatile.Write(ref _unstoredFrom, entry.Offset + 1);
            }
            else
            {
                ForgetUnstored();
            }
        }
    }

    /// <summary>The gap that stands for what was not kept; counting begins anew.</summary>
    public Gap TakeUnstored(DateTimeOffset now)
    {
        var gap = new Gap(UnstoredSince, now, _isUncountable ? null : UnstoredCount, GapReason.StoreLost, Backfilled: false);
        ForgetUnstored();
        return gap;
    }

    /// <summary>How many lost publications it is, or stands for.</summary>
    private static long WeightOf(Publication entry) => entry.Gap is { Reason: GapReason.StoreLost } gap ? gap.Count ?? 0 : 1;

    private void ForgetUnstored()
    {
        (UnstoredCount, _unstoredEntries, _isUncountable) = (0, 0, false);
        Volatile.Write(ref _unstoredFrom, 0);
    }
}

/// <summary>The offset of a channel's oldest publication within a count.</summary>
/// <param name="Offset">The offset.</param>
/// <param name="Tail">The tail then.</param>
internal sealed record OldestKnown(long Offset, long Tail);
