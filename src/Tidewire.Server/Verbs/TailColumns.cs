using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tidewire.Server.Verbs;

/// <summary>What a column's colour says.</summary>
internal enum TailColours
{
    None,
    CallOrPut,
    Sign,
    Size,
}

/// <summary>One column: the first of its fields that the payload has.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Width">Characters; negative for figures, which stand to the right.</param>
/// <param name="Fields">Names in the order of preference; none for the whole payload.</param>
/// <param name="Colours">What its colour says.</param>
internal sealed record TailColumn(string Title, int Width, IReadOnlyList<string> Fields, TailColours Colours = TailColours.None)
{
    /// <summary>The text, cut and padded to the column, with a space behind it.</summary>
    public string Fit(string text)
    {
        var width = Math.Abs(Width);
        var cut = text.Length > width ? text[..(width - 1)] + "…" : text;
        return (Width < 0 ? cut.PadLeft(width) : cut.PadRight(width)) + " ";
    }

    public string Read(JsonElement data)
    {
        if (Fields.Count == 0)
        {
            return Safe(data.GetRawText());
        }

        foreach (var field in Fields)
        {
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty(field, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                return Safe(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
            }
        }

        return "";
    }

    public static decimal? Number(JsonElement data, IReadOnlyList<string> fields)
    {
        foreach (var field in fields)
        {
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty(field, out var value)
                && decimal.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>A stranger's text must not steer the terminal.</summary>
    private static string Safe(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            safe.Append(char.IsControl(c) ? ' ' : c);
        }

        return safe.ToString();
    }
}

/// <summary>Which columns a feed is shown with.</summary>
internal static class TailColumns
{
    private static readonly TailColumn Ticker = new("ticker", 7, ["ticker", "symbol", "underlying_symbol"]);
    private static readonly TailColumn Price = new("price", -10, ["price", "close", "last"]);
    private static readonly TailColumn Strike = new("strike", -9, ["strike"]);
    private static readonly TailColumn Kind = new("type", 5, ["option_type", "type"], TailColours.CallOrPut);
    private static readonly TailColumn Expiry = new("expiry", 11, ["expiry", "expires"]);

    private static readonly TailColumn[] FlowAlerts =
        [Ticker, new("contract", 22, ["option_chain"]), Strike, Kind, Expiry, Price, new("premium", -13, ["total_premium", "premium"], TailColours.Size), new("size", -8, ["total_size", "size"]), new("rule", 26, ["rule_name", "alert_rule"])];

    private static readonly TailColumn[] OptionTrades =
        [new("ticker", 7, ["underlying_symbol", "ticker", "symbol"]), new("contract", 22, ["option_symbol", "option_chain"]), Strike, Kind, Expiry, Price, new("size", -7, ["size"]), new("premium", -13, ["premium"], TailColours.Size), new("tags", 30, ["tags"])];

    private static readonly TailColumn[] Prints =
        [new("symbol", 7, ["symbol", "ticker"]), Price, new("size", -9, ["size"]), new("premium", -14, ["premium"], TailColours.Size), new("volume", -12, ["volume"]), new("market", 8, ["market_center", "exchange"])];

    private static readonly TailColumn[] Prices =
        [Ticker, Price, new("change", -9, ["change"], TailColours.Sign), new("%", -8, ["change_percent"], TailColours.Sign), new("volume", -13, ["volume", "vol"]), new("high", -10, ["high"]), new("low", -10, ["low"])];

    private static readonly TailColumn[] News = [new("tickers", 16, ["tickers", "ticker"]), new("source", 14, ["source"]), new("headline", 110, ["headline", "title"])];

    private static readonly TailColumn[] Any = [new("data", 150, [])];

    public static IReadOnlyList<TailColumn> Of(string feed) => feed switch
    {
        "flow-alerts" => FlowAlerts,
        "option_trades" => OptionTrades,
        "off_lit_trades" or "lit_trades" => Prints,
        "price" or "ticker" => Prices,
        "news" => News,
        _ => Any,
    };
}
