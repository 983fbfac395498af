using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Tidewire.Market;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The day's open, high, low and the previous close of tickers, from the provider's <c>stock-state</c>: asked for once a
/// ticker and session, and whenever <c>price</c> is polled anyway. Thread-safe.
/// </summary>
/// <param name="calendar">Tells one session from the next.</param>
/// <param name="time">The clock.</param>
public sealed class StockStates(MarketCalendar calendar, TimeProvider time) : IReferencePrices
{
    private readonly ConcurrentDictionary<string, (ReferencePrice Prices, string Session)> _known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool TryGetReference(string ticker, out ReferencePrice reference)
    {
        var found = _known.TryGetValue(ticker, out var known) && known.Session == SessionNow();
        reference = found ? known.Prices : default;
        return found;
    }

    /// <summary>Whether the provider has not been asked since the session began.</summary>
    internal bool IsWanted(string ticker) => !_known.TryGetValue(ticker, out var known) || known.Session != SessionNow();

    /// <summary>Takes an answer: <c>{"open":"56.79","high":…,"low":…,"close":…,"prev_close":…,…}</c>, numbers as text or not.</summary>
    /// <param name="ticker">Whose it is.</param>
    /// <param name="payload">The answer's data.</param>
    /// <returns>False when a price is missing or none.</returns>
    internal bool Take(string ticker, ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        var state = document.RootElement;
        if (state.ValueKind != JsonValueKind.Object
            || Price(state, "prev_close") is not { } close || Price(state, "open") is not { } open
            || Price(state, "high") is not { } high || Price(state, "low") is not { } low)
        {
            return false;
        }

        _known[ticker] = (new ReferencePrice(close, open, high, low), SessionNow());
        return true;
    }

    /// <summary>A price with which decimal arithmetic goes well: 100 times any over any other is a number still.</summary>
    private static decimal? Price(JsonElement state, string field)
        => RestRow.Find(state, field) is { } value && RestRow.TextOf(value) is { } text
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var price) && price is >= 0.000_001m and <= 1_000_000_000_000m ? price : null;

    /// <summary>The date, and whether its regular session has begun: before, the open is not known yet.</summary>
    private string SessionNow()
    {
        var now = time.GetUtcNow();
        var date = calendar.NewYorkDate(now);
        return string.Create(CultureInfo.InvariantCulture, $"{date:yyyy-MM-dd} {(calendar.DayOf(date) is { } day && now >= day.Open ? "open" : "before")}");
    }
}
