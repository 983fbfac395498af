namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The right to send one request, counted from the moment it is given. Say <see cref="Sent"/> before sending and
/// <see cref="Answered"/> after; always dispose. Disposed without having been sent, it goes back to the budget; sent
/// without an answer, it stays spent and its place stays taken for a while. Thread-safe.
/// </summary>
public sealed class RequestLease : IDisposable
{
    private const int Given = 0, InFlight = 1, Over = 2;
    private readonly RequestBudget _budget;
    private int _stage;
    private long _sent;

    internal RequestLease(RequestBudget budget, RequestPurpose purpose)
    {
        _budget = budget;
        Purpose = purpose;
    }

    /// <summary>What it was given for.</summary>
    public RequestPurpose Purpose { get; }

    /// <summary>The request is about to be sent: from here on the provider may count it.</summary>
    /// <exception cref="InvalidOperationException">It was sent before, or is over: a lease is good for one request.</exception>
    public void Sent()
    {
        _sent = _budget.Timestamp();
        if (Interlocked.CompareExchange(ref _stage, InFlight, Given) != Given)
        {
            throw new InvalidOperationException("A lease is good for one request.");
        }
    }

    /// <summary>The request never reached the provider: no connection came about.</summary>
    public void NeverSent()
    {
        if (Interlocked.Exchange(ref _stage, Over) != Over)
        {
            _budget.Returned(Purpose);
        }
    }

    /// <summary>The provider has answered, whatever it was.</summary>
    /// <param name="answer">What it said of its limits.</param>
    public void Answered(VendorAnswer answer)
    {
        if (Interlocked.CompareExchange(ref _stage, Over, InFlight) == InFlight)
        {
            _budget.Answered(Purpose, answer);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        switch (Interlocked.Exchange(ref _stage, Over))
        {
            case Given:
                _budget.Returned(Purpose);
                break;
            case InFlight:
                _budget.GivenUp(Purpose, _sent);
                break;
        }
    }
}
