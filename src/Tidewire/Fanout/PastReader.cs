using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Tidewire.Fanout;

/// <summary>
/// The one thread that reads what has left memory. Who asks does not wait for the disk: it is answered when the disk has
/// been read. When one read lasts longer than a limit the disk stands still: then all that wait are answered without it,
/// and those that come after at once, until it answers. Thread-safe.
/// </summary>
internal sealed partial class PastReader : IDisposable
{
    private readonly object _gate = new();
    private readonly LinkedList<Question> _questions = new();
    private readonly TimeSpan _limit;
    private readonly StoreEnding _ending;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _reader;
    private Question? _current;
    private long _readingSince;
    private bool _standsStill;
    private bool _ended;

    /// <summary>Makes one that waits for questions.</summary>
    /// <param name="limit">How long one read may last.</param>
    /// <param name="ending">How long the end may wait for it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public PastReader(TimeSpan limit, StoreEnding ending, TimeProvider time, ILogger logger)
    {
        (_limit, _ending, _time, _logger) = (limit, ending, time, logger);
        _reader = new Thread(ReadAll) { IsBackground = true, Name = "Tidewire recovery" };
        _reader.Start();
    }

    /// <summary>Has something read.</summary>
    /// <param name="read">Reads it and tells who asked; on the reader's thread.</param>
    /// <param name="otherwise">Called instead, or beside it when the read lasts too long, on a thread of the pool: the disk refused or stands still.</param>
    public void Ask(Action read, Action otherwise) => Ask(new Question(read, otherwise), isUrgent: false);

    /// <summary>Has something read.</summary>
    /// <param name="read">Reads it; on the reader's thread.</param>
    /// <param name="otherwise">What is answered when the disk refuses or stands still.</param>
    /// <param name="isUrgent">Whether it goes before those that wait.</param>
    public Task<T> AskAsync<T>(Func<T> read, Func<T> otherwise, bool isUrgent = false)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Ask(new Question(() => answer.TrySetResult(read()), () => answer.TrySetResult(otherwise())), isUrgent);
        return answer.Task;
    }

    /// <summary>On the reader's thread: the disk has answered, and more is to be read for the same question.</summary>
    public void GoesOn()
    {
        lock (_gate)
        {
            if (_readingSince != 0)
            {
                _readingSince = Math.Max(1, _time.GetTimestamp());
            }
        }
    }

    /// <summary>Once a second: answers those that wait for a disk that stands still.</summary>
    public void Sweep(long now)
    {
        List<Question> waiting;
        lock (_gate)
        {
            if (_readingSince == 0 || _standsStill || _time.GetElapsedTime(_readingSince, now) < _limit)
            {
                return;
            }

            _standsStill = true;
            waiting = [_current!, .. _questions];
            _questions.Clear();
        }

        Log.StandsStill(_logger, _limit.TotalSeconds);
        waiting.ForEach(GiveUp);
    }

    public void Dispose()
    {
        List<Question> waiting;
        lock (_gate)
        {
            _ended = true;
            waiting = _current is null ? [.. _questions] : [_current, .. _questions];
            _questions.Clear();
            Monitor.PulseAll(_gate);
        }

        waiting.ForEach(GiveUp);
        _ending.Join(_reader);
    }

    private void Ask(Question question, bool isUrgent)
    {
        lock (_gate)
        {
            if (!_ended && !_standsStill)
            {
                _ = isUrgent ? _questions.AddFirst(question) : _questions.AddLast(question);
                Monitor.Pulse(_gate);
                return;
            }
        }

        GiveUp(question);
    }

    /// <summary>On a thread of the pool: who asks may hold locks that the answer takes in another order.</summary>
    private void GiveUp(Question question) => ThreadPool.UnsafeQueueUserWorkItem(static given => given.Reader.Otherwise(given.Question), (Reader: this, Question: question), preferLocal: false);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "On a thread of the pool: what is told to one costs no other.")]
    private void Otherwise(Question question)
    {
        try
        {
            question.Otherwise();
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, exception);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the thread: what one reader asks for costs no other.")]
    private void ReadAll()
    {
        while (Next() is { } question)
        {
            try
            {
                question.Read();
            }
            catch (Exception exception)
            {
                if (exception is not LogStoreException)
                {
                    Log.Failed(_logger, exception);
                }

                GiveUp(question);
            }
        }
    }

    private Question? Next()
    {
        lock (_gate)
        {
            (_current, _readingSince) = (null, 0);
            if (_standsStill)
            {
                _standsStill = false;
                Log.Answers(_logger);
            }

            while (_questions.Count == 0 && !_ended)
            {
                Monitor.Wait(_gate);
            }

            if (_ended)
            {
                return null;
            }

            _current = _questions.First!.Value;
            _questions.RemoveFirst();
            _readingSince = Math.Max(1, _time.GetTimestamp());
            return _current;
        }
    }

    private sealed record Question(Action Read, Action Otherwise);

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Error, "Reading past entries failed because of a fault of ours.", EventName = "RecoveryFailed")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(41, LogLevel.Error, "Past entries cannot be read: the disk has not answered for {Seconds} s. What is in memory is served without it, until it answers.", EventName = "RecoveryStandsStill")]
        public static partial void StandsStill(ILogger logger, double seconds);

        [LoggerMessage(42, LogLevel.Warning, "Past entries can be read again: the disk answers.", EventName = "RecoveryAnswers")]
        public static partial void Answers(ILogger logger);
    }
}
