using System.Globalization;
using System.Text;

namespace Tidewire.Simulation;

/// <summary>
/// Trades of index futures, 76 a second at rate 1, each at the price of its index and what carrying it to the expiry costs.
/// The trades of a second follow from the seed and the second: they are the same whenever someone begins to look, and
/// when no one does they are not made.
/// </summary>
internal sealed class FuturesTape(MarketSchedule schedule, SimulatedTicker[] tickers, long seed)
{
    /// <summary>Trades per second at rate 1.</summary>
    public const double PerSecond = 76;

    private const long Length = 1_000;
    private const double BlockShare = 0.002;

    // The most traded first; each is twice as busy as the one after.
    private readonly FuturesProduct[] _products = [.. FuturesProduct.All(tickers)];
    private int _watchers;

    /// <summary>Plans the next second.</summary>
    public void Plan() => schedule.AtNext(Length, OccurrenceKind.Futures);

    /// <summary>Counts someone who asks for trades in (1) or out (-1).</summary>
    public void Count(SimulatedFeed feed, int change) => _watchers += feed == SimulatedFeed.Futures ? change : 0;

    /// <summary>A second begins.</summary>
    public void BeginSecond()
    {
        if (_watchers > 0 && _products.Length > 0)
        {
            var second = schedule.Milliseconds / Length;
            Continue(new(SeededRandom.For(seed, string.Create(CultureInfo.InvariantCulture, $"futures {second}")), second));
        }

        Plan();
    }

    /// <summary>The next trade of a second.</summary>
    public void Trade(FuturesSecond second, IMarketTape tape)
    {
        if (_watchers == 0)
        {
            return;
        }

        var random = second.Random;
        var index = 0;
        while (index < _products.Length - 1 && random.Chance(0.5))
        {
            index++;
        }

        var isBlock = random.Chance(BlockShare);
        var size = isBlock ? random.Whole(50, 500) : 1 + (int)random.Exponential(1.4);
        var product = _products[index];
        var quote = product.QuoteAt(schedule.Now);
        tape.Future(new(product, product.ContractAt(SimulatedClock.DateAt(schedule.Now)), quote, size, random.Chance(0.5), isBlock, second.NextId(), schedule.Milliseconds));
        Continue(second);
    }

    private void Continue(FuturesSecond second)
    {
        second.Elapsed += second.Random.Exponential(1 / (PerSecond * schedule.Rate));
        if (second.Elapsed < 1)
        {
            schedule.Agenda.Add(SimulatedClock.FromUnixMilliseconds(second.Number * Length) + SimulatedClock.Seconds(second.Elapsed), new(OccurrenceKind.FuturesTrade, second));
        }
    }
}

/// <summary>The trades of one second, as they come.</summary>
/// <param name="random">A sequence for this second alone.</param>
/// <param name="number">Seconds since the Unix epoch.</param>
internal sealed class FuturesSecond(SeededRandom random, long number)
{
    private const long IdsPerSecond = 1_000_000;

    private long _last;

    public SeededRandom Random => random;

    public long Number => number;

    /// <summary>Seconds from its begin to the next trade.</summary>
    public double Elapsed { get; set; }

    /// <summary>An id above all before it.</summary>
    public long NextId() => (number * IdsPerSecond) + ++_last;
}

/// <summary>A future on an index, or on what a fund follows.</summary>
/// <param name="name">Such as <c>ES</c>.</param>
/// <param name="exchange">Where it trades.</param>
/// <param name="underlying">What its price follows.</param>
/// <param name="multiple">Points of the future per dollar of that.</param>
/// <param name="tick">Smallest step of its price in units of 0.0001.</param>
internal sealed class FuturesProduct(string name, string exchange, SimulatedTicker underlying, int multiple, long tick)
{
    private const double CarryPerYear = 0.03;
    private const double DaysPerYear = 365;

    // Quarterly: March, June, September, December.
    private const string Months = "HMUZ";

    private (DateOnly Date, DateOnly Expiry, FuturesContract Contract) _contract;

    public string Name => name;

    public string Exchange => exchange;

    /// <summary>Those whose underlying is among the tickers, the most traded first.</summary>
    public static IEnumerable<FuturesProduct> All(SimulatedTicker[] tickers)
    {
        (string Name, string Exchange, string Underlying, int Multiple, long Tick)[] known =
            [("ES", "XCME", "SPX", 1, 2_500), ("NQ", "XCME", "NDX", 1, 2_500), ("RTY", "XCME", "IWM", 10, 1_000), ("YM", "XCBT", "DIA", 100, 10_000)];
        foreach (var product in known)
        {
            if (Array.Find(tickers, ticker => ticker.Listing.Symbol == product.Underlying) is { } underlying)
            {
                yield return new(product.Name, product.Exchange, underlying, product.Multiple, product.Tick);
            }
        }
    }

    /// <summary>The contract that expires next, on the third Friday of a quarter's last month.</summary>
    public FuturesContract ContractAt(DateOnly date)
    {
        if (_contract.Date != date)
        {
            var month = new DateOnly(date.Year, (date.Month + 2) / 3 * 3, 1);
            var expiry = ThirdFriday(month) >= date ? ThirdFriday(month) : ThirdFriday(month.AddMonths(3));
            _contract = (date, expiry, new(string.Create(CultureInfo.InvariantCulture, $"{name}{Months[(expiry.Month / 3) - 1]}{expiry.Year % 10}")));
        }

        return _contract.Contract;
    }

    /// <summary>The best bid and offer, in units of 0.0001.</summary>
    public (long Bid, long Ask) QuoteAt(long now)
    {
        var date = SimulatedClock.DateAt(now);
        ContractAt(date);
        var years = (_contract.Expiry.DayNumber - date.DayNumber) / DaysPerYear;
        var bid = (long)(underlying.Underlying * multiple * (1 + (CarryPerYear * years)) / tick) * tick;
        return (bid, bid + tick);
    }

    private static DateOnly ThirdFriday(DateOnly first) => first.AddDays(((DayOfWeek.Friday - first.DayOfWeek + 7) % 7) + 14);
}

/// <summary>A contract.</summary>
/// <param name="Symbol">Such as <c>ESZ6</c>.</param>
internal sealed record FuturesContract(string Symbol)
{
    /// <summary>The symbol as the wire has it.</summary>
    public byte[] Text { get; } = Encoding.ASCII.GetBytes(Symbol);
}

/// <summary>A trade of a future.</summary>
/// <param name="Product">Of which.</param>
/// <param name="Contract">The contract.</param>
/// <param name="Quote">Best bid and offer, in units of 0.0001.</param>
/// <param name="Size">Contracts.</param>
/// <param name="Bought">At the ask; else sold at the bid.</param>
/// <param name="IsBlock">Whether it was arranged off the book.</param>
/// <param name="Id">Rises from trade to trade.</param>
/// <param name="At">Milliseconds since the Unix epoch.</param>
internal readonly record struct FuturesTrade(FuturesProduct Product, FuturesContract Contract, (long Bid, long Ask) Quote, int Size, bool Bought, bool IsBlock, long Id, long At);
