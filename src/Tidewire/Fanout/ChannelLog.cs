using System.Text;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// The bounded, ordered log of one channel. Appending gives the order; any number of readers hold a cursor and pull. Offsets
/// rise by one per entry and are never given out twice.
/// </summary>
public sealed class ChannelLog
{
    /// <summary>Entries at the tail whose encodings are kept: what readers that keep up share; a reader behind them lags. 1,024 of 2 kB are 2 MB a wire.</summary>
    private const int EncodedTail = 1024;

    /// <summary>Entries that one read passes over at most, so that an append does not wait for a reader that looks for the newest.</summary>
    private const int ScanLength = 1024;

    private readonly Lock _gate = new();
    private readonly MemoryBudget _budget;
    private readonly int _maxLength;
    private readonly ShardReaders[] _readers;
    private readonly NewestByKey? _newest;
    private readonly LogRing _entries;
    private long _assigned;
    private long _lostThrough;
    private int _subscribers;
    private int _rememberers;
    private bool _retired;
    private DateTimeOffset? _missingSince;
    private GapReason _missingReason;

    private long _positionToldAt;

    internal ChannelLog(ChannelName name, Feed feed, string epoch, long firstOffset, int shards, int maxLength, MemoryBudget budget, FeedCounters counters)
    {
        Name = name;
        Key = name.ToString();
        NameUtf8 = Encoding.UTF8.GetBytes(Key);
        Feed = feed;
        Epoch = epoch;
        EpochUtf8 = Encoding.UTF8.GetBytes(epoch);
        _entries = new LogRing(firstOffset, budget);
        _assigned = firstOffset;
        _maxLength = maxLength;
        _budget = budget;
        Counters = counters;
        _newest = NewestByKey.Of(name, feed, budget);
        _readers = new ShardReaders[shards];
        for (var i = 0; i < shards; i++)
        {
            _readers[i] = new ShardReaders();
        }
    }

    /// <summary>The canonical name.</summary>
    public ChannelName Name { get; }

    /// <summary>The canonical name as text: what a store knows it by.</summary>
    internal string Key { get; }

    /// <summary>The canonical name in UTF-8; needs no escaping in JSON.</summary>
    public ReadOnlyMemory<byte> NameUtf8 { get; }

    /// <summary>The feed it belongs to.</summary>
    public Feed Feed { get; }

    /// <summary>The epoch of its offsets.</summary>
    public string Epoch { get; }

    /// <summary>The epoch in UTF-8.</summary>
    public ReadOnlyMemory<byte> EpochUtf8 { get; }

    /// <summary>The offset of the newest entry; the one before its first when it has none.</summary>
    public long Tail
    {
        get
        {
            lock (_gate)
            {
                return _entries.Next - 1;
            }
        }
    }

    /// <summary>How many subscriptions it has.</summary>
    public int Subscribers => Volatile.Read(ref _subscribers);

