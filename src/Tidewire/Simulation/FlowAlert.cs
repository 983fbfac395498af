namespace Tidewire.Simulation;

/// <summary>The pattern that made an alert.</summary>
internal enum AlertRuleName
{
    /// <summary>The same contract, again and again.</summary>
    RepeatedHits,

    /// <summary>The same at a price that only rises.</summary>
    RepeatedHitsAscendingFill,

    /// <summary>The same at a price that only falls.</summary>
    RepeatedHitsDescendingFill,
}

/// <summary>An alert about some trades in one contract. Every figure is computed from exactly these trades.</summary>
internal sealed class FlowAlert
{
    /// <param name="id">The alert's id.</param>
    /// <param name="trades">Its trades in order of report; at least one, all of one contract.</param>
    public FlowAlert(Guid id, IReadOnlyList<OptionTrade> trades)
    {
        Id = id;
        Trades = trades;
        StartTime = long.MaxValue;
        AllOpening = true;
        var (rises, falls) = (true, true);
        var before = trades[0].PriceCents;
        foreach (var trade in trades)
        {
            TotalSize += trade.Size;
            TotalPremium += trade.Premium;
            AskSidePremium += trade.Side == TradeSide.Ask ? trade.Premium : 0;
            BidSidePremium += trade.Side == TradeSide.Bid ? trade.Premium : 0;
            StartTime = Math.Min(StartTime, trade.ExecutedAt);
            EndTime = Math.Max(EndTime, trade.ExecutedAt);
            ExchangeSet |= 1 << trade.Exchange;
            CodeSet |= 1 << (int)trade.Code;
            AllOpening &= trade.Size > trade.Contract.OpenInterest;
            rises &= trade.PriceCents >= before;
            falls &= trade.PriceCents <= before;
            before = trade.PriceCents;
        }

        Rule = (rises, falls) switch
        {
            (true, false) => AlertRuleName.RepeatedHitsAscendingFill,
            (false, true) => AlertRuleName.RepeatedHitsDescendingFill,
            _ => AlertRuleName.RepeatedHits,
        };
    }

    public Guid Id { get; }

    public IReadOnlyList<OptionTrade> Trades { get; }

    public OptionTrade Last => Trades[^1];

    public AlertRuleName Rule { get; }

    public long TotalSize { get; }

    /// <summary>Whole USD.</summary>
    public long TotalPremium { get; }

    /// <summary>Whole USD.</summary>
    public long AskSidePremium { get; }

    /// <summary>Whole USD.</summary>
    public long BidSidePremium { get; }

    /// <summary>Execution of the first trade, milliseconds since the Unix epoch.</summary>
    public long StartTime { get; }

    /// <summary>Execution of the last trade, milliseconds since the Unix epoch.</summary>
    public long EndTime { get; }

    /// <summary>A bit per index into <see cref="Exchanges"/>.</summary>
    public int ExchangeSet { get; }

    /// <summary>A bit per <see cref="TradeCode"/>.</summary>
    public int CodeSet { get; }

    /// <summary>Whether each trade was larger than the open interest, so that it must have opened positions.</summary>
    public bool AllOpening { get; }

    /// <summary>Mean price in cents, weighted by size.</summary>
    public long PriceCents => (long)Math.Round((double)TotalPremium / TotalSize);

    /// <summary>Whether a trade came about in one of the given ways.</summary>
    public bool HasCode(Func<TradeCode, bool> kind) => Trades.Any(trade => kind(trade.Code));
}
