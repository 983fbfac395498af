namespace Tidewire.Tests.Upstream;

/// <summary>What goes wrong in a simulated day.</summary>
internal sealed record BudgetTroubles
{
    public bool Lies { get; init; }

    public bool Refusals { get; init; }

    public bool Kills { get; init; }

    public bool Restarts { get; init; }

    public bool ClockSteps { get; init; }
}

/// <summary>How a simulated process is about to end.</summary>
internal enum Death
{
    None,
    Kill,
    InOrder,
}
