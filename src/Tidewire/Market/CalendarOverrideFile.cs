using System.Globalization;
using System.Text.Json;

namespace Tidewire.Market;

/// <summary>
/// Reads overrides: <c>{"overrides":[{"date":"2025-01-09","closed":true,"reason":"…"}]}</c>, or <c>"close":"13:00"</c>
/// in place of <c>"closed":true</c>.
/// </summary>
internal static class CalendarOverrideFile
{
    private static readonly string[] Fields = ["date", "closed", "close", "reason"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read; the message names the file, the override and the field.</exception>
    public static IReadOnlyList<CalendarOverride> Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return Read(stream, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The exchange calendar '{file}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="stream">UTF-8 JSON.</param>
    /// <param name="file">What to call it in a message.</param>
    public static IReadOnlyList<CalendarOverride> Read(Stream stream, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("overrides", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException($"{file}: 'overrides' must be a list: {{\"overrides\":[…]}}.");
            }

            return Checked([.. list.EnumerateArray().Select((element, index) => ReadOne(element, $"{file}: override {index + 1}"))], file);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The exchange calendar '{file}' is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Gives the overrides back when each can be.</summary>
    /// <param name="overrides">The overrides of one source.</param>
    /// <param name="source">What to call the source in a message.</param>
    /// <exception cref="InvalidDataException">One cannot be; the message names the source, the override and the field.</exception>
    public static IReadOnlyList<CalendarOverride> Checked(IReadOnlyList<CalendarOverride> overrides, string source)
    {
        var dates = new HashSet<DateOnly>();
        for (var index = 0; index < overrides.Count; index++)
        {
            var (date, close, reason) = overrides[index];
            InvalidDataException Bad(string field, string why) => new(string.Create(
                CultureInfo.InvariantCulture, $"{source}: override {index + 1} ({date:yyyy-MM-dd}): '{field}' {why}."));
            if (date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
            {
                throw Bad("date", $"is a {date.DayOfWeek}; the exchange never trades on weekends");
            }

            if (!dates.Add(date))
            {
                throw Bad("date", "is there twice");
            }

            if (close <= MarketCalendar.RegularOpen || close > MarketCalendar.RegularClose)
            {
                throw Bad("close", "must be after 09:30 and at most 16:00");
            }

            if (string.IsNullOrWhiteSpace(reason))
            {
                throw Bad("reason", "must say why in a few words");
            }
        }

        return overrides;
    }

    private static CalendarOverride ReadOne(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{where} must be an object with 'date', 'reason', and 'closed' or 'close'.");
        }

        string? Text(string field) => element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        InvalidDataException Bad(string field, string why) => new($"{where}: '{field}' {why}.");
        if (!DateOnly.TryParseExact(Text("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            throw Bad("date", "must be a date such as \"2025-01-09\"");
        }

        where += $" ({Text("date")})";
        foreach (var field in element.EnumerateObject())
        {
            if (!Fields.Contains(field.Name))
            {
                throw Bad(field.Name, $"is not known; allowed: {string.Join(", ", Fields)}");
            }
        }

        var hasClose = element.TryGetProperty("close", out _);
        if (element.TryGetProperty("closed", out var closed) == hasClose)
        {
            throw Bad("closed", "or 'close' must be there, and not both");
        }

        var close = default(TimeOnly);
        if (!hasClose && closed.ValueKind != JsonValueKind.True)
        {
            throw Bad("closed", "must be true; give \"close\":\"16:00\" for a full day");
        }

        if (hasClose && !TimeOnly.TryParseExact(Text("close"), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out close))
        {
            throw Bad("close", "must be a time in New York such as \"13:00\"");
        }

        return new(date, hasClose ? close : null, Text("reason") ?? string.Empty);
    }
}
