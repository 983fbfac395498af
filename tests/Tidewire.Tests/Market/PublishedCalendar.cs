namespace Tidewire.Tests.Market;

/// <summary>
/// The holidays and early closes as the New York Stock Exchange publishes them ("Holidays &amp; Trading Hours", and the
/// yearly announcement "Holiday and Early Closings Calendar": of December 2022 for 2023 to 2025, of December 2025 for
/// 2026 to 2028), and the one closure it added later, on 9 January 2025. Written out, not computed.
/// </summary>
internal static class PublishedCalendar
{
    public static readonly IReadOnlyDictionary<int, string[]> Closures = new Dictionary<int, string[]>
    {
        [2023] = ["01-02", "01-16", "02-20", "04-07", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"],
        [2024] = ["01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"],
        [2025] = ["01-01", "01-09", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04", "09-01", "11-27", "12-25"],
        [2026] = ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"],
        [2027] = ["01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25", "12-24"],
        [2028] = ["01-17", "02-21", "04-14", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"],
    };

    public static readonly IReadOnlyDictionary<int, string[]> EarlyCloses = new Dictionary<int, string[]>
    {
        [2023] = ["07-03", "11-24"],
        [2024] = ["07-03", "11-29", "12-24"],
        [2025] = ["07-03", "11-28", "12-24"],
        [2026] = ["11-27", "12-24"],
        [2027] = ["11-26"],
        [2028] = ["07-03", "11-24"],
    };

    public static TheoryData<int> Years => [.. Closures.Keys];
}
