using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// Holds the logs and the connections and brings the two together: a publication goes in once, each reader pulls it at
/// its own pace. Thread-safe; what several threads publish to one channel stands in the order in which they got there.
/// </summary>
public sealed partial class Hub : IDisposable
{
    /// <summary>Why the readers of a log that is replaced are closed.</summary>
    internal static readonly Disconnect BeginsAnew = Disconnect.GoingAway.Because("a channel's log begins anew: connect again");

    private readonly ConcurrentDictionary<string, ChannelLog> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ChannelLog>.AlternateLookup<ReadOnlySpan<char>> _logsBySpan;
    private readonly ConcurrentDictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private readonly MemoryBudget _budget;
    private readonly Shard[] _shards;
    private readonly Lock _trimGate = new();
    private readonly Lock _retireGate = new();
    private readonly ITimer _sweeper;
    private readonly HeldLogs _held;
    private readonly HeldLogs _remembered;
    private readonly RestingLogs? _resting;
    private readonly ILogStore? _store;
    private readonly GroupCommit? _commit;
    private readonly PastReader? _pastReader;
    private readonly StorePages? _pages;
    private readonly Recovery? _recovery;
    private readonly StoreEnding _ending;
    private readonly int _maxLogLength;
    private long _retiredTail;
    private long _touches;
    private long _nextConnection;
    private int _connected;

