namespace Tidewire.Simulation;

/// <summary>What the simulated provider can send.</summary>
internal enum SimulatedFeed
{
    /// <summary>Nothing: acknowledged, as the provider does with channels it does not know, and silent ever after.</summary>
    Silent,

    /// <summary>Flow alerts of the whole market.</summary>
    FlowAlerts,

    /// <summary>Option trades, of one ticker or all.</summary>
    OptionTrades,

    /// <summary>Gamma exposure of one ticker.</summary>
    Exposure,

    /// <summary>Last price of one ticker.</summary>
    Price,

    /// <summary>Gamma exposure of one ticker per strike.</summary>
    ExposureByStrike,

    /// <summary>Gamma exposure of one ticker per strike and expiry.</summary>
    ExposureByExpiry,

    /// <summary>Prints of shares on exchanges.</summary>
    LitPrints,

    /// <summary>Prints of shares off the exchanges.</summary>
    OffLitPrints,

    /// <summary>Headlines.</summary>
    News,

    /// <summary>Halts and resumes.</summary>
    Halts,

    /// <summary>Net premium of the whole market.</summary>
    MarketTide,

    /// <summary>Net premium of one ticker.</summary>
    NetFlow,

    /// <summary>Five-minute flow statistics of every ticker.</summary>
    IntervalFlow,

    /// <summary>The contracts most traded.</summary>
    ContractScreener,

    /// <summary>What the account asked to be told of.</summary>
    AccountAlerts,

    /// <summary>Greeks of an index in snapshots.</summary>
    Periscope,

    /// <summary>Trades of futures, of one contract or all.</summary>
    Futures,

    /// <summary>Best bid and offer of one ticker.</summary>
    Quotes,

    /// <summary>The tickers and what their options did.</summary>
    StockScreener,
}

/// <summary>A form to join, as <c>gex:SPY</c>.</summary>
/// <param name="Text">The form as it was sent.</param>
/// <param name="Feed">What it asks for.</param>
/// <param name="Symbol">Of which ticker; null for the whole market.</param>
/// <param name="Acknowledged">False for the forms that the provider never answers.</param>
internal readonly record struct SimulatedForm(string Text, SimulatedFeed Feed, string? Symbol, bool Acknowledged)
{
    private const int LongestSymbol = 10;

    /// <summary>Reads a form. Anything can be asked for; what is not known is <see cref="SimulatedFeed.Silent"/>.</summary>
    public static SimulatedForm Parse(string form)
    {
        var colon = form.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? form : form[..colon];
        var symbol = colon < 0 ? null : form[(colon + 1)..];
        var feed = (name, symbol) switch
        {
            ("flow-alerts", null) => SimulatedFeed.FlowAlerts,
            ("option_trades", null) => SimulatedFeed.OptionTrades,
            ("option_trades", { } ticker) when IsTicker(ticker) => SimulatedFeed.OptionTrades,
            ("gex", { } ticker) when IsTicker(ticker) => SimulatedFeed.Exposure,
            ("price", { } ticker) when IsTicker(ticker) => SimulatedFeed.Price,
            ("gex_strike", { } ticker) when IsTicker(ticker) => SimulatedFeed.ExposureByStrike,
            ("gex_strike_expiry", { } ticker) when IsTicker(ticker) => SimulatedFeed.ExposureByExpiry,
            ("net_flow", { } ticker) when IsTicker(ticker) => SimulatedFeed.NetFlow,
            ("lit_trades", null) => SimulatedFeed.LitPrints,
            ("off_lit_trades", null) => SimulatedFeed.OffLitPrints,
            ("news", null) => SimulatedFeed.News,
            ("trading_halts", null) => SimulatedFeed.Halts,
            ("market_tide", null) => SimulatedFeed.MarketTide,
            ("interval_flow", null) => SimulatedFeed.IntervalFlow,
            ("contract_screener", null) => SimulatedFeed.ContractScreener,
            ("custom_alerts", null) => SimulatedFeed.AccountAlerts,
            ("periscope", null or PeriscopeBoard.Index) => SimulatedFeed.Periscope,
            ("futures_trades", null) => SimulatedFeed.Futures,
            ("futures", { } contract) when IsTicker(contract) => SimulatedFeed.Futures,
            ("quotes", { } ticker) when IsTicker(ticker) => SimulatedFeed.Quotes,
            ("stock_screener", null) => SimulatedFeed.StockScreener,
            _ => SimulatedFeed.Silent,
        };
        return new(form, feed, feed == SimulatedFeed.Silent ? null : symbol, form is not ("gex" or "gex_strike" or "gex_strike_expiry" or "net_flow" or "price"));
    }

    /// <summary>Whether a text can be a ticker.</summary>
    public static bool IsTicker(string text) =>
        text.Length is > 0 and <= LongestSymbol
        && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_');
}
