namespace Tidewire.Client.Wires;

/// <summary>Ends something when its time is over, or when it is cancelled; tells which.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _either;

    public Deadline(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        _time = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_time.Token, cancellation);
    }

    public CancellationToken Token => _either.Token;

    public bool HasPassed => _time.IsCancellationRequested;

    public void Extend(TimeSpan limit) => _time.CancelAfter(limit);

    public void Dispose()
    {
        _either.Dispose();
        _time.Dispose();
    }
}
