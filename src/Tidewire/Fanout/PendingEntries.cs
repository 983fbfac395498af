using System.Runtime.CompilerServices;

namespace Tidewire.Fanout;

/// <summary>
/// What the channels of one client have for it: subscriptions stand in line with news, and their entries are taken in turn,
/// filtered, conflated and encoded, into the next write. Guarded by its connection.
/// </summary>
/// <param name="connection">The client.</param>
/// <param name="hub">Bounds, clock and meter.</param>
/// <param name="wire">What the client speaks.</param>
/// <param name="batch">The next write.</param>
/// <param name="traffic">Where it is counted.</param>
internal sealed class PendingEntries(Connection connection, Hub hub, WireFormat wire, WriteBatch batch, WireTraffic traffic)
{
    /// <summary>Entries looked at in one go: a filter that lets little through must not keep the thread from other clients.</summary>
    private const int MostLooks = 4096;

    /// <summary>A subscription that has ended while it waited for its time is held no longer than this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Queue<Subscription> _ready = new();
    private readonly Bandwidth? _bandwidth = hub.Options.MaxClientBytesPerSecond > 0 ? new Bandwidth(hub.Options.MaxClientBytesPerSecond, hub.Time.TimestampFrequency) : null;
    private bool _isPaced;

    /// <summary>Subscriptions that stand in line.</summary>
    public Queue<Subscription> Ready => _ready;

    /// <summary>Puts a subscription with news in line. False when it stands there, or waits to, or has ended.</summary>
    public bool Add(Subscription subscription)
    {
        if (subscription.HasEnded || subscription.IsReady)
        {
            return false;
        }

        subscription.IsReady = true;
        _ready.Enqueue(subscription);
        return true;
    }

    /// <summary>A subscription that waited for past entries, or for its time, stands in line again. False when it did not wait.</summary>
    public bool GoOn(Subscription subscription)
    {
        if (subscription.HasEnded || !subscription.Waits)
        {
            return false;
        }

        subscription.Waits = false;
        _ready.Enqueue(subscription);
        return true;
    }

    /// <summary>The client may be sent more.</summary>
    public void Paced() => _isPaced = false;

    /// <summary>So much was written.</summary>
    public void Written(int bytes) => _bandwidth?.Take(bytes);

    /// <summary>Nothing more is taken.</summary>
    public void Clear() => _ready.Clear();

    /// <summary>Takes entries in turn from each channel with news until the write is full or enough was looked at.</summary>
    /// <param name="readerIsLost">Whether something the reader cannot do without is not to be had any more.</param>
    /// <returns>Whether there is more to take.</returns>
    public bool Take(out bool readerIsLost)
    {
        readerIsLost = false;
        if (_ready.Count == 0 || !IsAllowed())
        {
            return false;
        }

        var looks = MostLooks;
        var now = hub.Time.GetTimestamp(); // once for all: what is read of the clock costs as much as taking an entry
        while (!readerIsLost && !batch.IsFull && looks > 0 && _ready.TryDequeue(out var subscription))
        {
            if (!subscription.HasEnded)
            {
                readerIsLost = !TakeFrom(subscription, now, ref looks);
            }
        }

        return _ready.Count > 0;
    }

    /// <summary>Whether the client may be sent more now; otherwise it is woken when it may.</summary>
    private bool IsAllowed()
    {
        if (_bandwidth is null || _bandwidth.IsLeft(hub.Time.GetTimestamp(), out var at))
        {
            return true;
        }

        if (!_isPaced)
        {
            _isPaced = true;
            hub.Pacer.Later(connection, at);
        }

        return false;
    }

