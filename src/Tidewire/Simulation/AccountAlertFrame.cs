using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Writes the payload of <c>custom_alerts</c>: what the account is told over REST too, without the id and the time of that.</summary>
internal static class AccountAlertFrame
{
    private const int MostBytes = 1_024;
    private const int Interval = 5;
    private const long IntervalMilliseconds = Interval * 60_000;

    public static void Write(FrameBuffer to, in AccountAlert alert)
    {
        to.Clear(MostBytes);
        if (alert.Hits is { } hits)
        {
            to.Raw("{\"name\":\"Large repeated hits\",\"noti_type\":\"option_contract_interval\",\"symbol\":\""u8);
            to.Raw(hits.Last.Contract.Symbol);
            to.Raw("\",\"symbol_type\":\"option_chain\",\"tape_time\":\""u8);
            to.Instant(hits.EndTime);
        }
        else if (alert.Halt is { } halt)
        {
            to.Raw("{\"name\":\"Trading halts\",\"noti_type\":\"trading_state\",\"symbol\":\""u8);
            to.Raw(halt.Ticker.SymbolText);
            to.Raw("\",\"symbol_type\":\"stock\",\"tape_time\":\""u8);
            to.Instant(halt.At);
        }

        to.Raw("\",\"user_noti_config_id\":\""u8);
        to.Id(alert.Configuration);
        to.Raw("\",\"user_id\":\""u8);
        to.Id(alert.User);
        to.Raw("\",\"meta\":{"u8);
        if (alert.Hits is { } repeated)
        {
            WriteHits(to, repeated);
        }
        else if (alert.Halt is { } notice)
        {
            WriteHalt(to, notice);
        }

        to.Raw("}}"u8);
    }

    private static void WriteHits(FrameBuffer to, FlowAlert alert)
    {
        var (last, contract) = (alert.Last, alert.Last.Contract);
        var (strike, spot) = (contract.StrikeThousandths * 10L, last.Underlying);
        var away = contract.Type == OptionType.Call ? strike - spot : spot - strike;
        to.Raw("\"ask_volume\":"u8);
        to.Whole(alert.Trades.Where(trade => trade.Side == TradeSide.Ask).Sum(trade => (long)trade.Size));
        to.Raw(",\"avg_fill\":\""u8);
        to.Fixed(alert.PriceCents, 2, 2);
        to.Raw("\",\"bid_volume\":"u8);
        to.Whole(alert.Trades.Where(trade => trade.Side == TradeSide.Bid).Sum(trade => (long)trade.Size));
        to.Raw(",\"close\":\""u8);
        to.Fixed(last.PriceCents, 2, 2);
        to.Raw("\",\"diff\":\""u8);
        to.Digits(Math.Round((double)away / spot, 4));
        to.Raw("\",\"iv_change\":\""u8);
        to.Digits(Math.Round(last.Quote.Volatility - alert.Trades[0].Quote.Volatility, 4));
        to.Raw("\",\"minute\":"u8);
        to.Whole(Interval);
        to.Raw(",\"multi_leg_vol_ratio\":\""u8);
        to.Digits(last.Volume.Total == 0 ? 0 : Math.Round((double)last.Volume.MultiLeg / last.Volume.Total, 4));
        to.Raw("\",\"open_interest\":"u8);
        to.Whole(contract.OpenInterest);
        to.Raw(",\"rounded_tape_time\":"u8);
        to.Whole(alert.EndTime / IntervalMilliseconds * IntervalMilliseconds);
        to.Raw(",\"total_premium\":\""u8);
        to.Whole(alert.TotalPremium);
        to.Raw("\",\"underlying_symbol\":\""u8);
        to.Raw(contract.Ticker.RootText);
        to.Raw("\",\"vol_oi_ratio\":\""u8);
        to.Digits(contract.OpenInterest == 0 ? 0 : Math.Round((double)alert.TotalSize / contract.OpenInterest, 4));
        to.Raw("\",\"volume\":"u8);
        to.Whole(alert.TotalSize);
    }

    private static void WriteHalt(FrameBuffer to, in HaltNotice notice)
    {
        to.Raw("\"avg_vol_30\":\""u8);
        to.Whole(notice.Ticker.Facts.AverageVolume);
        to.Raw("\",\"curr\":\""u8);
        to.Fixed(notice.Price, 4, 2);
        to.Raw("\",\"curr_vol\":"u8);
        to.Whole(notice.Shares);
        to.Raw(",\"prev\":\""u8);
        to.Ascii(notice.PreviousClose.ToString(System.Globalization.CultureInfo.InvariantCulture));
        to.Raw("\",\"reason\":\""u8);
        to.Ascii(notice.Reason);
        to.Raw("\",\"sector\":"u8);
        if (notice.Ticker.Listing.Sector is { } sector)
        {
            to.Raw("\""u8);
            to.Ascii(sector);
            to.Raw("\""u8);
        }
        else
        {
            to.Raw("null"u8);
        }

        to.Raw(notice.Resumed ? ",\"state\":\"trading\""u8 : ",\"state\":\"halted\""u8);
    }
}