    /// <summary>When the newest entry was received; null when there is none in memory.</summary>
    public DateTimeOffset? LastAt
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count > 0 ? _entries.At(_entries.Next - 1).ReceivedAt : null;
            }
        }
    }

    /// <summary>
    /// When a client last began or left with a position of it, so that one may be back to recover what it missed; null
    /// when none ever had one.
    /// </summary>
    public DateTimeOffset? PositionToldAt
    {
        get => Volatile.Read(ref _positionToldAt) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        internal set => Volatile.Write(ref _positionToldAt, value?.UtcTicks ?? 0);
    }

    /// <summary>The oldest offset in memory; the one after the tail when it holds nothing.</summary>
    internal long First
    {
        get
        {
            lock (_gate)
            {
                return _entries.First;
            }
        }
    }

    /// <summary>How far it is kept beyond the process; null when it is not kept.</summary>
    internal StoredLog? Stored { get; init; }

    /// <summary>Whether it was taken out of use: get it anew.</summary>
    internal bool IsRetired
    {
        get
        {
            lock (_gate)
            {
                return _retired;
            }
        }
    }

    /// <summary>The offset that the next entry will be given.</summary>
    internal long NextAssigned
    {
        get
        {
            lock (_gate)
            {
                return _assigned;
            }
        }
    }

    /// <summary>Whether the next publication proves that nothing is missing from then on, whoever brings it: after a start of the process.</summary>
    internal bool ResumesWithData { get; set; }

    /// <summary>Since when something may be missing and no gap entry says so yet; null when nothing is.</summary>
    internal Interruption? Interrupted
    {
        get
        {
            lock (_gate)
            {
                return _missingSince is { } since ? new Interruption(since, _missingReason) : null;
            }
        }
    }

    /// <summary>The filters that its subscriptions use.</summary>
    internal ChannelFilters Filters { get; } = new();

    /// <summary>Where its entries are counted.</summary>
    internal FeedCounters Counters { get; }

    /// <summary>A number that rises with each append anywhere: the smallest is the coldest log.</summary>
    internal long LastTouched { get; private set; }

    /// <summary>Whether it holds nothing: only then can it be forgotten.</summary>
    internal bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count == 0;
            }
        }
    }

    /// <summary>Whether an entry is among the newest, whose encodings are kept.</summary>
    internal bool IsNearTail(long offset) => offset > _entries.Next - EncodedTail;

    /// <summary>The readers on one shard.</summary>
    internal ShardReaders ReadersOn(int shard) => _readers[shard];

    /// <summary>The newest entries, oldest first.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="before">Only entries with a smaller offset; null for all.</param>
    public Publication[] Recent(int count, long? before = null)
    {
        lock (_gate)
        {
            var end = Math.Min(_entries.Next, before ?? _entries.Next);
            var start = Math.Max(_entries.First, end - count);
            var entries = new Publication[Math.Max(0, end - start)];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = _entries.At(start + i);
            }

            return entries;
        }
    }

    /// <summary>
    /// Where a new subscription begins. With a position: right after it, if nothing after it is missing here. Without:
    /// at the tail, or <paramref name="history"/> entries before it.
    /// </summary>
    /// <param name="since">The position the client last saw; null for none.</param>
    /// <param name="history">Entries before the tail to begin with.</param>
    internal SubscriptionStart StartOf(StreamPosition? since, int history)
    {
        lock (_gate)
        {
            var tail = _entries.Next - 1;
            var start = Math.Max(_entries.First - 1, tail - history);
            if (since is not { } position)
            {
                return new SubscriptionStart(start, Recovered: false, Reason: null);
            }

            if (position.Epoch != Epoch)
            {
                return new SubscriptionStart(start, Recovered: false, "the epoch has changed: the log's past was lost");
            }

            if (position.Offset > tail)
            {
                return new SubscriptionStart(start, Recovered: false, "the offset is beyond the newest entry");
            }

            return position.Offset >= _entries.First - 1
                ? new SubscriptionStart(position.Offset, Recovered: true, Reason: null)
                : new SubscriptionStart(start, Recovered: false, "the offset is older than what is held");
        }
    }

    /// <summary>
    /// Gives the entry its offset, which none will be given again, and does not show it yet. Null when the log was retired
    /// meanwhile: get it anew.
    /// </summary>
    internal StreamPosition? Assign(Publication publication)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            publication.Assign(_assigned);
            return new StreamPosition(Epoch, _assigned++);
        }
    }

    /// <summary>Gives the entry its offset, unless it has one, and adds it. Never waits for a reader. Null when the log was retired meanwhile: get it anew.</summary>
    internal StreamPosition? Append(Publication publication, long touched)
    {
        if (_newest is null)
        {
            return Append(publication, touched, isKeyed: false, key: default);
        }

        Span<byte> key = stackalloc byte[NewestByKey.MaxKeyLength];
        return Append(publication, touched, _newest.KeyOf(publication, key, out var length), key[..length]);
    }

    /// <summary>Copies entries from an offset on.</summary>
    /// <param name="from">The first offset wanted.</param>
    /// <param name="into">Where to copy.</param>
    /// <param name="newestOnly">Whether to pass over entries that a newer one of their key has replaced.</param>
    internal LogRead Read(long from, Span<Publication> into, bool newestOnly)
    {
        lock (_gate)
        {
            var at = Math.Max(from, _entries.First);
            var end = Math.Min(_entries.Next, at + (newestOnly ? ScanLength : into.Length));
            var count = 0;
            for (; at < end && count < into.Length; at++)
            {
                var entry = _entries.At(at);
                if (!newestOnly || !entry.IsSuperseded)
                {
                    into[count++] = entry;
                }
            }

            return new LogRead(count, at - 1, IsBroken: _newest is null ? from < _entries.First : from <= _lostThrough, HasLeft: from < _entries.First, HasMore: at < _entries.Next);
        }
    }

    /// <summary>The oldest entry in memory; null when there is none.</summary>
    internal Publication? Oldest
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count > 0 ? _entries.At(_entries.First) : null;
            }
        }
    }

    /// <summary>When the oldest entry after an offset was received; null when there is none in memory.</summary>
    internal DateTimeOffset? WaitingSince(long after)
    {
        lock (_gate)
        {
            var next = Math.Max(after + 1, _entries.First);
            return next < _entries.Next ? _entries.At(next).ReceivedAt : null;
        }
    }

    /// <summary>Drops the oldest entries while the budget is over its mark.</summary>
    /// <param name="keep">Entries to keep in any case.</param>
    /// <param name="downTo">Bytes of the budget to come down to.</param>
    internal void Trim(int keep, long downTo)
    {
        lock (_gate)
        {
            while (_entries.Count > keep && _budget.Used > downTo)
            {
                DropFirstLocked();
            }
        }
    }

    /// <summary>Counts a subscription in. False when the log was retired meanwhile: get it anew.</summary>
    internal bool TryReserve()
    {
        lock (_gate)
        {
            if (_retired)
            {
                return false;
            }

            _subscribers++;
            return true;
        }
    }

    /// <summary>Counts a subscription out.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            _subscribers--;
        }
    }

    /// <summary>Counts one in that wants it remembered, though it serves no one. False when the log was retired meanwhile.</summary>
    internal bool TryRemember()
    {
        lock (_gate)
        {
            _rememberers += _retired ? 0 : 1;
            return !_retired;
        }
    }

    /// <summary>Counts one out that wanted it remembered.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _rememberers--;
        }
    }

    /// <summary>Takes a log that holds nothing and serves no one out of use. True when it may be forgotten.</summary>
    internal bool TryRetire()
    {
        lock (_gate)
        {
            _retired |= _subscribers == 0 && _rememberers == 0 && _assigned == _entries.First && Stored is not { IsBehind: true };
            return _retired;
        }
    }

    /// <summary>Takes it out of use whatever it holds: another log takes its place.</summary>
    internal void Retire()
    {
        lock (_gate)
        {
            _retired = true;
        }
    }

    /// <summary>From now on something may be missing; only the first call until the channel goes on counts.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="at">Since when.</param>
    public void Interrupt(GapReason reason, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_missingSince is null)
            {
                _missingSince = at;
                _missingReason = reason;
            }
        }
    }

    /// <summary>Nothing is missing that no gap stands for.</summary>
    internal void Uninterrupt()
    {
        lock (_gate)
        {
            _missingSince = null;
            ResumesWithData = false;
        }
    }

    /// <summary>Nothing is missing from now on. The gap to append, when something was.</summary>
    internal Gap? Resume(DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_missingSince is not { } from)
            {
                return null;
            }

            _missingSince = null;
            ResumesWithData = false;
            return new Gap(from, at, Count: null, _missingReason, Backfilled: false);
        }
    }

    private StreamPosition? Append(Publication publication, long touched, bool isKeyed, ReadOnlySpan<byte> key)
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            if (_entries.Count == _maxLength)
            {
                DropFirstLocked();
            }

            if (publication.Offset == 0)
            {
                publication.Assign(_assigned++);
            }

            var offset = publication.Offset;
            _entries.Add(publication);
            LastTouched = touched;
            if (isKeyed)
            {
                _newest!.Add(key, publication);
            }

            if (offset - EncodedTail >= _entries.First)
            {
                _entries.At(offset - EncodedTail).ReleaseEncodings();
            }

            return new StreamPosition(Epoch, offset);
        }
    }

    private void DropFirstLocked()
    {
        var oldest = _entries.DropFirst();
        if (_newest is not null && (_newest.Remove(oldest) | oldest.Gap is not null))
        {
            _lostThrough = oldest.Offset; // who has not seen it would go on with an older value of its key, or not know of the gap
        }
    }
}