    /// <summary>Takes a turn's worth of one channel. False when something the reader cannot do without is not to be had any more.</summary>
    private bool TakeFrom(Subscription subscription, long now, ref int looks)
    {
        var turn = default(Turn);
        Span<Publication> entries = turn;
        var log = subscription.Log;
        var isLive = subscription.Cursor >= subscription.LiveAfter;
        if (isLive && subscription.NotBefore > now)
        {
            subscription.Waits = true;
            hub.Pacer.Later(subscription, Math.Min(subscription.NotBefore, now + (long)(LongestWait.TotalSeconds * hub.Time.TimestampFrequency))); // what comes meanwhile is merged
            return true;
        }

        subscription.Lags |= isLive && !log.IsNearTail(subscription.Cursor + 1); // what it resumes with is given whole
        var newestOnly = subscription.Lags || (isLive && subscription.Interval > TimeSpan.Zero);
        var read = log.Read(subscription.Cursor + 1, entries, newestOnly);
        if (!read.IsBroken && !(read.HasLeft && !newestOnly && log.Stored is not null))
        {
            subscription.BehindSince = 0;
        }
        else if (log.Stored is null || hub.Pages is null)
        {
            return false;
        }
        else if (!ReadPast(subscription, isLive, entries, ref read))
        {
            return false;
        }
        else if (read.Count == 0)
        {
            return true; // it goes on when the page, or the gap, is there
        }

        var before = subscription.Cursor;
        var taken = 0;
        var shown = 0;
        while (taken < read.Count && !batch.IsFull)
        {
            var entry = entries[taken++];
            Merge(subscription, entry.Offset - 1);
            subscription.Cursor = entry.Offset;
            if (subscription.Filter?.Passes(entry) == false)
            {
                subscription.Filtered++;
                continue;
            }

            var passed = subscription.Passed;
            var bytes = passed.IsNone
                ? entry.Encoded(wire, log)
                : subscription.Filter?.Encode(wire, log, entry, passed) ?? wire.Encode(log, entry, passed);
            if (bytes.Length > 0)
            {
                batch.Add(bytes);
                subscription.Merged = subscription.Filtered = 0;
                shown++;
                if (entry.Offset > subscription.LiveAfter && hub.Metrics is { } metrics && entry.TryShowFirst())
                {
                    metrics.FirstShown(entry);
                }
            }
        }

        if (shown > 0)
        {
            subscription.ShownAt = now;
            subscription.HasFlushed = true;
            traffic.Delivered(shown);
        }

        if (taken == read.Count)
        {
            Merge(subscription, read.Through);
        }

        looks -= (int)Math.Clamp(subscription.Cursor - before, 1, MostLooks);
        if (taken < read.Count || read.HasMore)
        {
            _ready.Enqueue(subscription); // more may follow: the others have their turn first
            return true;
        }

        subscription.IsReady = false;
        subscription.Lags = false;
        if (subscription.Interval > TimeSpan.Zero && subscription.HasFlushed)
        {
            subscription.HasFlushed = false;
            subscription.NotBefore = now + (long)(subscription.Interval.TotalSeconds * hub.Time.TimestampFrequency);
        }

        return true;
    }

    /// <summary>
    /// Reads what has left memory from the store. False when it is not there either. When it has to be fetched first, nothing
    /// is read: the subscription goes on once it is there.
    /// </summary>
    private bool ReadPast(Subscription subscription, bool isLive, Span<Publication> entries, ref LogRead read)
    {
        var log = subscription.Log;
        var from = subscription.Cursor + 1;
        if (isLive && subscription.BehindSince == 0)
        {
            subscription.BehindSince = Math.Max(1, hub.Time.GetTimestamp());
        }

        if (hub.Pages!.TryGet(log, from) is not { } page)
        {
            subscription.Waits = true;
            hub.Pages.LoadFor(log, subscription);
            read = default;
            return true;
        }

        var count = page.Read(from, entries);
        var isBehind = log.Stored is { Opening: not null } or { Pending: > 0 };
        if (count == 0 && log.Oldest is { } oldest)
        {
            entries[0] = oldest; // the store holds no more: memory goes on, behind a gap
            count = 1;
        }
        else if (count == 0 && isBehind)
        {
            subscription.IsReady = false; // the gap that goes before everything else is on its way, and wakes it
            read = default;
            return true;
        }

        // Offsets are passed over only where a gap stands for them.
        if (count == 0 || (entries[0].Offset != from && entries[0].Gap is null))
        {
            return false;
        }

        for (var i = 1; i < count; i++)
        {
            if (entries[i].Offset != entries[i - 1].Offset + 1 && entries[i].Gap is null)
            {
                count = i; // looked at again in the next turn
            }
        }

        read = new LogRead(count, entries[count - 1].Offset, IsBroken: false, HasLeft: true, HasMore: true);
        return true;
    }

    /// <summary>Passes over entries that newer ones have replaced: the next delivery counts them.</summary>
    private static void Merge(Subscription subscription, long through)
    {
        subscription.Merged += through - subscription.Cursor;
        subscription.Cursor = through;
    }

    [InlineArray(Length)]
    private struct Turn
    {
        public const int Length = 16;
        private Publication _first;
    }
}
