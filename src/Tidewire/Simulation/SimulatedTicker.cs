using System.Text;
using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// One ticker of the market: a price that walks around the day's open, what it traded, and its option chain. All but
/// <see cref="Reference"/> belong to the thread that advances the market.
/// </summary>
internal sealed class SimulatedTicker
{
    private const double SessionSeconds = 23_400;
    private const double TradingDays = 252;
    private const double DayShareAtOpening = 0.4;
    private const int SpyTicksPerMinute = 34;
    private const double BlockShare = 0.1;
    private const int LargestBlock = 2_000_000;
    private const double MostBlockPremium = 250e6;

    private readonly long _seed;
    private readonly SeededRandom _walk;
    private readonly Lock _gate = new();
    private readonly double _dayDeviation;
    private readonly double _secondsPerTick;
    private readonly ulong _printSeed;
    private ReferencePrice _reference;
    private DateOnly _date;
    private double _anchor;
    private double _drift;
    private double _dayShare;
    private long _walkedTo;
    private OptionChain? _chain;
    private ShareFacts? _facts;

    /// <summary>Opens a ticker in the middle of a day.</summary>
    /// <param name="listing">What it is.</param>
    /// <param name="rank">Popularity from 1.</param>
    /// <param name="seed">The market's seed.</param>
    /// <param name="now">The market's time in ticks.</param>
    public SimulatedTicker(Listing listing, int rank, long seed, long now)
    {
        Listing = listing;
        RootText = Encoding.ASCII.GetBytes(listing.Root);
        SymbolText = Encoding.ASCII.GetBytes(listing.Symbol);
        _seed = seed;
        _walk = SeededRandom.For(seed, "walk " + listing.Symbol);
        _printSeed = SeededRandom.For(seed, "prints " + listing.Symbol).NextBits();
        _dayDeviation = listing.Volatility / Math.Sqrt(TradingDays);
        Crowd = 26_000 * Math.Pow(rank, -0.75);
        SpreadShare = 0.006 + (0.0006 * rank);

        // The most popular has 34 prices a minute, the least 15.
        _secondsPerTick = 60.0 / SpyTicksPerMinute * Math.Pow(Math.Min(rank, 60), 0.2);
        _dayShare = DayShareAtOpening;
        _walkedTo = now;
        Underlying = (long)(listing.Spot * Math.Exp(0.6 * _dayDeviation * _walk.Normal()) * 100) * 100;
        Open(SimulatedClock.DateAt(now));
        _drift = 0.7 * _dayDeviation * _walk.Normal();
        MoveTo(_anchor * Math.Exp(_drift));
        SharesToday = (long)(listing.DailyVolume * DayShareAtOpening * _walk.LogNormal(1, 0.2));
    }

    public Listing Listing { get; }

    /// <summary>The root of its options as the wire has it.</summary>
    public byte[] RootText { get; }

    /// <summary>Its symbol as the wire has it.</summary>
    public byte[] SymbolText { get; }

    /// <summary>What its options traded in the spans that feeds sum up.</summary>
    public TickerFlow Flow { get; } = new();

    /// <summary>What is kept of it for those who ask afterwards.</summary>
    public TickerPast Past { get; } = new();

    /// <summary>The market's date that it lives in.</summary>
    public DateOnly Date => _date;

    /// <summary>Whether nothing of it is traded at the moment, shares or options.</summary>
    public bool Halted { get; set; }

    /// <summary>Contracts open in a popular contract.</summary>
    public double Crowd { get; }

    /// <summary>Width of the options' quotes as a share of their price.</summary>
    public double SpreadShare { get; }

    /// <summary>Last price in units of 0.0001 USD.</summary>
    public long Underlying { get; private set; }

    /// <summary>Last price in USD.</summary>
    public double Spot => Underlying / 10_000.0;

    /// <summary>Counts the prices; a quote stands for one of them.</summary>
    public long Tick { get; private set; }

    /// <summary>Shares traded today.</summary>
    public long SharesToday { get; private set; }

    /// <summary>The day's prices. May be read from any thread.</summary>
    public ReferencePrice Reference
    {
        get
        {
            lock (_gate)
            {
                return _reference;
            }
        }
    }

