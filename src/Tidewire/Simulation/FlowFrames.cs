namespace Tidewire.Simulation;

/// <summary>Writes the payloads of the feeds that sum up option trades: premiums as strings, volumes as numbers.</summary>
internal static class FlowFrames
{
    private const int MostBytes = 1_024;

    /// <summary>Writes the payload of <c>market_tide</c>. Net volume is that of calls less that of puts.</summary>
    public static void WriteTide(FrameBuffer to, in NetFlow sum, long ended)
    {
        to.Clear(MostBytes);
        to.Raw("{\"timestamp\":\""u8);
        to.Instant(ended);
        to.Raw("\",\"net_call_premium\":\""u8);
        to.Whole(sum.CallPremium);
        to.Raw(".0\",\"net_put_premium\":\""u8);
        to.Whole(sum.PutPremium);
        to.Raw(".0\",\"net_volume\":"u8);
        to.Whole(sum.CallVolume - sum.PutVolume);
        to.Raw("}"u8);
    }

    /// <summary>Writes the payload of <c>net_flow</c>.</summary>
    public static void WriteNet(FrameBuffer to, string symbol, in NetFlow sum, long ended)
    {
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Ascii(symbol);
        to.Raw("\",\"net_call_prem\":\""u8);
        to.Whole(sum.CallPremium);
        to.Raw(".00\",\"net_call_vol\":"u8);
        to.Whole(sum.CallVolume);
        to.Raw(",\"net_put_prem\":\""u8);
        to.Whole(sum.PutPremium);
        to.Raw(".00\",\"net_put_vol\":"u8);
        to.Whole(sum.PutVolume);
        to.Raw(",\"time\":"u8);
        to.Whole(ended);
        to.Raw("}"u8);
    }

    /// <summary>Writes the payload of <c>interval_flow</c>.</summary>
    public static void WriteInterval(FrameBuffer to, SimulatedTicker ticker, bool outOfTheMoney, in IntervalFlow sum, long ended)
    {
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Raw(ticker.SymbolText);
        to.Raw(outOfTheMoney ? "\",\"interval_type\":\"OtmOnly\",\"tape_time\":\""u8 : "\",\"interval_type\":\"All\",\"tape_time\":\""u8);
        to.Instant(ended);
        to.Raw("\",\"call_vol\":"u8);
        to.Whole(sum.CallVolume);
        to.Raw(",\"put_vol\":"u8);
        to.Whole(sum.PutVolume);
        to.Raw(",\"transactions\":"u8);
        to.Whole(sum.Transactions);
        to.Raw(",\"call_vol_ask_side\":"u8);
        to.Whole(sum.CallAsk);
        to.Raw(",\"call_vol_bid_side\":"u8);
        to.Whole(sum.CallBid);
        to.Raw(",\"put_vol_ask_side\":"u8);
        to.Whole(sum.PutAsk);
        to.Raw(",\"put_vol_bid_side\":"u8);
        to.Whole(sum.PutBid);
        to.Raw(",\"dir_delta_flow\":"u8);
        to.Whole((long)Math.Round(sum.Delta));
        to.Raw(",\"dir_vega_flow\":"u8);
        to.Whole((long)Math.Round(sum.Vega));
        to.Raw("}"u8);
    }
}
