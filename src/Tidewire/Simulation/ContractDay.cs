namespace Tidewire.Simulation;

/// <summary>What a contract has traded today since the market opened. Prices in cents, premiums in whole USD.</summary>
internal sealed class ContractDay
{
    public int Open { get; private set; }

    public int High { get; private set; }

    public int Low { get; private set; } = int.MaxValue;

    public int Close { get; private set; }

    public int Trades { get; private set; }

    public int Size { get; private set; }

    public long Premium { get; private set; }

    public long AskPremium { get; private set; }

    public long BidPremium { get; private set; }

    /// <summary>Contracts traded by intermarket sweeps.</summary>
    public int Sweep { get; private set; }

    /// <summary>Contracts traded on a floor.</summary>
    public int Floor { get; private set; }

    /// <summary>Contracts crossed.</summary>
    public int Cross { get; private set; }

    /// <summary>When the last trade was made, in milliseconds since the Unix epoch.</summary>
    public long LastAt { get; private set; }

    /// <summary>Volatility at the last trade.</summary>
    public double Volatility { get; private set; }

    /// <summary>Adds a trade.</summary>
    public void Add(in OptionTrade trade)
    {
        var (price, premium) = (trade.PriceCents, trade.Premium);
        Open = Trades == 0 ? price : Open;
        High = Math.Max(High, price);
        Low = Math.Min(Low, price);
        Close = price;
        Trades++;
        Size += trade.Size;
        Premium += premium;
        switch (trade.Side)
        {
            case TradeSide.Ask:
                AskPremium += premium;
                break;
            case TradeSide.Bid:
                BidPremium += premium;
                break;
        }

        switch (trade.Code)
        {
            case TradeCode.Isoi:
                Sweep += trade.Size;
                break;
            case TradeCode.Slft or TradeCode.Mlft:
                Floor += trade.Size;
                break;
            case TradeCode.Slcn:
                Cross += trade.Size;
                break;
        }

        LastAt = trade.ExecutedAt;
        Volatility = trade.Quote.Volatility;
    }
}
