using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Client.Subscriptions;

/// <summary>
/// What names the state that a publication replaces. No wire tells it, so the server's catalogue is repeated here; a test holds
/// the two together.
/// </summary>
internal static class StateKey
{
    private const char Separator = '\0'; // stands in no JSON text

    private static readonly Dictionary<string, string[]> Fields = new(StringComparer.Ordinal)
    {
        ["gex"] = ["ticker"],
        ["price"] = [],
        ["gex_strike"] = ["ticker", "strike"],
        ["gex_strike_expiry"] = ["ticker", "expiry", "strike"],
        ["interval_flow"] = ["ticker", "interval_type", "tape_time"],
        ["contract_screener"] = ["option_symbol"],
        ["quotes"] = [],
        ["stock_screener"] = ["ticker"],
        ["market_movers"] = [],
        ["market-movers"] = [],
        ["candles"] = ["start_time"],
        ["ticker"] = ["ticker"],
        ["market_status"] = [],
    };

    /// <summary>How to get the key of a channel's publications; null for an event feed, of which nothing is ever merged.</summary>
    public static Func<Publication, string?>? Of(string channel)
    {
        if (!ChannelName.TryParse(channel, out var name) || !Fields.TryGetValue(name.Feed, out var fields))
        {
            return null;
        }

        // Where the channel carries the symbol, all of it has the same.
        byte[][] wanted = [.. fields.Where(field => name.Symbol is null || field != "ticker").Select(Encoding.UTF8.GetBytes)];
        return publication => Of(publication.Payload.Span, wanted);
    }

    /// <summary>The values of the fields at the top of a payload; null when one is not there: such a publication is never merged.</summary>
    private static string? Of(ReadOnlySpan<byte> payload, byte[][] fields)
    {
        var values = new string?[fields.Length];
        var missing = fields.Length;
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 256 });
            if (missing > 0 && !(reader.Read() && reader.TokenType == JsonTokenType.StartObject))
            {
                return null;
            }

            while (missing > 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var at = IndexOf(ref reader, fields);
                reader.Read();
                if (at < 0)
                {
                    reader.Skip();
                    continue;
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return null;
                }

                missing -= values[at] is null ? 1 : 0;
                values[at] = Encoding.UTF8.GetString(payload[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]);
            }
        }
        catch (JsonException)
        {
            return null; // nothing in it says what it replaces
        }

        return missing > 0 ? null : string.Join(Separator, values);
    }

    private static int IndexOf(ref Utf8JsonReader reader, byte[][] fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (reader.ValueTextEquals(fields[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
