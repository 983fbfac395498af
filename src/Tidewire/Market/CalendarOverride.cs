namespace Tidewire.Market;

/// <summary>A day on which the exchange does not follow its rules: a day of mourning, a storm, a holiday that is abolished.</summary>
/// <param name="Date">The weekday in New York.</param>
/// <param name="Close">
/// When the regular session ends, New York time, after 09:30 and at most 16:00; 16:00 makes a full day of what the rules
/// call a holiday or half a day. Null: the exchange stays closed all day.
/// </param>
/// <param name="Reason">Why, in a few words for people.</param>
public sealed record CalendarOverride(DateOnly Date, TimeOnly? Close, string Reason);
