using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Tidewire.Protocol;

namespace Tidewire.Fanout;

/// <summary>
/// Brings entries to the store, and only then shows those that must not be forgotten. Everything that waits when a commit
/// ends goes into the next one, so that a lone entry waits for one commit and a crowd shares it. An entry of an event
/// channel is shown once it is kept; one of a state channel at once, and kept behind.
/// </summary>
/// <remarks>
/// When the disk refuses, or does not answer, the stream goes on without it: what waits is shown, and what follows at once.
/// It is tried again until it takes entries; then each channel has a gap entry that stands for what could not be kept. No
/// offset is shown above what the store has reserved for its channel, so that none is ever given out twice.
/// Locks are taken in the order show, state, log.
/// </remarks>
internal sealed partial class GroupCommit
{
    /// <summary>Entries of one commit at most: more would make the first of them wait for longer than two.</summary>
    private const int MostEntries = 1024;

    private readonly Lock _showGate = new();
    private readonly object _gate = new();
    private readonly Hub _hub;
    private readonly ILogStore _store;
    private readonly FanoutOptions _options;
    private readonly StoreEnding _storeEnding;
    private readonly ILogger _logger;
    private readonly HashSet<ChannelLog> _unstored = [];
    private readonly Thread _writer;
    private readonly CommitQueue _queue;
    private List<Waiting> _taken = [];
    private Mode _mode = Mode.Recording;
    private DateTimeOffset _since;
    private string? _reason;
    private long _generation;
    private long _committed;
    private long _commits;
    private long _unstoredCount;
    private int _failures;
    private long _probeAt;
    private bool _probeDue;
    private bool _ending;
    private bool _abandoned;
    private Func<IReadOnlyList<OffsetReservation>>? _tails;

    public GroupCommit(Hub hub, ILogStore store, FanoutOptions options, StoreEnding storeEnding, ILogger logger)
    {
        _hub = hub;
        _store = store;
        _options = options;
        _storeEnding = storeEnding;
        _logger = logger;
        _queue = new CommitQueue(hub.Time);
        _since = hub.Time.GetUtcNow();
        _writer = new Thread(Run) { IsBackground = true, Name = "Tidewire commit" };
        _writer.Start();
    }

    private enum Mode
    {
        /// <summary>Events are shown once they are kept.</summary>
        Recording,

        /// <summary>As <see cref="Recording"/>, and the first commit after a fault is under way.</summary>
        Healing,

        /// <summary>Everything is shown at once; nothing is kept.</summary>
        Degraded,

        /// <summary>The store is closed: nothing is shown any more.</summary>
        Closed,
    }

    /// <summary>How it stands.</summary>
    public RecordingView View
    {
        get
        {
            var bytes = _store.Bytes; // looks at the disk: no publisher waits for that
            lock (_gate)
            {
                return new RecordingView(
                    _mode is Mode.Degraded or Mode.Healing ? RecordingState.Degraded : RecordingState.Recording,
                    _since,
                    _reason,
                    _queue.Pending,
                    _committed,
                    _commits,
                    _unstoredCount,
                    bytes);
            }
        }
    }

