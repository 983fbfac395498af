using System.ComponentModel.DataAnnotations;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>The provider's REST limits and how close to them we go. Section <c>RequestBudget</c>.</summary>
public sealed class RequestBudgetOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RequestBudget";

    /// <summary>Requests the plan allows in a minute. A lower one told by the provider wins, a higher one does not. Default 120.</summary>
    [Range(1, 1_000_000)]
    public int MinuteLimit { get; set; } = 120;

    /// <summary>Requests the plan allows from one 20:00 New York to the next. A lower one told by the provider wins, a higher one does not. Default 15,000.</summary>
    [Range(1, 100_000_000)]
    public int DailyLimit { get; set; } = 15_000;

    /// <summary>Requests the provider answers at the same time. Default 3.</summary>
    [Range(1, 100)]
    public int InFlightLimit { get; set; } = 3;

    /// <summary>The part of the minute's and of the day's limit that is used at most. Default 0.9.</summary>
    [Range(0.01, 1)]
    public double HardStop { get; set; } = 0.9;

    /// <summary>Requests written down as spent before they are: what a killed process forgets at most. Default 20.</summary>
    [Range(1, 10_000)]
    public int Block { get; set; } = 20;

    /// <summary>The part of the day kept for <see cref="RequestPurpose.Backfill"/> while it can still need it; what it leaves flows on. Default 0.25.</summary>
    [Range(0, 1)]
    public double BackfillShare { get; set; } = 0.25;

    /// <summary>The part kept for <see cref="RequestPurpose.Fallback"/>. Default 0.25.</summary>
    [Range(0, 1)]
    public double FallbackShare { get; set; } = 0.25;

    /// <summary>The part kept for <see cref="RequestPurpose.Poll"/>. Default 0.4.</summary>
    [Range(0, 1)]
    public double PollShare { get; set; } = 0.4;

    /// <summary>The part kept for <see cref="RequestPurpose.History"/>. Default 0.1.</summary>
    [Range(0, 1)]
    public double HistoryShare { get; set; } = 0.1;

    /// <summary>The shortest interval between two rounds of polls while the market is open. Default 5 s; <c>REALTIME_UPDATE_INTERVAL</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The shortest interval at other times. Default 60 s; <c>REALTIME_AFTER_HOURS_INTERVAL</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan AfterHoursInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a whole request may take. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a place stays taken after an answer, because the provider frees it only after its last byte. Default 0.1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan PlaceRest { get; set; } = TimeSpan.FromSeconds(0.1);

    /// <summary>How long beyond <see cref="Timeout"/>, from its sending, the place of a request stays taken that was given up or whose process ended: the provider may still be at work on it. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan GivenUpRest { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after 20:00 New York the new day is spent from, for clocks that differ from the provider's. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ResetGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What cannot be kept, and what to change; null when all is well.</summary>
    public string? Check() => BackfillShare + FallbackShare + PollShare + HistoryShare > 1.000_001
        ? "The shares of RequestBudget add up to more than 1: lower BackfillShare, FallbackShare, PollShare or HistoryShare."
        : MinuteLimit * HardStop < 1 || DailyLimit * HardStop < 1
            ? "RequestBudget leaves no request at all: raise HardStop, MinuteLimit or DailyLimit."
            : null;

    internal double ShareOf(RequestPurpose purpose) => purpose switch
    {
        RequestPurpose.Backfill => BackfillShare,
        RequestPurpose.Fallback => FallbackShare,
        RequestPurpose.Poll => PollShare,
        _ => HistoryShare,
    };
}
