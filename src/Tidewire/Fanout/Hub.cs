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
    public Hub(IOptions<FanoutOptions> options, bool simulated, TimeProvider time, ILogger<Hub> logger, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        Options = options.Value;
        Time = time;
        _logger = logger;
        Simulated = simulated;
        Epoch = (simulated ? "sim-" : "") + RandomNumberGenerator.GetHexString(8, lowercase: true);
        StartedAt = time.GetUtcNow();
        _logsBySpan = _logs.GetAlternateLookup<ReadOnlySpan<char>>();
        _budget = new MemoryBudget(Options.MemoryBytes);
        _maxLogLength = Options.MaxLogLength;
        Counters = new HubCounters(Environment.ProcessorCount);
        _shards = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static index => new Shard(index))];
        _held = new HeldLogs(time, static log => log.TryReserve(), Release);
        _remembered = new HeldLogs(time, static log => log.TryRemember(), Forget);
        _sweeper = time.CreateTimer(static hub => ((Hub)hub!).Sweep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Metrics = meters is null ? null : new FanoutMetrics(meters, this);
    }

    /// <summary>Raised when a channel gains or loses a subscription; look at <see cref="ChannelLog.Subscribers"/>, not at the order of events.</summary>
    public event Action<ChannelLog>? InterestChanged;

    /// <summary>What the hub has done.</summary>
    public HubCounters Counters { get; }

    /// <summary>Whether what it carries is simulated.</summary>
    public bool Simulated { get; }

    /// <summary>The epoch of every log of this process: the logs are in memory, so each start is a new one.</summary>
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

    internal TimeProvider Time { get; }

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
            // Offsets start above all that retired logs have shown: a log that comes back never repeats one, and a
            // position of its former life is never taken for a current one.
            return _logs.GetOrAdd(key, _ => new ChannelLog(name, feed, Epoch, _retiredTail + 1, _shards.Length, _maxLogLength, _budget, Counters.Of(feed)));
        }
    }

    /// <summary>Appends an entry to a channel and wakes its readers. Never waits for one.</summary>
    /// <param name="log">The channel's log.</param>
    /// <param name="publication">The entry.</param>
    /// <returns>The position it was given.</returns>
    public StreamPosition Publish(ChannelLog log, Publication publication)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(publication);
        var touched = Interlocked.Increment(ref _touches);
        StreamPosition? position;
        while ((position = log.Append(publication, touched)) is null)
        {
            log = GetOrAdd(log.Name, log.Feed);
        }

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

        return position.Value;
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
    public void Dispose()
    {
        _sweeper.Dispose();
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
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
            if (log.TryRetire())
            {
                // One above the tail stays unused, so that the tail's own position cannot be resumed either:
                // what came after it was never seen.
                _retiredTail = Math.Max(_retiredTail, log.Tail + 1);
                _logs.TryRemove(KeyValuePair.Create(log.Name.ToString(), log));
            }
        }
    }

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

        [LoggerMessage(21, LogLevel.Error, "Letting go of a channel that was left failed because of a fault of ours.", EventName = "LettingGoFailed")]
        public static partial void LettingGoFailed(ILogger logger, Exception exception);
    }
}
