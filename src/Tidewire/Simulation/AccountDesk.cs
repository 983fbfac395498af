namespace Tidewire.Simulation;

/// <summary>
/// The alerts of the simulated account: it has asked to be told of halts, and of repeated hits of 250,000 USD or more.
/// </summary>
internal sealed class AccountDesk(long seed)
{
    private const long LeastPremium = 250_000;

    private readonly Guid _user = SeededRandom.For(seed, "own user").Id();
    private readonly Guid _hits = SeededRandom.For(seed, "own hits").Id();
    private readonly Guid _halts = SeededRandom.For(seed, "own halts").Id();

    /// <summary>A flow alert was published.</summary>
    public void Take(FlowAlert alert, IMarketTape tape)
    {
        if (alert.TotalPremium >= LeastPremium)
        {
            tape.AccountAlert(new(_user, _hits, alert, null));
        }
    }

    /// <summary>A ticker was halted or trades again. Returns the notice.</summary>
    public HaltNotice Take(HaltNotice notice, IMarketTape tape)
    {
        tape.AccountAlert(new(_user, _halts, null, notice));
        return notice;
    }
}

/// <summary>What an account asked to be told of: repeated hits or a halt.</summary>
/// <param name="User">The account.</param>
/// <param name="Configuration">What it asked for.</param>
/// <param name="Hits">The hits; null for a halt.</param>
/// <param name="Halt">The halt or resume; null for hits.</param>
internal readonly record struct AccountAlert(Guid User, Guid Configuration, FlowAlert? Hits, HaltNotice? Halt);
