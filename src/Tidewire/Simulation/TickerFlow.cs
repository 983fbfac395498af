using System.Diagnostics.CodeAnalysis;
using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Net premium and volume of some trades: bought at the ask less sold at the bid. Premium in whole USD.</summary>
internal record struct NetFlow(long CallPremium, long CallVolume, long PutPremium, long PutVolume)
{
    /// <summary>Adds another sum.</summary>
    public void Add(in NetFlow other)
    {
        CallPremium += other.CallPremium;
        CallVolume += other.CallVolume;
        PutPremium += other.PutPremium;
        PutVolume += other.PutVolume;
    }

    /// <summary>Adds a trade.</summary>
    /// <param name="trade">The trade.</param>
    /// <param name="direction">1 bought, -1 sold, 0 neither.</param>
    public void Add(in OptionTrade trade, int direction)
    {
        if (trade.Contract.Type == OptionType.Call)
        {
            CallPremium += direction * trade.Premium;
            CallVolume += direction * trade.Size;
        }
        else
        {
            PutPremium += direction * trade.Premium;
            PutVolume += direction * trade.Size;
        }
    }
}

/// <summary>Flow statistics of some trades. Volumes in contracts.</summary>
internal struct IntervalFlow
{
    public long CallVolume;
    public long CallAsk;
    public long CallBid;
    public long PutVolume;
    public long PutAsk;
    public long PutBid;
    public long Transactions;

    /// <summary>Shares of delta bought less sold.</summary>
    public double Delta;

    /// <summary>USD per point (0.01) of volatility bought less sold.</summary>
    public double Vega;

    /// <summary>The sum with another.</summary>
    public readonly IntervalFlow With(in IntervalFlow other) => new()
    {
        CallVolume = CallVolume + other.CallVolume,
        CallAsk = CallAsk + other.CallAsk,
        CallBid = CallBid + other.CallBid,
        PutVolume = PutVolume + other.PutVolume,
        PutAsk = PutAsk + other.PutAsk,
        PutBid = PutBid + other.PutBid,
        Transactions = Transactions + other.Transactions,
        Delta = Delta + other.Delta,
        Vega = Vega + other.Vega,
    };

    /// <summary>What it has more than another.</summary>
    public readonly IntervalFlow Without(in IntervalFlow other) => new()
    {
        CallVolume = CallVolume - other.CallVolume,
        CallAsk = CallAsk - other.CallAsk,
        CallBid = CallBid - other.CallBid,
        PutVolume = PutVolume - other.PutVolume,
        PutAsk = PutAsk - other.PutAsk,
        PutBid = PutBid - other.PutBid,
        Transactions = Transactions - other.Transactions,
        Delta = Delta - other.Delta,
        Vega = Vega - other.Vega,
    };

    /// <summary>Adds a trade.</summary>
    /// <param name="trade">The trade.</param>
    /// <param name="direction">1 bought, -1 sold, 0 neither.</param>
    public void Add(in OptionTrade trade, int direction)
    {
        Transactions++;
        if (trade.Contract.Type == OptionType.Call)
        {
            CallVolume += trade.Size;
            CallAsk += direction > 0 ? trade.Size : 0;
            CallBid += direction < 0 ? trade.Size : 0;
        }
        else
        {
            PutVolume += trade.Size;
            PutAsk += direction > 0 ? trade.Size : 0;
            PutBid += direction < 0 ? trade.Size : 0;
        }

        if (direction == 0)
        {
            return;
        }

        var shares = direction * trade.Size * GammaExposure.SharesPerContract;
        Delta += shares * trade.Quote.Value.Delta;
        Vega += shares * trade.Quote.Value.Vega;
    }
}

/// <summary>Net flow of all trades, and of those out of the money.</summary>
internal struct NetParts
{
    public NetFlow All;
    public NetFlow OutOfTheMoney;
}

/// <summary>Flow statistics apart by whether the contract was in the money.</summary>
internal struct IntervalParts
{
    public IntervalFlow InTheMoney;
    public IntervalFlow OutOfTheMoney;
}

/// <summary>Sums over spans of time of one length, of which the running one and the one before are kept.</summary>
/// <param name="length">Milliseconds; spans begin at whole multiples since the Unix epoch.</param>
/// <remarks>Not to be copied: it is part of what holds it, since every trade comes by.</remarks>
internal struct SpanSums<T>(long length)
    where T : struct
{
    private readonly long _length = length;
    private T _running;
    private T _before;
    private long _ends;
    private long _beforeEnded;

    /// <summary>The sum of the span that a time is in. Times never go back.</summary>
    [UnscopedRef]
    public ref T At(long milliseconds)
    {
        if (milliseconds >= _ends)
        {
            (_before, _beforeEnded) = (_running, _ends);
            (_running, _ends) = (default, ((milliseconds / _length) + 1) * _length);
        }

        return ref _running;
    }

    /// <summary>The sum of the span that ended at a time, if nothing was added since the end of the one after.</summary>
    public readonly T EndedAt(long milliseconds) => milliseconds == _ends ? _running : milliseconds == _beforeEnded ? _before : default;
}

/// <summary>What the options of one ticker traded in each span that a feed sums up.</summary>
internal sealed class TickerFlow
{
    /// <summary>How long a span of net flow is, in milliseconds.</summary>
    public const long NetLength = 2_000;

    /// <summary>How long an interval of flow statistics is, in milliseconds.</summary>
    public const long IntervalLength = 300_000;

    private SpanSums<NetParts> _net = new(NetLength);
    private SpanSums<IntervalParts> _interval = new(IntervalLength);
    private IntervalFlow _taken;
    private long _takenInterval;

    /// <summary>Adds a trade to the spans in which it was reported.</summary>
    public void Count(in OptionTrade trade)
    {
        var direction = trade.Side switch { TradeSide.Ask => 1, TradeSide.Bid => -1, _ => 0 };
        ref var net = ref _net.At(trade.CreatedAt);
        if (direction != 0)
        {
            net.All.Add(trade, direction);
        }

        ref var parts = ref _interval.At(trade.CreatedAt);
        var strike = trade.Contract.StrikeThousandths * 10L;
        if (trade.Contract.Type == OptionType.Call ? strike > trade.Underlying : strike < trade.Underlying)
        {
            parts.OutOfTheMoney.Add(trade, direction);
            if (direction != 0)
            {
                net.OutOfTheMoney.Add(trade, direction);
            }
        }
        else
        {
            parts.InTheMoney.Add(trade, direction);
        }
    }

    /// <summary>Net flow of the span that ended at a time.</summary>
    public NetParts NetUntil(long milliseconds) => _net.EndedAt(milliseconds);

    /// <summary>Statistics of the trades since this was last called. To be called at the end of a span, which is now.</summary>
    /// <remarks>Taken as a difference, so that it costs a trade nothing.</remarks>
    public IntervalFlow TakeUntil(long milliseconds)
    {
        var interval = ((milliseconds - 1) / IntervalLength * IntervalLength) + IntervalLength;
        var now = IntervalUntil(interval).All;
        var grown = interval == _takenInterval ? now.Without(_taken) : now;
        (_taken, _takenInterval) = (now, interval);
        return grown;
    }

    /// <summary>Statistics of the interval that ended at a time, of all trades and of those out of the money.</summary>
    public (IntervalFlow All, IntervalFlow OutOfTheMoney) IntervalUntil(long milliseconds)
    {
        var parts = _interval.EndedAt(milliseconds);
        return (parts.InTheMoney.With(parts.OutOfTheMoney), parts.OutOfTheMoney);
    }
}