    /// <summary>Gives an entry its offset, and shows it as soon as it may be. Null when the log was retired meanwhile: get it anew.</summary>
    /// <param name="log">The channel's log.</param>
    /// <param name="publication">The entry.</param>
    /// <param name="touched">A number that rises with each publication.</param>
    public StreamPosition? Publish(ChannelLog log, Publication publication, long touched)
    {
        var stored = log.Stored!;
        while (true)
        {
            string fault;
            StreamPosition? shown = null;
            Publication? opened = null;
            lock (_gate)
            {
                if (_mode == Mode.Closed)
                {
                    return log.Assign(publication); // shown to no one any more
                }

                if (log.IsRetired)
                {
                    return null;
                }

                if (stored.Opening is { } opening)
                {
                    if (_mode != Mode.Degraded)
                    {
                        OpenLocked(log);
                    }
                    else if (log.NextAssigned < stored.Mark) // there is room for both
                    {
                        if (log.Append(opening, touched) is null)
                        {
                            return null;
                        }

                        stored.Opening = null;
                        CountUnstoredLocked(log, opening);
                        opened = opening;
                    }
                }

                if (_mode != Mode.Degraded && _queue.Bytes > _options.MaxPendingCommitBytes)
                {
                    fault = $"more than {_options.MaxPendingCommitBytes} bytes were waiting for the disk";
                }
                else if (stored.Pending == 0 && (_mode == Mode.Degraded || log.Feed.Class == FeedClass.State) && log.NextAssigned <= stored.Mark && stored.Opening is null)
                {
                    if (log.Append(publication, touched) is not { } position)
                    {
                        return null;
                    }

                    if (_mode == Mode.Degraded)
                    {
                        CountUnstoredLocked(log, publication);
                    }
                    else
                    {
                        QueueLocked(new Waiting(log, publication, IsShown: true, touched, 0));
                    }

                    shown = position;
                    fault = "";
                }
                else if (stored.Pending == 0 && _mode == Mode.Degraded)
                {
                    log.Retire(); // here, where nothing of it waits: nothing more is given an offset in it
                    fault = "";
                }
                else
                {
                    if (log.Assign(publication) is not { } position)
                    {
                        return null;
                    }

                    QueueLocked(new Waiting(log, publication, IsShown: false, touched, _hub.Time.GetTimestamp()));
                    return position;
                }
            }

            if (opened is not null)
            {
                _hub.Show(log, opened);
            }

            if (shown is not null)
            {
                _hub.Show(log, publication);
                return shown;
            }

            if (fault.Length == 0)
            {
                _hub.ChangeEpoch(log, []); // nothing more may be shown under the old one, and nothing can be reserved
                return null;
            }

            Degrade(fault);
        }
    }

    /// <summary>What stands before everything else in a log is published, unless it was.</summary>
    public void Open(ChannelLog log)
    {
        if (log.Stored is null)
        {
            return;
        }

        lock (_gate)
        {
            if (log.Stored.Opening is not null && _mode is not (Mode.Degraded or Mode.Closed)) // without the disk it is for the first publication to show
            {
                OpenLocked(log);
            }
        }
    }

