namespace Tidewire.Upstream.UnusualWhales;

/// <summary>The time of an event.</summary>
/// <param name="Elapsed">Since some moment of this process; never runs backwards. All waits are measured by it.</param>
/// <param name="Wall">What the clock shows; can be set back. Only the day is taken from it.</param>
internal readonly record struct BudgetTime(TimeSpan Elapsed, DateTimeOffset Wall);
