using System.Globalization;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>One answer of <see cref="FakeUnusualWhalesRest"/>, in place of the polite one.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="ContentType">Its type.</param>
public sealed record RestScript(int Status, string Body, string ContentType = "application/json")
{
    /// <summary>The refusal of a fourth request at the same time.</summary>
    public static readonly RestScript TooManyInFlight = new(429, """{"message":"You have exceeded 3 concurrent requests"}""");

    /// <summary>The refusal of a request too many in a minute.</summary>
    public static readonly RestScript TooManyInMinute = new(429, """{"message":"Rate limit exceeded, try again later"}""");

    /// <summary>The refusal of a request too many in a day.</summary>
    public static readonly RestScript TooManyInDay = new(429, """{"message":"You have exceeded your daily request limit"}""");

    /// <summary>A refused token.</summary>
    public static readonly RestScript Unauthorized = new(401, """{"message":"Unauthorized"}""");

    /// <summary>A server that fails as the specification shows it.</summary>
    public static readonly RestScript Failure = new(500, "Something went wrong", "text/plain");

    /// <summary>Headers added to or put in place of those of the limits; a null value leaves one out.</summary>
    public IReadOnlyDictionary<string, string?> Headers { get; init; } = new Dictionary<string, string?>();

    /// <summary>How long the answer takes, by the fake's clock.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The connection is cut instead of an answer.</summary>
    public bool Drops { get; init; }

    /// <summary>An ordinary answer.</summary>
    public static RestScript Ok(string body = """{"data":[]}""") => new(200, body);

    /// <summary>The refusal of wrong parameters.</summary>
    public static RestScript Invalid(string message) => new(422, $$"""{"msg":"{{message}}","path":"/","query":"","url":"localhost:4000/"}""");

    /// <summary>The headers of the limits that a truthful answer carries.</summary>
    public static Dictionary<string, string?> TruthOf(VendorCount count, VendorLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        static string Text(double number) => number.ToString("0", CultureInfo.InvariantCulture);
        return new()
        {
            ["x-uw-daily-req-count"] = Text(count.Day),
            ["x-uw-token-req-limit"] = Text(limits.DayLimit),
            ["x-uw-minute-req-counter"] = Text(count.Minute),
            ["x-uw-req-per-minute-remaining"] = Text(Math.Max(0, limits.MinuteLimit - count.Minute)),
            ["x-uw-req-per-minute-reset"] = Text(count.MinuteReset.TotalMilliseconds),
        };
    }

    /// <summary>The same headers, each with a chance of being absent, garbage, negative, huge, or far too small.</summary>
    public static Dictionary<string, string?> LieOf(Dictionary<string, string?> truth, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        string?[] lies = [null, "garbage", "-1", "-9223372036854775808", "99999999999999999999", "1000000000", "0", "1", "", "1e9", "NaN", "12,000"];
        return truth.ToDictionary(header => header.Key, header => random.Next(2) == 0 ? header.Value : lies[random.Next(lies.Length)]);
    }
}
