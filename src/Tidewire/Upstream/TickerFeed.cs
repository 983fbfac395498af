using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>Where the day's open, high, low and the previous close of a ticker are known from.</summary>
public interface IReferencePrices
{
    /// <summary>The reference of a ticker, when it is known. Thread-safe; never waits.</summary>
    /// <param name="ticker">The ticker.</param>
    /// <param name="reference">The reference when the answer is true.</param>
    bool TryGetReference(string ticker, out ReferencePrice reference);
}

/// <summary>
/// Derives <c>ticker:T</c> from <c>price:T</c>: <c>{"ticker","price","change","change_percent","volume","high","low","open"}</c>,
/// decimals exact, unknown is null.
/// </summary>
/// <remarks>
/// <c>change = price - previous close</c>, <c>change_percent = 100 x change / previous close</c>, rounded to two places,
/// half away from zero. High and low are those of the reference, widened by every price since it was learned.
/// </remarks>
/// <param name="hub">Where to publish.</param>
/// <param name="catalogue">The feeds.</param>
/// <param name="references">What is known beside the price; null for nothing.</param>
public sealed class TickerFeed(Hub hub, FeedCatalogue catalogue, IReferencePrices? references)
{
    private readonly Feed? _feed = catalogue.TryGet("ticker", out var feed) ? feed : null;
    private readonly ConcurrentDictionary<string, (ReferencePrice Told, ReferencePrice Day)> _ranges = new(StringComparer.Ordinal);

    /// <summary>Publishes what a price means for its ticker, if anyone follows it.</summary>
    /// <param name="price">The channel of the price.</param>
    /// <param name="publication">The price: <c>{"close":"562.82","time":…,"vol":…}</c>, numbers as text or not, or the provider's <c>stock-state</c>.</param>
    public void Derive(ChannelLog price, Publication publication)
    {
        ArgumentNullException.ThrowIfNull(price);
        ArgumentNullException.ThrowIfNull(publication);
        if (_feed is null || price.Feed.Name != _feed.DerivedFrom || price.Name.Symbol is not { } ticker
            || !hub.TryGet(ChannelName.Of(_feed.Name, ticker), out var log) // where the log exists someone may resume in it
            || !TryRead(publication.Payload, out var last, out var volume))
        {
            return;
        }

        hub.Publish(log, Publication.OfPayload(Write(ticker, last, volume), publication.ReceivedAt, PublicationSource.Derived));
    }

    private ReferencePrice Widened(string ticker, ReferencePrice told, decimal last)
    {
        var (from, day) = _ranges.TryGetValue(ticker, out var range) && range.Told == told ? range : (told, told);
        day = day with { High = Math.Max(day.High, last), Low = Math.Min(day.Low, last) };
        _ranges[ticker] = (from, day);
        return day;
    }

    private byte[] Write(string ticker, decimal last, long? volume)
    {
        ReferencePrice? reference = references is not null && references.TryGetReference(ticker, out var known) ? Widened(ticker, known, last) : null;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            void Decimal(string name, decimal? value)
            {
                json.WritePropertyName(name);
                if (value is { } exact)
                {
                    json.WriteRawValue(exact.ToString(CultureInfo.InvariantCulture));
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            var change = last - reference?.PreviousClose;
            json.WriteStartObject();
            json.WriteString("ticker", ticker);
            Decimal("price", last);
            Decimal("change", change);
            Decimal("change_percent", reference is { PreviousClose: > 0 } close
                ? Math.Round(100 * change!.Value / close.PreviousClose, 2, MidpointRounding.AwayFromZero)
                : null);
            if (volume is { } shares)
            {
                json.WriteNumber("volume", shares);
            }
            else
            {
                json.WriteNull("volume");
            }

            Decimal("high", reference?.High);
            Decimal("low", reference?.Low);
            Decimal("open", reference?.Open);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Far above any price, far below where decimal arithmetic overflows.</summary>
    private const decimal MaxPrice = 1_000_000_000_000m;

    private static bool TryRead(ReadOnlySpan<byte> payload, out decimal last, out long? volume)
    {
        var json = new Utf8JsonReader(payload);
        var found = false;
        last = 0;
        volume = null;
        while (json.Read())
        {
            if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.ValueIsEscaped)
            {
                continue; // neither name is ever written with an escape, and an escape may be no character
            }

            if (json.ValueTextEquals("close"u8))
            {
                json.Read();
                found = json.TokenType is JsonTokenType.String or JsonTokenType.Number
                    && decimal.TryParse(Encoding.UTF8.GetString(json.ValueSpan), NumberStyles.Float, CultureInfo.InvariantCulture, out last)
                    && Math.Abs(last) <= MaxPrice;
            }
            else if (json.ValueTextEquals("vol"u8) || json.ValueTextEquals("total_volume"u8)) // as the socket, and as REST spells the day's
            {
                json.Read();
                volume = json.TokenType is JsonTokenType.String or JsonTokenType.Number
                    && Utf8Parser.TryParse(json.ValueSpan, out long shares, out var used) && used == json.ValueSpan.Length ? shares : null;
            }
        }

        return found;
    }
}
