namespace Tidewire.Upstream.UnusualWhales;

/// <summary>One consistent view of the budget, for the status.</summary>
public sealed record RequestBudgetSnapshot
{
    /// <summary>Requests of the day that are counted: ours and, as far as the provider tells, others' with the same token.</summary>
    public required long Used { get; init; }

    /// <summary>The day's limit, ours or the provider's, whichever is lower.</summary>
    public required long Limit { get; init; }

    /// <summary>What may still be spent before the day's hard stop; 0 once the provider has refused for the day.</summary>
    public required long Remaining { get; init; }

    /// <summary>Requests that count in the last minute.</summary>
    public required int MinuteUsed { get; init; }

    /// <summary>The minute's limit.</summary>
    public required int MinuteLimit { get; init; }

    /// <summary>Requests that are sent and not answered.</summary>
    public required int InFlight { get; init; }

    /// <summary>When the next day is spent from.</summary>
    public required DateTimeOffset ResetsAt { get; init; }

    /// <summary>When the day's hard stop is reached at the rate of the last minutes; null when it is not before the reset.</summary>
    public DateTimeOffset? ExhaustedAt { get; init; }

    /// <summary>Requests a minute, over the last ten minutes.</summary>
    public double RatePerMinute { get; init; }

    /// <summary>Our own requests of the day, by purpose.</summary>
    public PurposeCounts ByPurpose { get; init; }

    /// <summary>Requests that others with the same token made today, as far as the provider tells.</summary>
    public long Others { get; init; }

    /// <summary>Requests counted after a kill without being known to be made.</summary>
    public long Lost { get; init; }

    /// <summary>Answers that said too many requests were in flight, since the process started.</summary>
    public long RefusedInFlight { get; init; }

    /// <summary>Answers that said the minute's limit was exceeded.</summary>
    public long RefusedMinute { get; init; }

    /// <summary>Answers that said the day's limit was exceeded.</summary>
    public long RefusedDay { get; init; }

    /// <summary>Answers whose headers were impossible and not believed at once.</summary>
    public long ImpossibleHeaders { get; init; }

    /// <summary>No request before this time, by the provider's word; null when there is no such word.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>What is wrong with the ledger's store; null when all is well. Holds no secret.</summary>
    public string? Problem { get; init; }
}
