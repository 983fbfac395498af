using System.Text;
using Tidewire.Market;

namespace Tidewire.Simulation.Rest;

/// <summary>
/// The screener of option contracts: the 500 with the largest volume among those that traded since the market opened.
/// Volumes are the day's; premium, prices and counts of trades are of what was traded since the market opened. What was
/// before (the open interest of yesterday, the close) is invented.
/// </summary>
internal static class ContractScreener
{
    private const int Most = 250;
    private const int Standard = 50;
    private const int Hottest = 500;

    private static readonly (string, string)[] Bounds =
    [
        ("volume", "volume"), ("open_interest", "open_interest"), ("premium", "premium"), ("sweep_volume", "sweep_volume"), ("floor_volume", "floor_volume"),
        ("ask_side_volume", "ask_side_volume"), ("bid_side_volume", "bid_side_volume"), ("underlying_price", "stock_price"), ("close", "close"), ("iv", "iv"),
    ];

    private static readonly string[] Orders =
    [
        "volume", "premium", "open_interest", "ask_side_volume", "bid_side_volume", "mid_volume", "multileg_volume", "sweep_volume", "floor_volume", "cross_volume",
        "trades", "close", "iv", "delta", "gamma", "theta", "vega", "stock_price", "ticker_vol",
    ];

    /// <summary>The contracts that match, the one most traded first.</summary>
    public static RestRows Contracts(RestQuery query, string path)
    {
        var screen = new Screen(query, Bounds, Orders, Most, Standard);
        var tickers = query.Tickers("ticker_symbol");
        var type = query.Choice("type", ["calls", "puts", "Calls", "Puts"]);
        bool Asked(OptionContract contract) =>
            contract.Day is not null && (type is null || type.StartsWith("call", StringComparison.OrdinalIgnoreCase) == (contract.Type == OptionType.Call));
        return (market, to) =>
        {
            // Rows are made of the hottest only: the market stands still meanwhile.
            var asked = market.Listed.Where(ticker => tickers.Count == 0 || tickers.Contains(ticker.Listing.Symbol) || tickers.Contains(ticker.Listing.Root)).ToList();
            var volumes = asked.ToDictionary(ticker => ticker, ticker => ticker.Chain.Contracts.Sum(contract => (long)contract.Volume.Total));
            screen.Write(to, asked.SelectMany(ticker => ticker.Chain.Contracts).Where(Asked)
                .OrderByDescending(contract => contract.Volume.Total).Take(Hottest)
                .Select(contract => RowOf(contract, contract.Day!, volumes[contract.Ticker], market)));
        };
    }

    private static ScreenField[] RowOf(OptionContract contract, ContractDay day, long tickerVolume, SimulatedMarket market)
    {
        var symbol = Encoding.ASCII.GetString(contract.Symbol);
        var (ticker, volume) = (contract.Ticker, contract.Volume);
        var value = contract.ValueAt(market.Now.UtcTicks, out var volatility);
        var hash = SeededRandom.StableHash(symbol);
        return
        [
            ScreenField.Text("option_symbol", symbol),
            ScreenField.Text("ticker_symbol", ticker.Listing.Root),
            ScreenField.Count("volume", volume.Total),
            ScreenField.Count("ask_side_volume", volume.Ask),
            ScreenField.Count("bid_side_volume", volume.Bid),
            ScreenField.Count("mid_volume", volume.Mid),
            ScreenField.Count("no_side_volume", volume.NoSide),
            ScreenField.Count("multileg_volume", volume.MultiLeg),
            ScreenField.Count("stock_multi_leg_volume", volume.StockMultiLeg),
            ScreenField.Count("sweep_volume", day.Sweep),
            ScreenField.Count("floor_volume", day.Floor),
            ScreenField.Count("cross_volume", day.Cross),
            ScreenField.Count("open_interest", contract.OpenInterest),
            ScreenField.Count("prev_oi", (long)(contract.OpenInterest * (0.85 + (hash % 300 / 1_000.0)))),
            ScreenField.Count("days_of_oi_increases", (long)(hash % 5)),
            ScreenField.Fixed("premium", day.Premium * 100, 2, 2),
            ScreenField.Digits("avg_price", (double)day.Premium / day.Size / 100),
            ScreenField.Fixed("open", day.Open, 2, 2),
            ScreenField.Fixed("high", day.High, 2, 2),
            ScreenField.Fixed("low", day.Low, 2, 2),
            ScreenField.Fixed("close", day.Close, 2, 2),
            ScreenField.Fixed("chain_prev_close", day.Open, 2, 2),
            new("last_fill", day.LastAt, to => to.Second("last_fill", day.LastAt)),
            ScreenField.Count("trades", day.Trades),
            ScreenField.Count("total_ask_changes", day.Trades),
            ScreenField.Count("total_bid_changes", day.Trades),
            ScreenField.Digits("iv", volatility),
            ScreenField.Digits("delta", value.Delta),
            ScreenField.Digits("gamma", value.Gamma),
            ScreenField.Digits("theta", value.Theta),
            ScreenField.Digits("vega", value.Vega),
            ScreenField.Fixed("stock_price", ticker.Underlying, 4, 2),
            ScreenField.Count("ticker_vol", tickerVolume),
            ScreenField.Text("sector", ticker.Listing.Sector),
            ScreenField.Text("er_time", "unknown"),
            ScreenField.Date("next_earnings_date", ticker.Facts.NextEarnings),
        ];
    }
}
