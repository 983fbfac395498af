using System.Text;

namespace Tidewire.Simulation;

/// <summary>Writes the payload of <c>flow-alerts</c>: mostly JSON numbers, totals with a point, bid and ask as strings.</summary>
internal static class FlowAlertFrame
{
    private const int BytesWithoutTrades = 2_048;
    private const int BytesPerTrade = 40;

    // Any id does, as long as a rule keeps its own.
    private static readonly (byte[] Name, Guid Id)[] Rules =
        [.. Enum.GetNames<AlertRuleName>().Select(name => (Encoding.ASCII.GetBytes(name), SeededRandom.For(0, name).Id()))];

    /// <summary>What the provider knows a rule by.</summary>
    public static Guid RuleId(AlertRuleName rule) => Rules[(int)rule].Id;

    public static void Write(FrameBuffer to, FlowAlert alert)
    {
        var last = alert.Last;
        var contract = last.Contract;
        var rule = Rules[(int)alert.Rule];
        to.Clear(BytesWithoutTrades + (alert.Trades.Count * BytesPerTrade));
        to.Raw("{\"rule_id\":\""u8);
        to.Id(rule.Id);
        to.Raw("\",\"rule_name\":\""u8);
        to.Raw(rule.Name);
        to.Raw("\",\"ticker\":\""u8);
        to.Raw(contract.Ticker.RootText);
        to.Raw("\",\"option_chain\":\""u8);
        to.Raw(contract.Symbol);
        to.Raw("\",\"underlying_price\":"u8);
        to.Fixed(last.Underlying, 4, 1);
        to.Raw(",\"volume\":"u8);
        to.Whole(last.Volume.Total);
        to.Raw(",\"total_size\":"u8);
        to.Whole(alert.TotalSize);
        to.Raw(",\"total_premium\":"u8);
        to.Whole(alert.TotalPremium);
        to.Raw(".0,\"total_ask_side_prem\":"u8);
        to.Whole(alert.AskSidePremium);
        to.Raw(".0,\"total_bid_side_prem\":"u8);
        to.Whole(alert.BidSidePremium);
        to.Raw(".0,\"start_time\":"u8);
        to.Whole(alert.StartTime);
        to.Raw(",\"end_time\":"u8);
        to.Whole(alert.EndTime);
        to.Raw(",\"url\":\"\",\"price\":"u8);
        to.Fixed(alert.PriceCents, 2, 1);
        to.Raw(",\"has_multileg\":"u8);
        to.Truth(alert.HasCode(TradeCodes.IsMultiLeg));
        to.Raw(",\"has_sweep\":"u8);
        to.Truth(alert.HasCode(code => code == TradeCode.Isoi));
        to.Raw(",\"has_floor\":"u8);
        to.Truth(alert.HasCode(TradeCodes.IsFloor));
        to.Raw(",\"open_interest\":"u8);
        to.Whole(contract.OpenInterest);
        to.Raw(",\"all_opening_trades\":"u8);
        to.Truth(alert.AllOpening);
        to.Raw(",\"id\":\""u8);
        to.Id(alert.Id);
        to.Raw("\",\"has_singleleg\":"u8);
        to.Truth(alert.HasCode(code => !TradeCodes.IsMultiLeg(code)));
        to.Raw(",\"volume_oi_ratio\":"u8);
        to.Fixed(contract.OpenInterest == 0 ? 0 : last.Volume.Total * 10_000L / contract.OpenInterest, 4, 1);
        WriteTrades(to, alert);
        WriteSets(to, alert);
        to.Raw(",\"bid\":\""u8);
        to.Fixed(last.Quote.BidCents, 2, 1);
        to.Raw("\",\"ask\":\""u8);
        to.Fixed(last.Quote.AskCents, 2, 1);
        to.Raw("\"}"u8);
    }

    private static void WriteTrades(FrameBuffer to, FlowAlert alert)
    {
        to.Raw(",\"trade_ids\":["u8);
        for (var index = 0; index < alert.Trades.Count; index++)
        {
            to.Raw(index == 0 ? "\""u8 : ",\""u8);
            to.Id(alert.Trades[index].Id);
            to.Raw("\""u8);
        }

        to.Raw("],\"trade_count\":"u8);
        to.Whole(alert.Trades.Count);
        to.Raw(",\"expiry_count\":1,\"executed_at\":"u8);
        to.Whole(alert.EndTime);
    }

    private static void WriteSets(FrameBuffer to, FlowAlert alert)
    {
        OptionTradeFrame.WriteSides(to, alert.Last.Volume);
        to.Raw(",\"upstream_condition_details\":["u8);
        var separator = "\""u8;
        for (var code = 0; code < TradeCodes.Count; code++)
        {
            if ((alert.CodeSet & (1 << code)) != 0)
            {
                to.Raw(separator);
                to.Raw(TradeCodes.Name((TradeCode)code));
                to.Raw("\""u8);
                separator = ",\""u8;
            }
        }

        to.Raw("],\"exchanges\":["u8);
        separator = "\""u8;
        for (var exchange = 0; exchange < Exchanges.Count; exchange++)
        {
            if ((alert.ExchangeSet & (1 << exchange)) != 0)
            {
                to.Raw(separator);
                to.Raw(Exchanges.Code(exchange));
                to.Raw("\""u8);
                separator = ",\""u8;
            }
        }

        to.Raw("]"u8);
    }
}
