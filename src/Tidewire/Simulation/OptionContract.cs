using System.Text;
using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>One expiry of a chain.</summary>
/// <param name="Date">The day it expires.</param>
/// <param name="End">When it expires, in ticks.</param>
internal sealed record ChainExpiry(DateOnly Date, long End)
{
    /// <summary>The date as the wire has it.</summary>
    public byte[] Text { get; } = Encoding.ASCII.GetBytes(Date.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>One listed option on one day: its open interest stays, its volume grows.</summary>
internal sealed class OptionContract(SimulatedTicker ticker, ChainExpiry expiry, OptionType type, int strikeThousandths)
{
    private const double RisklessRate = 0.0425;

    private OptionQuote? _quote;
    private long _quotedTick = -1;
    private long _lastExecuted;
    private byte[]? _symbol;

    public SimulatedTicker Ticker => ticker;

    public ChainExpiry Expiry => expiry;

    public OptionType Type => type;

    public int StrikeThousandths => strikeThousandths;

    public double Strike => strikeThousandths / 1000.0;

    public int OpenInterest { get; init; }

    public DayVolume Volume { get; set; }

    /// <summary>What it traded since the market opened; null when that is nothing.</summary>
    public ContractDay? Day { get; private set; }

    /// <summary>The option symbol as the wire has it; made when first asked for, since most contracts never trade.</summary>
    public ReadOnlySpan<byte> Symbol => _symbol ??=
        Encoding.ASCII.GetBytes(new OptionSymbol(ticker.Listing.Root, expiry.Date, type, strikeThousandths).ToString());

    /// <summary>The time of a trade of this contract that is reported now: never before the one reported last.</summary>
    public long ExecutedInOrder(long executed) => _lastExecuted = Math.Max(_lastExecuted, executed);

    /// <summary>Keeps a trade of this contract for those who ask afterwards.</summary>
    public void Keep(in OptionTrade trade)
    {
        (Day ??= new()).Add(trade);
        ticker.Past.Trades.Add(trade);
    }

    /// <summary>The quote at a time. It changes when the underlying ticks.</summary>
    public OptionQuote QuoteAt(long now)
    {
        if (_quote is null || _quotedTick != ticker.Tick)
        {
            _quote = MakeQuote(now);
            _quotedTick = ticker.Tick;
        }

        return _quote;
    }

    /// <summary>Theoretical price and greeks at a time, without touching the quote.</summary>
    public OptionValue ValueAt(long now, out double volatility)
    {
        var years = SimulatedClock.YearsUntil(expiry.End, now);
        volatility = ticker.Listing.Volatility * Smile(years);
        return BlackScholes.Value(type, ticker.Spot, Strike, years, volatility, RisklessRate);
    }

    private OptionQuote MakeQuote(long now)
    {
        var value = ValueAt(now, out var volatility);
        var cents = value.Price * 100;
        var step = ticker.Listing.QuoteStep(value.Price);
        var half = cents * ticker.SpreadShare / 2;
        var bid = Math.Max(0, (int)((cents - half) / step) * step);
        var ask = Math.Max(bid + step, (int)Math.Ceiling((cents + half) / step) * step);
        return new(bid, ask, volatility, value);
    }

    // A skew down and a smile up, in deviations from the money; near expiries smile more.
    private double Smile(double years)
    {
        var volatility = ticker.Listing.Volatility;
        var deviations = Math.Clamp(Math.Log(Strike / ticker.Spot) / (volatility * Math.Sqrt(Math.Max(years, 1 / 365.0))), -4, 4);
        var skew = ticker.Listing.Kind == ListingKind.Stock ? -0.05 : -0.11;
        return 1 + (skew * deviations) + (0.035 * deviations * deviations) + (0.03 / Math.Sqrt((years * 52) + 0.3));
    }
}
