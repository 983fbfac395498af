using System.Diagnostics.CodeAnalysis;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A real store on a disk that refuses, or stands still, when a test says so.</summary>
/// <param name="store">The real one.</param>
[SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "A thread may still wait on it.")]
internal sealed class FaultyStore(ILogStore store) : ILogStore
{
    private readonly ManualResetEventSlim _goes = new(initialState: true);
    private readonly ManualResetEventSlim _reads = new(initialState: true);
    private readonly SemaphoreSlim _blocked = new(0);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public volatile bool Refuses;
    public volatile bool BlocksBytes;
    public volatile bool NeverAnswers;
    public volatile bool BlocksCommits;
    public volatile string? BlocksReadsOf;
    public long BlocksReadsFrom;

    public string Epoch => store.Epoch;

    public bool WasClosed => store.WasClosed;

    public long FormerLives => store.FormerLives;

    public IReadOnlyList<StoredChannel> Channels => store.Channels;

    public IReadOnlyList<OffsetReservation>? Closed { get; private set; }

    public int PagesRead { get; private set; }

    public long Bytes
    {
        get
        {
            if (BlocksBytes)
            {
                BlocksBytes = false;
                _goes.Reset();
                Wait();
            }

            return store.Bytes;
        }
    }

    public void Blocks() => _goes.Reset();

    public void Goes() => _goes.Set();

    /// <summary>From now on no read returns.</summary>
    public void BlocksReads() => _reads.Reset();

    public void Reads() => _reads.Set();

    /// <summary>Waits until it is let go of for good.</summary>
    public Task GoneAsync() => _gone.Task.WaitAsync(LogFaultTest.Bound);

    public async Task BlockedAsync() => Assert.True(await _blocked.WaitAsync(LogFaultTest.Bound));

    public void Reserve(IReadOnlyList<OffsetReservation> reservations)
    {
        Write();
        store.Reserve(reservations);
    }

    public void Commit(IReadOnlyList<LoggedEntry> entries)
    {
        if (BlocksCommits)
        {
            BlocksCommits = false;
            _goes.Reset();
        }

        Write();
        store.Commit(entries);
    }

    public void Probe()
    {
        Write();
        store.Probe();
    }

    public IReadOnlyList<Publication> Read(string channel, long from, long below, int most, int mostBytes)
    {
        WaitToRead();
        PagesRead++; // by one thread
        var read = store.Read(channel, from, below, most, mostBytes);
        if (BlocksReadsOf == channel && from >= BlocksReadsFrom)
        {
            BlocksReadsOf = null;
            _goes.Reset();
            Wait();
        }

        return read;
    }

    public long? OffsetBack(string channel, long below, int count)
    {
        WaitToRead();
        return store.OffsetBack(channel, below, count);
    }

    public long? FirstOffset(string channel) => store.FirstOffset(channel);

    public void Close(IReadOnlyList<OffsetReservation> tails)
    {
        Closed = tails;
        Write();
        store.Close(tails);
    }

    public void Dispose()
    {
        if (NeverAnswers)
        {
            Wait();
        }

        _goes.Set();
        _reads.Set();
        store.Dispose();
        _gone.TrySetResult();
    }

    private void Write()
    {
        Wait();
        if (Refuses)
        {
            throw new LogStoreException("The disk is full.");
        }
    }

    private void WaitToRead()
    {
        if (!_reads.IsSet)
        {
            _blocked.Release();
            _reads.Wait();
        }
    }

    private void Wait()
    {
        if (!_goes.IsSet)
        {
            _blocked.Release();
            _goes.Wait();
        }
    }
}
