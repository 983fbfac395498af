namespace Tidewire.Fanout;

/// <summary>
/// Entries on their way to the store, counted from when they come until they are settled: shown, and kept or known not to
/// be. Guarded by its <see cref="GroupCommit"/>.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class CommitQueue(TimeProvider time)
{
    private readonly List<(long After, TaskCompletionSource Done)> _settling = [];
    private List<Waiting> _entries = [];
    private long _come;
    private long _settled;

    /// <summary>Those that no one has taken.</summary>
    public IReadOnlyList<Waiting> Entries => _entries;

    public int Count => _entries.Count;

    /// <summary>Bytes of all that are not settled.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries that are not settled and not shown.</summary>
    public int Pending { get; private set; }

    /// <summary>Since when the oldest waits; 0 when none does.</summary>
    public long OldestSince { get; set; }

    public void Add(in Waiting waiting)
    {
        if (!waiting.IsShown)
        {
            waiting.Log.Stored!.Pending++;
            Pending++;
        }

        _entries.Add(waiting);
        _come++;
        Bytes += waiting.Bytes;
        if (OldestSince == 0)
        {
            OldestSince = Math.Max(1, time.GetTimestamp());
        }
    }

    /// <summary>Takes all there are; what was taken before and is over is used again.</summary>
    /// <param name="taken">An empty list in, those that waited out.</param>
    public void Take(ref List<Waiting> taken) => (_entries, taken) = (taken, _entries);

    public void Settle(Waiting waiting)
    {
        _settled++;
        Bytes -= waiting.Bytes;
        if (!waiting.IsShown)
        {
            waiting.Log.Stored!.Pending--;
            Pending--;
        }
    }

    /// <summary>Completes once everything that has come so far is settled; ended by <see cref="EndWaits"/>.</summary>
    public Task SettledAsync()
    {
        if (_settled >= _come)
        {
            return Task.CompletedTask;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _settling.Add((_come, done));
        return done.Task;
    }

    /// <summary>Ends the waits whose entries are settled.</summary>
    /// <param name="all">Whether to end the others too: nothing is settled any more.</param>
    public void EndWaits(bool all)
    {
        for (var i = _settling.Count - 1; i >= 0; i--)
        {
            if (_settling[i].After <= _settled || all)
            {
                _settling[i].Done.SetResult();
                _settling.RemoveAt(i);
            }
        }
    }
}

/// <summary>An entry on its way to the store.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Entry">The entry.</param>
/// <param name="IsShown">Whether readers have it already.</param>
/// <param name="Touched">The number of its publication.</param>
/// <param name="Since">Since when it waits; 0 where no one waits for it.</param>
internal readonly record struct Waiting(ChannelLog Log, Publication Entry, bool IsShown, long Touched, long Since)
{
    /// <summary>What it costs while it waits.</summary>
    public long Bytes => Entry.Received.Length + Publication.Overhead;
}