    /// <summary>Makes a hub with no channels.</summary>
    /// <param name="options">Bounds.</param>
    /// <param name="simulated">Whether what will be published is simulated: the epoch says so, so that no position of the one is taken for the other.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="meters">Where its meter comes from; null for none.</param>
    /// <param name="store">Keeps the logs beyond the process; null when they are in memory alone. The hub disposes it.</param>
    public Hub(IOptions<FanoutOptions> options, bool simulated, TimeProvider time, ILogger<Hub> logger, IMeterFactory? meters = null, ILogStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        Options = options.Value;
        Time = time;
        _logger = logger;
        Simulated = simulated;
        Epoch = store?.Epoch ?? NewEpoch();
        StartedAt = time.GetUtcNow();
        _logsBySpan = _logs.GetAlternateLookup<ReadOnlySpan<char>>();
        _budget = new MemoryBudget(Options.MemoryBytes);
        _maxLogLength = Options.MaxLogLength;
        _ending = new StoreEnding(Options.StoreEndLimit, time);
        Counters = new HubCounters(Environment.ProcessorCount);
        _shards = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new Shard(index, Options.Batch, time))];
        _held = new HeldLogs(time, static log => log.TryReserve(), Release);
        _remembered = new HeldLogs(time, static log => log.TryRemember(), Forget);
        Pacer = new Pacer(time);
        Metrics = meters is null ? null : new FanoutMetrics(meters, this);
        if (store is not null)
        {
            _store = store;
            _resting = new RestingLogs(store, StartedAt);
            _commit = new GroupCommit(this, store, Options, _ending, logger);
            _pastReader = new PastReader(Options.ReadLimit, _ending, time, logger);
            _pages = new StorePages(store, _pastReader, _commit, _budget);
            _recovery = new Recovery(store, _pages, _pastReader, Options, time, logger);
        }

        _sweeper = time.CreateTimer(static hub => ((Hub)hub!).Sweep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Raised when a channel gains or loses a subscription; look at <see cref="ChannelLog.Subscribers"/>, not at the order of events.</summary>
    public event Action<ChannelLog>? InterestChanged;

    /// <summary>What the hub has done.</summary>
    public HubCounters Counters { get; }

    /// <summary>Whether what it carries is simulated.</summary>
    public bool Simulated { get; }

    /// <summary>The epoch of its logs: of the store, or of this process where the logs are in memory alone.</summary>
    public string Epoch { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Connections open now.</summary>
    public int ConnectionsOpen => Volatile.Read(ref _connected);

    /// <summary>Bytes held by all logs and encodings.</summary>
    public long MemoryUsed => _budget.Used;

    /// <summary>Every log there is.</summary>
    public IEnumerable<ChannelLog> Logs => _logs.Values;

    /// <summary>The bounds in force.</summary>
    public FanoutOptions Options { get; }

    /// <summary>Whether and how publications are kept beyond the process.</summary>
    public RecordingView Recording => _commit?.View ?? new RecordingView(RecordingState.Off, StartedAt, Reason: null, 0, 0, 0, 0, 0);

    internal TimeProvider Time { get; }

    /// <summary>Readers that wait for their time.</summary>
    internal Pacer Pacer { get; }

    /// <summary>Entries that have left memory; null where none is kept.</summary>
    internal StorePages? Pages => _pages;

    /// <summary>Null when no one measures.</summary>
    internal FanoutMetrics? Metrics { get; }

    /// <summary>Finds the log of a channel.</summary>
    /// <param name="name">The canonical name, UTF-8.</param>
    /// <param name="log">The log when the answer is true.</param>
    public bool TryGet(ReadOnlySpan<byte> name, [NotNullWhen(true)] out ChannelLog? log)
    {
        // Looked up once per frame of the upstream: no string is made.
        Span<char> text = stackalloc char[128];
        if (name.Length <= text.Length)
        {
            return _logsBySpan.TryGetValue(text[..Encoding.UTF8.GetChars(name, text)], out log);
        }

        log = null;
        return false;
    }

    /// <summary>Finds the log of a channel.</summary>
    /// <param name="name">The canonical name.</param>
    /// <param name="log">The log when the answer is true.</param>
    public bool TryGet(ChannelName name, [NotNullWhen(true)] out ChannelLog? log) => _logs.TryGetValue(name.ToString(), out log);

    /// <summary>Finds the log of a channel or makes it.</summary>
    /// <param name="name">The canonical name.</param>
    /// <param name="feed">Its feed.</param>
    public ChannelLog GetOrAdd(ChannelName name, Feed feed)
    {
        var key = name.ToString();
        if (_logs.TryGetValue(key, out var log))
        {
            return log;
        }

        lock (_retireGate)
        {
            if (!_logs.TryGetValue(key, out log))
            {
                _logs[key] = log = Make(key, name, feed);
            }
        }

        _commit?.Open(log);
        return log;
    }

    /// <summary>Finds the log of a channel, or opens one of which the store holds the past. False when nothing was ever published on it.</summary>
    /// <param name="name">The canonical name.</param>
    /// <param name="feed">Its feed.</param>
    /// <param name="log">The log when the answer is true.</param>
    public bool TryOpen(ChannelName name, Feed feed, [NotNullWhen(true)] out ChannelLog? log)
    {
        if (TryGet(name, out log))
        {
            return true;
        }

        lock (_retireGate)
        {
            if (_resting?.HasPast(name.ToString()) != true)
            {
                return false;
            }
        }

        log = GetOrAdd(name, feed);
        return true;
    }

    /// <summary>Appends an entry to a channel and wakes its readers. Never waits for one.</summary>
    /// <param name="log">The channel's log.</param>
    /// <param name="publication">The entry.</param>
    /// <returns>The position it was given.</returns>
    public StreamPosition Publish(ChannelLog log, Publication publication)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(publication);
        if (log.ResumesWithData && publication.Gap is null)
        {
            Resume(log, publication.Source, publication.ReceivedAt);
        }

        var touched = Interlocked.Increment(ref _touches);
        while (true)
        {
            if (log.Stored is not null)
            {
                if (_commit!.Publish(log, publication, touched) is { } kept)
                {
                    return kept;
                }
            }
            else if (log.Append(publication, touched) is { } position)
            {
                Show(log, publication);
                return position;
            }

            log = GetOrAdd(log.Name, log.Feed);
        }
    }

    /// <summary>Appends an entry as <see cref="Publish"/> does, and waits until it is shown.</summary>
    /// <param name="log">The channel's log.</param>
    /// <param name="publication">The entry.</param>
    /// <returns>The position under which it is shown; null when the recording has ended before, so that it never is.</returns>
    public async Task<StreamPosition?> PublishShownAsync(ChannelLog log, Publication publication)
    {
        var position = Publish(log, publication);
        await SettledAsync().ConfigureAwait(false);
        if (_commit is { IsClosed: true })
        {
            return null;
        }

        // When the disk refused before its channel had any offset reserved, it is shown under another epoch.
        return publication.HasMoved ? new StreamPosition(GetOrAdd(log.Name, log.Feed).Epoch, publication.Offset) : position;
    }

    /// <summary>
    /// Completes once everything published so far is shown: where entries are kept, those of an event channel are not
    /// shown before.
    /// </summary>
    public Task SettledAsync() => _commit?.SettledAsync() ?? Task.CompletedTask;

    /// <summary>
    /// The newest entries of a channel, oldest first, from memory and from the store; from memory alone when the disk does
    /// not answer.
    /// </summary>
    /// <param name="log">The channel.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="before">Only entries with a smaller offset; null for all.</param>
    /// <param name="isUrgent">Whether it goes before what others ask of the disk.</param>
    public ValueTask<IReadOnlyList<Publication>> PastAsync(ChannelLog log, int count, long? before = null, bool isUrgent = false)
    {
        ArgumentNullException.ThrowIfNull(log);
        return _recovery is null ? new ValueTask<IReadOnlyList<Publication>>(log.Recent(count, before)) : _recovery.PastAsync(log, count, before, isUrgent);
    }

    /// <summary>
    /// Ends the recording in order: what waits is kept and shown, and after the next start every channel goes on right
    /// after its tail. Nothing is shown any more.
    /// </summary>
    public void CloseStore()
    {
        if (_commit is null)
        {
            return;
        }

        ChannelLog[] logs;
        OffsetReservation[] resting;
        var now = Time.GetUtcNow();
        lock (_retireGate)
        {
            logs = [.. _logs.Values.Where(static log => log.Stored is not null)];
            resting = [.. _resting!.Tails(key => _logs.TryGetValue(key, out var log) && log.Stored is not null, now)];
        }

        _commit.Close(logs, resting);
    }

    /// <summary>Nothing is missing from a channel from now on: where something was, the gap is appended.</summary>
    /// <param name="log">The channel.</param>
    /// <param name="source">What feeds it.</param>
    /// <param name="at">Since when.</param>
    /// <param name="backfilled">Whether what was missing follows from elsewhere.</param>
    public void Resume(ChannelLog log, PublicationSource source, DateTimeOffset at, bool backfilled = false)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (log.Resume(at) is { } gap)
        {
            Publish(log, Publication.OfGap(gap with { Backfilled = backfilled }, source));
        }
    }

    /// <summary>Takes a client in.</summary>
    /// <param name="transport">The way to it.</param>
    /// <param name="wire">What it speaks.</param>
    /// <param name="connection">The connection; its handler disposes it.</param>
    /// <returns>False when there are as many connections as there may be.</returns>
    public bool TryConnect(IClientTransport transport, WireFormat wire, [NotNullWhen(true)] out Connection? connection)
        => TryConnect(transport, wire, Options.WriteBytes, out connection);

    /// <summary>Takes a client in.</summary>
    /// <param name="transport">The way to it.</param>
    /// <param name="wire">What it speaks.</param>
    /// <param name="writeBytes">Bytes at which one write is full; the last entry may go beyond. With 1 each write is one entry.</param>
    /// <param name="connection">The connection; its handler disposes it.</param>
    /// <returns>False when there are as many connections as there may be.</returns>
    public bool TryConnect(IClientTransport transport, WireFormat wire, int writeBytes, [NotNullWhen(true)] out Connection? connection)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (Interlocked.Increment(ref _connected) > Options.MaxConnections)
        {
            Interlocked.Decrement(ref _connected);
            Counters.Of(wire).CountRefused();
            connection = null;
            return false;
        }

        var number = Interlocked.Increment(ref _nextConnection);
        var id = string.Create(CultureInfo.InvariantCulture, $"c{number:x}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        connection = new Connection(this, transport, wire, id, (int)(number % _shards.Length), writeBytes);
        _connections[id] = connection;
        Counters.Of(wire).CountAccepted();
        Log.Connected(_logger, id, wire.Name);
        return true;
    }

    /// <summary>
    /// Counts one subscription more in for a while: a reader that comes and goes, such as one that polls, was told a
    /// position and will be back. Meanwhile the channel stays wanted, and its log is not forgotten even when it holds nothing.
    /// </summary>
    /// <param name="log">A log that the reader still has a subscription in.</param>
    public void Hold(ChannelLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _held.Hold(log);
    }

    /// <summary>
    /// Keeps a log that holds nothing from being forgotten for a while: a reader that was told a position of it has left,
    /// and may be back with it. Unlike <see cref="Hold"/> it wants nothing of the provider: how long a channel is joined
    /// that no one reads is for the linger to say.
    /// </summary>
    /// <param name="log">A log that the reader still has a subscription in.</param>
    internal void Remember(ChannelLog log)
    {
        if (log.IsEmpty)
        {
            _remembered.Hold(log);
        }
    }

    /// <summary>Closes every connection with the same reason.</summary>
    /// <param name="disconnect">Why.</param>
    public void CloseAll(Disconnect disconnect)
    {
        foreach (var connection in _connections.Values)
        {
            connection.Close(disconnect);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What the store has not been given is lost, as when the process is killed; <see cref="CloseStore"/> comes before. A disk
    /// that does not answer is waited for no longer than <see cref="FanoutOptions.StoreEndLimit"/>, both together.
    /// </remarks>
    public void Dispose()
    {
        _sweeper.Dispose();
        Pacer.Dispose();
        Array.ForEach(_shards, static shard => shard.Dispose());
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }

        _commit?.Abandon();
        _pastReader?.Dispose();
        if (_store is { } store)
        {
            _ending.Run(store.Dispose, "Tidewire store");
        }
    }

    /// <summary>An entry stands in its log: it is counted, and the readers are told.</summary>
    internal void Show(ChannelLog log, Publication publication)
    {
        // The count is also the fence between the append and the look at who reads: a reader that adds itself meanwhile looks at the tail after.
        log.Counters.Count(publication);
        foreach (var shard in _shards)
        {
            shard.Tell(log);
        }

        if (_budget.IsExceeded)
        {
            Trim();
        }
    }

    /// <summary>
    /// Where a new subscription begins. With a position: right after it, if nothing after it is missing in memory or in
    /// the store. Without: at the tail, or so many entries before it.
    /// </summary>
    internal ValueTask<SubscriptionStart> StartOfAsync(ChannelLog log, StreamPosition? since, int history)
        => _recovery is null ? new ValueTask<SubscriptionStart>(log.StartOf(since, history)) : _recovery.StartOfAsync(log, since, history);

    /// <summary>
    /// Gives a channel another epoch, which begins with nothing: no offset may be shown under the old one, because none can
    /// be reserved. Its readers are closed and come back to it.
    /// </summary>
    /// <param name="log">A log that whoever calls has taken out of use, so that no one else does this or publishes to it.</param>
    /// <param name="first">Entries that were given an offset in it and were never shown: they go before everything else.</param>
    internal void ChangeEpoch(ChannelLog log, IReadOnlyList<Publication> first)
    {
        ChannelLog changed;
        lock (_retireGate)
        {
            _resting!.Add(log, lost: Time.GetUtcNow());
            changed = new ChannelLog(log.Name, log.Feed, NewEpoch(), 1, _shards.Length, _maxLogLength, _budget, log.Counters) { PositionToldAt = log.PositionToldAt };
            foreach (var entry in first)
            {
                entry.Detach();
                changed.Append(entry, Interlocked.Increment(ref _touches));
            }

            _logs[log.Key] = changed;
            if (log.Interrupted is { } interrupted)
            {
                changed.Interrupt(interrupted.Reason, interrupted.Since);
                changed.ResumesWithData = log.ResumesWithData;
            }
        }

        foreach (var entry in first)
        {
            Show(changed, entry);
        }

        CloseReaders(log);
    }

    /// <summary>The store takes entries again: the channels that had to change their epoch go back to its.</summary>
    internal void ResumeEpochs()
    {
        foreach (var log in _logs.Values.Where(static log => log.Stored is null))
        {
            ChannelLog resumed;
            lock (_retireGate)
            {
                log.Retire();
                if (!_logs.TryGetValue(log.Key, out var current) || current != log)
                {
                    continue; // forgotten meanwhile
                }

                _logs[log.Key] = resumed = Make(log.Key, log.Name, log.Feed);
                if (log.Interrupted is { } interrupted)
                {
                    resumed.Interrupt(interrupted.Reason, Time.GetUtcNow()); // the gap that it begins with stands for the time before
                    resumed.ResumesWithData |= log.ResumesWithData;
                }
                else
                {
                    resumed.Uninterrupt();
                }
            }

            _commit!.Open(resumed);
            CloseReaders(log);
        }
    }

    /// <summary>The log of a channel with one more subscription counted in.</summary>
    internal ChannelLog Reserve(ChannelName name, Feed feed)
    {
        while (true)
        {
            var log = GetOrAdd(name, feed);
            if (log.TryReserve())
            {
                return log;
            }
        }
    }

    /// <summary>Counts a subscription out; a log that never held anything goes with its last one.</summary>
    internal void Release(ChannelLog log)
    {
        log.Release();
        Retire(log);
        InterestChanged?.Invoke(log);
    }

    internal void InterestIn(ChannelLog log) => InterestChanged?.Invoke(log);

    internal void Remove(Connection connection)
    {
        if (_connections.TryRemove(connection.Id, out _))
        {
            Interlocked.Decrement(ref _connected);
            connection.Counters.CountGone();
            Log.Left(_logger, connection.Id, connection.Counters.Wire);
        }
    }

    private void Forget(ChannelLog log)
    {
        log.Forget();
        Retire(log);
    }

    private void Retire(ChannelLog log)
    {
        lock (_retireGate)
        {
            if (!log.TryRetire() || !_logs.TryRemove(KeyValuePair.Create(log.Key, log)))
            {
                return;
            }

            if (_store is null)
            {
                // One above the tail stays unused, so that the tail's own position cannot be resumed either:
                // what came after it was never seen.
                _retiredTail = Math.Max(_retiredTail, log.Tail + 1);
            }
            else if (log.Stored is not null)
            {
                _resting!.Add(log);
            }
        }
    }

    /// <summary>Makes a channel's log: where the store knows the channel, one that goes on after what it has shown.</summary>
    private ChannelLog Make(string key, ChannelName name, Feed feed)
    {
        if (_store is null)
        {
            // Offsets start above all that retired logs have shown: a log that comes back never repeats one, and a
            // position of its former life is never taken for a current one.
            return new ChannelLog(name, feed, Epoch, _retiredTail + 1, _shards.Length, _maxLogLength, _budget, Counters.Of(feed));
        }

        var resting = _resting!.Take(key);
        var log = new ChannelLog(name, feed, Epoch, resting.Tail + 1, _shards.Length, _maxLogLength, _budget, Counters.Of(feed)) { Stored = resting.Stored };
        resting.Wake(log, Time.GetUtcNow(), Simulated ? PublicationSource.Simulated : PublicationSource.Derived);
        return log;
    }

    private void CloseReaders(ChannelLog log)
    {
        var readers = new List<Connection>();
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            log.ReadersOn(shard).CopyConnections(readers);
        }

        foreach (var connection in readers)
        {
            connection.Close(BeginsAnew);
        }

        log.Trim(keep: 0, downTo: -1); // no one reads it any more, and no one else would let go of what it holds
    }

    private string NewEpoch() => (Simulated ? "sim-" : "") + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>
    /// Comes down to nine tenths of the budget. Coldest channels first, each down to its history; only when that is
    /// not enough, coldest first down to nothing, and what then holds nothing and serves no one is forgotten.
    /// </summary>
    private void Trim()
    {
        lock (_trimGate)
        {
            if (!_budget.IsExceeded)
            {
                return;
            }

            var downTo = _budget.Limit / 10 * 9;
            var coldestFirst = _logs.Values.OrderBy(static log => log.LastTouched).ToArray();
            foreach (var keep in (int[])[Options.History, 0])
            {
                foreach (var log in coldestFirst)
                {
                    if (_budget.Used <= downTo)
                    {
                        return;
                    }

                    log.Trim(keep, downTo);
                    if (keep == 0)
                    {
                        Retire(log);
                    }
                }
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the timer: one connection's or channel's fault is no one else's.")]
    private void Sweep()
    {
        var now = Time.GetTimestamp();
        foreach (var held in (HeldLogs[])[_held, _remembered])
        {
            try
            {
                held.Sweep(now);
            }
            catch (Exception exception)
            {
                Log.LettingGoFailed(_logger, exception); // the rest has its turn in a second
            }
        }

        try
        {
            _commit?.Sweep(now);
            _pastReader?.Sweep(now);
        }
        catch (Exception exception)
        {
            Log.LettingGoFailed(_logger, exception);
        }

        foreach (var connection in _connections.Values)
        {
            try
            {
                connection.Sweep(now);
            }
            catch (Exception exception)
            {
                Log.SweepFailed(_logger, connection.Id, exception); // on a timer's thread: thrown further it would end the process
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "Looking after connection {Connection} failed because of a fault of ours.", EventName = "SweepFailed")]
        public static partial void SweepFailed(ILogger logger, string connection, Exception exception);

        [LoggerMessage(24, LogLevel.Debug, "Client {Connection} has come over {Wire}.", EventName = "ClientConnected")]
        public static partial void Connected(ILogger logger, string connection, string wire);

        [LoggerMessage(25, LogLevel.Debug, "Client {Connection} of {Wire} has left.", EventName = "ClientLeft")]
        public static partial void Left(ILogger logger, string connection, string wire);

        [LoggerMessage(21, LogLevel.Error, "Letting go of a channel that was left failed because of a fault of ours.", EventName = "LettingGoFailed")]
        public static partial void LettingGoFailed(ILogger logger, Exception exception);
    }
}