    /// <summary>Whether the store is closed: nothing is shown any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _mode == Mode.Closed;
            }
        }
    }

    /// <summary>Completes once everything published so far is shown.</summary>
    public Task SettledAsync()
    {
        lock (_gate)
        {
            return _mode == Mode.Closed ? Task.CompletedTask : _queue.SettledAsync();
        }
    }

    /// <summary>Waits, for a moment at most, until what a log has shown up to an offset is kept. False when it is still on its way.</summary>
    public bool WaitCommitted(StoredLog stored, long through)
    {
        lock (_gate)
        {
            for (var i = 0; i < 100 && stored.Committed < through && _mode != Mode.Degraded && !_ending;)
            {
                i += Monitor.Wait(_gate, 10) ? 0 : 1; // woken by another commit is not waited
            }

            return stored.Committed >= through || _mode == Mode.Degraded || _ending;
        }
    }

    /// <summary>Once a second: goes on without a disk that does not answer, and tries one again that refused.</summary>
    public void Sweep(long now)
    {
        lock (_gate)
        {
            if (_mode == Mode.Degraded)
            {
                if (now >= _probeAt)
                {
                    _probeDue = true;
                    Monitor.PulseAll(_gate);
                }

                return;
            }

            if (_queue.OldestSince == 0 || _hub.Time.GetElapsedTime(_queue.OldestSince, now) < _options.CommitLimit)
            {
                return;
            }
        }

        Degrade(FormattableString.Invariant($"the disk has not answered for {_options.CommitLimit.TotalSeconds:0.#} s"));
    }

    /// <summary>
    /// Ends in order: everything that waits is kept and shown, and the store is closed behind it. When the disk does not
    /// answer in time it ends as a killed process does.
    /// </summary>
    /// <param name="logs">Every log that is kept.</param>
    /// <param name="resting">Channels that have no log now, and the newest offset each has shown.</param>
    public void Close(IReadOnlyCollection<ChannelLog> logs, IReadOnlyCollection<OffsetReservation> resting)
    {
        lock (_gate)
        {
            if (_ending)
            {
                return;
            }

            _tails = () => [.. logs.Select(log => new OffsetReservation(log.Key, log.NextAssigned - 1, log.Interrupted?.Since ?? _hub.Time.GetUtcNow())), .. resting];
            _ending = true;
            _probeDue = _mode == Mode.Degraded; // a last time
            Monitor.PulseAll(_gate);
        }

        if (!_storeEnding.Join(_writer))
        {
            Abandoned();
            Log.NotClosed(_logger, FormattableString.Invariant($"The disk has not answered for {_options.StoreEndLimit.TotalSeconds:0.#} s."));
        }
    }

    /// <summary>Ends as a killed process does: what is not kept is lost, and was not shown.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            if (_ending)
            {
                return;
            }

            _ending = _abandoned = true;
            Monitor.PulseAll(_gate);
        }

        _storeEnding.Join(_writer);
        Abandoned();
    }

    /// <summary>Nothing is shown any more, whatever the disk says later.</summary>
    private void Abandoned()
    {
        lock (_gate)
        {
            _abandoned = true;
            _mode = Mode.Closed;
            _queue.EndWaits(all: _mode == Mode.Closed);
        }
    }

    /// <summary>Closes the store, unless it was given up meanwhile.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The last thing the thread does: whatever a store throws, it is then not closed.")]
    private void CloseStore()
    {
        IReadOnlyList<OffsetReservation> tails;
        lock (_gate)
        {
            if (_abandoned)
            {
                return;
            }

            _mode = Mode.Closed;
            _queue.EndWaits(all: _mode == Mode.Closed);
            tails = _tails!();
        }

        try
        {
            _store.Close(tails);
        }
        catch (LogStoreException exception)
        {
            Log.NotClosed(_logger, exception.Message);
        }
        catch (Exception exception)
        {
            if (!Volatile.Read(ref _abandoned)) // else the store may be gone
            {
                Log.Failed(_logger, exception);
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the thread: whatever a store throws costs the recording, not the stream.")]
    private void Run()
    {
        while (Take(out var generation))
        {
            try
            {
                if (_taken.Count == 0)
                {
                    Heal();
                    continue;
                }

                for (var at = 0; at < _taken.Count && !Volatile.Read(ref _abandoned); at += MostEntries)
                {
                    var part = CollectionsMarshal.AsSpan(_taken).Slice(at, Math.Min(MostEntries, _taken.Count - at));
                    Reserve(part);
                    if (Volatile.Read(ref _generation) != generation)
                    {
                        break; // shown meanwhile, perhaps under another epoch with other offsets
                    }

                    _store.Commit(ToEntries(part));
                    if (Volatile.Read(ref _abandoned))
                    {
                        return;
                    }

                    Kept(part, generation, isLast: at + part.Length == _taken.Count);
                }
            }
            catch (Exception exception)
            {
                if (exception is not LogStoreException)
                {
                    Log.Failed(_logger, exception);
                }

                Refused(exception is LogStoreException ? exception.Message : "a fault of ours, see the log");
            }
        }

        CloseStore();
    }

    /// <summary>Waits for something to do and takes all there is. An empty list means: look whether the disk takes entries again. False at the end.</summary>
    private bool Take(out long generation)
    {
        lock (_gate)
        {
            _taken.Clear();
            while (!_abandoned && (_queue.Count == 0 || _mode == Mode.Degraded) && !_probeDue) // without the disk, what waits is for Degrade to show
            {
                if (_ending)
                {
                    generation = 0;
                    return false;
                }

                Monitor.Wait(_gate);
            }

            generation = _generation;
            if (_abandoned)
            {
                return false;
            }

            if (_probeDue)
            {
                _probeDue = false;
                return true;
            }

            _queue.Take(ref _taken);
            return true;
        }
    }

    /// <summary>Reserves offsets for the channels that come near the end of what they have.</summary>
    private void Reserve(ReadOnlySpan<Waiting> part)
    {
        Dictionary<ChannelLog, long>? due = null;
        lock (_gate)
        {
            foreach (var waiting in part)
            {
                var next = waiting.Log.NextAssigned;
                if (waiting.Log.Stored!.Mark - next < _options.ReservedOffsets / 2 && due?.ContainsKey(waiting.Log) != true)
                {
                    (due ??= []).Add(waiting.Log, next + _options.ReservedOffsets);
                }
            }
        }

        Reserve(due);
    }

    private void Reserve(Dictionary<ChannelLog, long>? due)
    {
        if (due is null)
        {
            return;
        }

        var now = _hub.Time.GetUtcNow();
        _store.Reserve([.. due.Select(reserved => new OffsetReservation(reserved.Key.Key, reserved.Value, now))]);
        lock (_gate)
        {
            foreach (var (log, mark) in due)
            {
                log.Stored!.Mark = mark;
            }
        }
    }

    private static LoggedEntry[] ToEntries(ReadOnlySpan<Waiting> part)
    {
        var entries = new LoggedEntry[part.Length];
        for (var i = 0; i < part.Length; i++)
        {
            entries[i] = new LoggedEntry(part[i].Log.Key, part[i].Entry);
        }

        return entries;
    }

    /// <summary>Entries are kept: those that waited for it are shown.</summary>
    private void Kept(ReadOnlySpan<Waiting> part, long generation, bool isLast)
    {
        lock (_showGate)
        {
            var isLate = Volatile.Read(ref _generation) != generation;
            var now = _hub.Time.GetTimestamp();
            foreach (var waiting in part)
            {
                waiting.Log.Stored!.Committed = waiting.Entry.Offset;
                if (!isLate && !waiting.IsShown)
                {
                    waiting.Log.Append(waiting.Entry, waiting.Touched);
                    _hub.Show(waiting.Log, waiting.Entry);
                    _hub.Metrics?.Committed(_hub.Time.GetElapsedTime(waiting.Since, now));
                }
            }

            lock (_gate)
            {
                _commits++;
                _committed += part.Length;
                foreach (var waiting in part)
                {
                    if (isLate)
                    {
                        waiting.Log.Stored!.CountKept(waiting.Entry);
                    }
                    else
                    {
                        _queue.Settle(waiting);
                    }
                }

                if (!isLate)
                {
                    _queue.OldestSince = isLast && _queue.Count == 0 ? 0 : now;
                    if (_mode == Mode.Healing && isLast)
                    {
                        _mode = Mode.Recording;
                        _since = _hub.Time.GetUtcNow();
                        _failures = 0;
                        Log.Healed(_logger);
                    }
                }

                _queue.EndWaits(all: _mode == Mode.Closed);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Refused(string reason)
    {
        bool wasDegraded;
        lock (_gate)
        {
            wasDegraded = _mode == Mode.Degraded;
            _reason = reason;
            PutOffLocked();
        }

        if (!wasDegraded)
        {
            Degrade(reason);
        }
    }

    private void PutOffLocked()
    {
        _failures++;
        _probeAt = _hub.Time.GetTimestamp() + (long)(_hub.Time.TimestampFrequency * Math.Min(10, Math.Pow(2, Math.Min(_failures, 5) - 1)));
    }

    /// <summary>Goes on without the disk: what waits for it is shown, in order, before anything that follows.</summary>
    private void Degrade(string reason)
    {
        lock (_showGate)
        {
            List<Waiting> waiting;
            lock (_gate)
            {
                if (_mode is Mode.Degraded or Mode.Closed || _abandoned)
                {
                    return;
                }

                _mode = Mode.Degraded;
                _since = _hub.Time.GetUtcNow();
                _reason = reason;
                _generation++;
                _probeAt = Math.Max(_probeAt, _hub.Time.GetTimestamp());
                waiting = [.. _taken.Where(static taken => taken.Log.Stored!.Committed < taken.Entry.Offset)];
            }

            Log.Degraded(_logger, reason);
            while (true)
            {
                for (var i = 0; i < waiting.Count; i++)
                {
                    ShowUnstored(waiting, i);
                }

                lock (_gate)
                {
                    waiting.ForEach(_queue.Settle);
                    if (_queue.Count == 0)
                    {
                        _queue.OldestSince = 0;
                        _queue.EndWaits(all: _mode == Mode.Closed);
                        Monitor.PulseAll(_gate);
                        return;
                    }

                    waiting = [];
                    _queue.Take(ref waiting);
                }
            }
        }
    }

    private void ShowUnstored(List<Waiting> all, int at)
    {
        var waiting = all[at];
        if (waiting.IsShown)
        {
            lock (_gate)
            {
                CountUnstoredLocked(waiting.Log, waiting.Entry);
            }
        }
        else if (waiting.Log.IsRetired)
        {
            // it went over to another epoch with the first of its log
        }
        else if (waiting.Entry.Offset <= waiting.Log.Stored!.Mark)
        {
            waiting.Log.Append(waiting.Entry, waiting.Touched);
            _hub.Show(waiting.Log, waiting.Entry);
            lock (_gate)
            {
                CountUnstoredLocked(waiting.Log, waiting.Entry);
            }
        }
        else
        {
            // It has an offset that was not reserved and that no one has seen: it is shown under another epoch, before
            // whatever follows it.
            var first = new List<Publication>();
            lock (_gate)
            {
                waiting.Log.Retire(); // from here on nothing of it is queued
                first.AddRange(all.Skip(at).Concat(_queue.Entries).Where(other => other.Log == waiting.Log && !other.IsShown).Select(static other => other.Entry));
            }

            _hub.ChangeEpoch(waiting.Log, first);
        }
    }

    /// <summary>The disk is tried: if it takes entries, everything is kept again, behind a gap for what was not.</summary>
    private void Heal()
    {
        _store.Probe();
        Dictionary<ChannelLog, long> due = [];
        lock (_gate)
        {
            foreach (var log in _unstored)
            {
                if (log.Stored!.Mark - log.NextAssigned < _options.ReservedOffsets / 2)
                {
                    due.Add(log, log.NextAssigned + _options.ReservedOffsets);
                }
            }
        }

        Reserve(due.Count > 0 ? due : null);
        lock (_showGate)
        {
            lock (_gate)
            {
                if (_mode != Mode.Degraded)
                {
                    return;
                }

                var now = _hub.Time.GetUtcNow();
                foreach (var unstored in _unstored)
                {
                    var stored = unstored.Stored!;
                    var log = unstored.IsRetired && _hub.TryGet(unstored.Name, out var successor) && successor.Stored == stored ? successor : unstored;
                    if (stored.UnstoredFrom == 0 || log.IsRetired) // one that has no successor yet, or of another epoch: the next says so
                    {
                        continue;
                    }

                    var gap = Publication.OfGap(stored.TakeUnstored(now), _hub.Simulated ? PublicationSource.Simulated : PublicationSource.Derived);
                    if (log.Assign(gap) is not null)
                    {
                        QueueLocked(new Waiting(log, gap, IsShown: false, 0, _hub.Time.GetTimestamp()));
                    }
                    else
                    {
                        stored.Opening = gap; // forgotten at this very moment: its successor begins with it
                    }
                }

                _unstored.Clear();
                _mode = _queue.Count > 0 ? Mode.Healing : Mode.Recording;
                if (_mode == Mode.Recording)
                {
                    _since = now;
                    _failures = 0;
                }
            }
        }

        foreach (var log in _hub.Logs)
        {
            Open(log);
        }

        _hub.ResumeEpochs();
    }

    private void OpenLocked(ChannelLog log)
    {
        var opening = log.Stored!.Opening!;
        if (log.Assign(opening) is not null)
        {
            QueueLocked(new Waiting(log, opening, IsShown: false, 0, _hub.Time.GetTimestamp()));
            log.Stored.Opening = null; // in this order: who looks without the lock sees one of the two
        }
    }

    private void QueueLocked(in Waiting waiting)
    {
        _queue.Add(waiting);
        if (_queue.Count == 1)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void CountUnstoredLocked(ChannelLog log, Publication entry)
    {
        log.Stored!.CountUnstored(entry);
        _unstored.Add(log);
        _unstoredCount++;
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "Recording is degraded: {Reason}. The stream goes on; what is shown from now on cannot be recovered later. It is tried again until the disk takes entries.", EventName = "RecordingDegraded")]
        public static partial void Degraded(ILogger logger, string reason);

        [LoggerMessage(31, LogLevel.Warning, "Recording goes on: the disk takes entries again. A gap entry in each channel stands for what was not kept.", EventName = "RecordingHealed")]
        public static partial void Healed(ILogger logger);

        [LoggerMessage(32, LogLevel.Error, "Recording failed because of a fault of ours.", EventName = "RecordingFailed")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(33, LogLevel.Error, "The recording could not be closed in order: {Reason} After the next start each channel goes on behind a gap entry.", EventName = "RecordingNotClosed")]
        public static partial void NotClosed(ILogger logger, string reason);
    }
}
