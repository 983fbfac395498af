using System.Globalization;
using System.Text;

namespace Tidewire.Simulation;

/// <summary>Writes rows of the screeners: volumes as numbers, everything else that has a number in it as a string.</summary>
internal static class ScreenerFrames
{
    private const int MostBytes = 1_024;

    /// <summary>Writes a row of <c>contract_screener</c>. What was before today (open interest and its rises) is invented, as it is over REST.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="day">What it traded since the market opened.</param>
    /// <param name="now">The market's time in ticks.</param>
    public static void Write(FrameBuffer to, OptionContract contract, ContractDay day, long now)
    {
        var value = contract.ValueAt(now, out var volatility);
        var hash = SeededRandom.StableHash(Encoding.ASCII.GetString(contract.Symbol));
        to.Clear(MostBytes);
        to.Raw("{\"option_symbol\":\""u8);
        to.Raw(contract.Symbol);
        to.Raw("\",\"volume\":"u8);
        to.Whole(contract.Volume.Total);
        to.Raw(",\"open_interest\":"u8);
        to.Whole(contract.OpenInterest);
        to.Raw(",\"prev_oi\":"u8);
        to.Whole((long)(contract.OpenInterest * (0.85 + (hash % 300 / 1_000.0))));
        to.Raw(",\"premium\":\""u8);
        to.Whole(day.Premium);
        to.Raw(".00\",\"ask_side_volume\":"u8);
        to.Whole(contract.Volume.Ask);
        to.Raw(",\"bid_side_volume\":"u8);
        to.Whole(contract.Volume.Bid);
        to.Raw(",\"iv\":\""u8);
        to.Digits(volatility);
        to.Raw("\",\"delta\":\""u8);
        to.Digits(value.Delta);
        to.Raw("\",\"gamma\":\""u8);
        to.Digits(value.Gamma);
        to.Raw("\",\"theta\":\""u8);
        to.Digits(value.Theta);
        to.Raw("\",\"vega\":\""u8);
        to.Digits(value.Vega);
        to.Raw("\",\"days_of_oi_increases\":"u8);
        to.Whole((long)(hash % 5));
        to.Raw(",\"sweep_volume\":"u8);
        to.Whole(day.Sweep);
        to.Raw("}"u8);
    }

    /// <summary>Writes a row of <c>stock_screener</c>. Nothing of this feed is documented: it has some of the fields of the screener over REST.</summary>
    public static void Write(FrameBuffer to, in StockDay day)
    {
        var ticker = day.Ticker;
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Raw(ticker.SymbolText);
        to.Raw("\",\"close\":\""u8);
        to.Fixed(ticker.Underlying, 4, 2);
        to.Raw("\",\"prev_close\":\""u8);
        to.Ascii(ticker.Reference.PreviousClose.ToString(CultureInfo.InvariantCulture));
        to.Raw("\",\"stock_volume\":"u8);
        to.Whole(ticker.SharesToday);
        to.Raw(",\"call_volume\":"u8);
        to.Whole(day.Calls.Volume);
        to.Raw(",\"put_volume\":"u8);
        to.Whole(day.Puts.Volume);
        to.Raw(",\"call_premium\":\""u8);
        to.Whole(day.Calls.Premium);
        to.Raw("\",\"put_premium\":\""u8);
        to.Whole(day.Puts.Premium);
        to.Raw("\",\"net_call_premium\":\""u8);
        to.Whole(day.Calls.NetPremium);
        to.Raw("\",\"net_put_premium\":\""u8);
        to.Whole(day.Puts.NetPremium);
        to.Raw("\"}"u8);
    }
}
