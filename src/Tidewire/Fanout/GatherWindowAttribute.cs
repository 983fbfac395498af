using System.ComponentModel.DataAnnotations;

namespace Tidewire.Fanout;

/// <summary>A time that is zero, or long enough to gather anything and too short to be seen.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GatherWindowAttribute : ValidationAttribute
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    public override bool IsValid(object? value) => value is TimeSpan window && (window == TimeSpan.Zero || (window >= Shortest && window <= Longest));

    public override string FormatErrorMessage(string name) => $"The field {name} must be 00:00:00 for no delay, or between 00:00:00.010 and 00:00:00.050.";
}
