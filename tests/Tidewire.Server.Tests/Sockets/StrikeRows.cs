using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>
/// A burst of rows as the provider sends them per strike and expiry: most keys come round after round, some only once, so
/// that a reader that lags has something to merge and something that must not be lost. A row carries its number as a value.
/// </summary>
internal sealed class StrikeRows
{
    public const string Ticker = "SPY";
    private const int Rounds = 4;
    private const int Repeated = 1_000;
    private const int StrikesPerExpiry = 100;

    private static readonly string[] Greeks =
        [.. from side in (string[])["call", "put"] from greek in (string[])["gamma", "charm", "vanna"] from kind in (string[])["oi", "vol", "ask_vol", "bid_vol"] select $"{side}_{greek}_{kind}"];

    private readonly int _once;
    private readonly DateTimeOffset[] _sentAt;

    public StrikeRows(int count)
    {
        Count = count;
        _once = (count - (Rounds * Repeated)) / Rounds;
        _sentAt = new DateTimeOffset[count];
        for (var number = 0; number < count; number++)
        {
            Finals[KeyOf(number)] = number;
        }
    }

    public int Count { get; }

    /// <summary>The number of the last row of each key.</summary>
    public Dictionary<long, int> Finals { get; } = [];

    /// <summary>When each row was handed to the provider's connection.</summary>
    public IReadOnlyList<DateTimeOffset> SentAt => _sentAt;

    /// <summary>The row's JSON.</summary>
    public ReadOnlyMemory<byte> Payload(long number)
    {
        var (expiry, strike) = Place((int)number);
        var day = new DateOnly(2026, 11, 20).AddDays(expiry);
        var row = new StringBuilder(768);
        row.Append(CultureInfo.InvariantCulture, $$"""{"ticker":"{{Ticker}}","expiry":"{{day:yyyy-MM-dd}}","timestamp":{{1_795_185_000_000 + number}},"strike":"{{strike}}","price":"601.{{number % 100:00}}" """);
        row.Length--;
        for (var i = 0; i < Greeks.Length; i++)
        {
            var value = i == 0 ? number.ToString(CultureInfo.InvariantCulture) : $"{(i % 3 == 0 ? "-" : "")}{(number * 7919 * (i + 1)) % 99_991}.{(number + i) % 97:00}";
            row.Append(CultureInfo.InvariantCulture, $",\"{Greeks[i]}\":\"{value}\"");
        }

        _sentAt[number] = TimeProvider.System.GetUtcNow();
        return Encoding.UTF8.GetBytes(row.Append('}').ToString());
    }

    /// <summary>The key and the number in a message of any wire; false for a message without a row.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out long key, out int number)
    {
        key = 0;
        number = 0;
        return Value(message, "\"expiry\":\""u8, out var expiry)
            && Value(message, "\"strike\":\""u8, out var strike)
            && Value(message, "\"call_gamma_oi\":\""u8, out var value)
            && Utf8Parser.TryParse(expiry[..4], out int year, out _) && Utf8Parser.TryParse(expiry[5..7], out int month, out _) && Utf8Parser.TryParse(expiry[8..], out int day, out _)
            && Utf8Parser.TryParse(strike, out int at, out _)
            && Utf8Parser.TryParse(value, out number, out _)
            && (key = Key((year * 10_000) + (month * 100) + day, at)) > 0;
    }

    /// <summary>A number of an envelope that is not a string; 0 when it is not there.</summary>
    public static long Number(ReadOnlySpan<byte> message, ReadOnlySpan<byte> field)
        => message.IndexOf(field) is var at and >= 0 && Utf8Parser.TryParse(message[(at + field.Length)..], out long number, out _) ? number : 0;

    private static bool Value(ReadOnlySpan<byte> message, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        var at = message.IndexOf(field);
        value = at < 0 ? default : message[(at + field.Length)..];
        value = at < 0 ? default : value[..value.IndexOf((byte)'"')];
        return at >= 0;
    }

    private static long Key(int day, int strike) => (day * 100_000L) + strike;

    private long KeyOf(int number)
    {
        var (expiry, strike) = Place(number);
        var day = new DateOnly(2026, 11, 20).AddDays(expiry);
        return Key((day.Year * 10_000) + (day.Month * 100) + day.Day, strike);
    }

    private (int Expiry, int Strike) Place(int number)
    {
        var (round, at) = Math.DivRem(number, Repeated + _once);
        var key = at < Repeated ? at : Repeated + (round * _once) + at - Repeated;
        return (key / StrikesPerExpiry, 550 + (key % StrikesPerExpiry));
    }
}