    /// <summary>Today's option chain.</summary>
    public OptionChain Chain => _chain ??=
        OptionChain.Make(this, _date, _anchor, _dayShare, SeededRandom.For(_seed, $"chain {Listing.Symbol} {_date.DayNumber}"));

    /// <summary>What is known of its issuer today.</summary>
    public ShareFacts Facts => _facts ??= new(Listing, _date, _anchor, _seed);

    /// <summary>Begins a day: the last price becomes the previous close, volumes start at nothing.</summary>
    public void BeginDay(DateOnly date)
    {
        Past.EndDay(this, SimulatedClock.EndOf(_date));
        _dayShare = 0;
        SharesToday = 0;
        Open(date);
        MoveTo(_anchor);
    }

    /// <summary>What is traded of its shares until the next price.</summary>
    public SharesAhead Ahead { get; private set; }

    /// <summary>Draws when the next price is due, in ticks, and what is traded until then. While it is halted nothing is.</summary>
    public long NextTick(long now, double rate)
    {
        var seconds = _secondsPerTick * _walk.Between(0.6, 1.4);
        var next = now + SimulatedClock.Seconds(seconds / rate);
        if (!Halted)
        {
            var shares = Listing.DailyVolume * seconds / SessionSeconds * _walk.LogNormal(0.8, 0.7);
            var block = _walk.Chance(BlockShare) && shares > 0 ? Math.Min(_walk.Pareto(2_000, 1.05), Math.Min(LargestBlock, MostBlockPremium / Spot)) : 0;
            Ahead = new(now, next, (long)shares, (int)block / 100 * 100, _printSeed + (ulong)Tick);
        }

        return next;
    }

    /// <summary>Moves the price to where the walk is at a time, and trades shares on the way.</summary>
    public void Walk(long now)
    {
        // An Ornstein-Uhlenbeck step, exact for any length of time: as lively as the ticker's volatility from minute to
        // minute, and never far from the open however long the process runs.
        var seconds = Math.Max(0, (now - _walkedTo) / (double)TimeSpan.TicksPerSecond);
        _walkedTo = now;
        var kept = Math.Exp(-seconds / (2 * SessionSeconds));
        _drift = (_drift * kept) + (_dayDeviation * Math.Sqrt(1 - (kept * kept)) * _walk.Normal());
        MoveTo(_anchor * Math.Exp(_drift));
        SharesToday += Ahead.Shares + Ahead.Block;
        Past.Price(Underlying, Ahead.Shares + Ahead.Block, SharesToday, SimulatedClock.ToUnixMilliseconds(now));
    }

    // Whole cents have two places, prices between them four; a division would drop the zeros.
    private static decimal ToDecimal(long tenThousandths)
    {
        var (units, places) = tenThousandths % 100 == 0 ? (tenThousandths / 100, (byte)2) : (tenThousandths, (byte)4);
        return new decimal((int)units, (int)(units >> 32), 0, false, places);
    }

    private void Open(DateOnly date)
    {
        _date = date;
        _chain = null;
        _facts = null;
        _drift = 0;
        var close = Cents(Spot);
        var open = Cents(Spot * Math.Exp(0.35 * _dayDeviation * _walk.Normal()));
        _anchor = open / 10_000.0;
        lock (_gate)
        {
            _reference = new(ToDecimal(close), ToDecimal(open), ToDecimal(open), ToDecimal(open));
        }
    }

    private void MoveTo(double spot)
    {
        // Some trades print between the cents.
        Underlying = _walk.Chance(0.15) ? Math.Max(100, (long)Math.Round(spot * 10_000)) : Cents(spot);
        Tick++;

        // Only this thread writes the reference, so that it may read it without the gate.
        var price = ToDecimal(Underlying);
        if (price > _reference.High || price < _reference.Low)
        {
            lock (_gate)
            {
                _reference = _reference with { High = Math.Max(price, _reference.High), Low = Math.Min(price, _reference.Low) };
            }
        }
    }

    private static long Cents(double price) => Math.Max(1, (long)Math.Round(price * 100)) * 100;
}
