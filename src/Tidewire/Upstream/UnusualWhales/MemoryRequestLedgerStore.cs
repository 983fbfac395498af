namespace Tidewire.Upstream.UnusualWhales;

/// <summary>A ledger that is forgotten with the process: for a provider that is forgotten with it too, the simulated one.</summary>
public sealed class MemoryRequestLedgerStore : IRequestLedgerStore
{
    private RequestLedger? _ledger;

    /// <inheritdoc/>
    public ValueTask<LedgerReading> ReadAsync(CancellationToken cancellation)
        => ValueTask.FromResult(_ledger is { } ledger ? new LedgerReading(LedgerReadingKind.Found, ledger) : new LedgerReading(LedgerReadingKind.None));

    /// <inheritdoc/>
    public ValueTask WriteAsync(RequestLedger ledger, CancellationToken cancellation)
    {
        _ledger = ledger;
        return ValueTask.CompletedTask;
    }
}
