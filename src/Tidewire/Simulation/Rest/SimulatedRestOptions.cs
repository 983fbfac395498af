using System.ComponentModel.DataAnnotations;

namespace Tidewire.Simulation.Rest;

/// <summary>The limits of the simulated REST side; by default those of the provider.</summary>
public sealed class SimulatedRestOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Simulation:Rest";

    /// <summary>Requests answered at the same time. From 1, default 3.</summary>
    [Range(1, 1_000)]
    public int InFlightLimit { get; set; } = 3;

    /// <summary>Requests in a minute of the clock. From 1, default 120.</summary>
    [Range(1, 1_000_000)]
    public int MinuteLimit { get; set; } = 120;

    /// <summary>Requests from one 20:00 New York to the next. From 1, default 15,000.</summary>
    [Range(1, 100_000_000)]
    public int DailyLimit { get; set; } = 15_000;
}
