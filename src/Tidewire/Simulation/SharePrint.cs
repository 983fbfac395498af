namespace Tidewire.Simulation;

/// <summary>One trade of shares as the tape printed it.</summary>
internal readonly record struct SharePrint
{
    public required SimulatedTicker Ticker { get; init; }

    /// <summary>Whether it was made off the exchanges.</summary>
    public required bool OffLit { get; init; }

    /// <summary>When it was printed, in milliseconds since the Unix epoch.</summary>
    public required long At { get; init; }

    /// <summary>Shares.</summary>
    public required int Size { get; init; }

    /// <summary>The day's shares, this print included.</summary>
    public required long Volume { get; init; }

    /// <summary>Price of the last trade that moved it, in units of 0.0001 USD.</summary>
    public required long Underlying { get; init; }

    /// <summary>Random bits from which everything else about it follows.</summary>
    public required ulong Detail { get; init; }
}

/// <summary>What is traded of a ticker's shares until its next price.</summary>
/// <param name="From">When it had its last price, in ticks.</param>
/// <param name="To">When it has its next.</param>
/// <param name="Shares">Shares traded in between, the block not among them.</param>
/// <param name="Block">Shares of a block traded off the exchanges; mostly none.</param>
/// <param name="Seed">From which the single prints follow.</param>
internal readonly record struct SharesAhead(long From, long To, long Shares, int Block, ulong Seed);
