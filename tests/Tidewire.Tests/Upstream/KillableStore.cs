using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>A ledger in memory whose process can be killed, also in the midst of a write, before it or after it has landed.</summary>
/// <param name="killsNow">Asked at each write: 0 goes on, 1 dies before it lands, 2 after.</param>
/// <param name="killed">Told of a death in a write.</param>
internal sealed class KillableStore(Func<int> killsNow, Action killed)
{
    private RequestLedger? _ledger;
    private int _life;

    public IRequestLedgerStore Life => new Incarnation(this, _life);

    public void NextLife() => _life++;

    private sealed class Incarnation(KillableStore store, int life) : IRequestLedgerStore
    {
        private bool _dead;

        public ValueTask<LedgerReading> ReadAsync(CancellationToken cancellation) =>
            ValueTask.FromResult(store._ledger is { } ledger ? new LedgerReading(LedgerReadingKind.Found, ledger) : new LedgerReading(LedgerReadingKind.None));

        public async ValueTask WriteAsync(RequestLedger ledger, CancellationToken cancellation)
        {
            var kills = life != store._life || _dead ? 1 : ledger.Clean ? 0 : store.KillsNow();
            if (kills != 1)
            {
                store._ledger = ledger;
            }

            if (kills != 0)
            {
                if (!_dead && life == store._life)
                {
                    _dead = true;
                    store.Killed();
                }

                await new TaskCompletionSource().Task; // a dead process does nothing more
            }
        }
    }

    private int KillsNow() => killsNow();

    private void Killed() => killed();
}
