using System.Globalization;

namespace Tidewire.Simulation;

/// <summary>A member of Congress. Invented.</summary>
/// <param name="Name">The name in full.</param>
/// <param name="Reporter">The name as the filing gives it.</param>
/// <param name="Id">What the provider knows the member by.</param>
/// <param name="Chamber"><c>house</c> or <c>senate</c>.</param>
/// <param name="Active">Whether still in office.</param>
internal sealed record CongressMember(string Name, string Reporter, Guid Id, string Chamber, bool Active);

/// <summary>A trade that a member of Congress reported.</summary>
internal sealed record CongressFiling(
    CongressMember Member, string Ticker, DateOnly Traded, DateOnly Filed, string Type, string Amounts, string Issuer, string Notes)
{
    private const int DaysAllowed = 45;

    /// <summary>Whether it was handed in later than the law allows.</summary>
    public bool Late => Filed.DayNumber - Traded.DayNumber > DaysAllowed;

    /// <summary>Whether no reader could tell it from another.</summary>
    public bool IsLike(CongressFiling other) =>
        (Member, Ticker, Traded, Type, Amounts) == (other.Member, other.Ticker, other.Traded, other.Type, other.Amounts);
}

/// <summary>
/// Invents filings of members of Congress: 240 over the six weeks before the market opened, then one every two to five
/// minutes at rate 1. Two in ten are late. Members, amounts and dates are nobody's.
/// </summary>
internal sealed class CongressDesk
{
    private const int MemberCount = 32;
    private const int EarlierCount = 240;
    private const int EarlierDays = 42;
    private const double LeastGapSeconds = 120;
    private const double MostGapSeconds = 300;

    private static readonly string[] GivenNames = ["Ada", "Brook", "Casimir", "Delphine", "Emmett", "Fern", "Gideon", "Hollis", "Imogen", "Jasper", "Linnea", "Marlow"];
    private static readonly string[] FamilyNames = ["Ashgrove", "Brightwater", "Coldbrook", "Dunmarsh", "Eastfold", "Fernhollow", "Greywick", "Highmoor", "Larkfield", "Millrace", "Northgate", "Oakhaven"];
    private static readonly string[] Issuers = ["self", "spouse", "joint", "child", "not-disclosed"];
    private static readonly string[] Amounts =
    [
        "$1,001 - $15,000", "$15,001 - $50,000", "$50,001 - $100,000", "$100,001 - $250,000", "$250,001 - $500,000", "$500,001 - $1,000,000", "$1,000,001 - $5,000,000",
    ];

    private readonly MarketSchedule _schedule;
    private readonly SimulatedTicker[] _tickers;
    private readonly MarketPast _past;
    private readonly SeededRandom _random;
    private readonly CongressMember[] _members;
    private int _number;

    public CongressDesk(MarketSchedule schedule, SimulatedTicker[] tickers, long seed, MarketPast past)
    {
        (_schedule, _past) = (schedule, past);
        _tickers = [.. tickers.Where(ticker => ticker.Listing.Kind != ListingKind.Index)];
        _random = SeededRandom.For(seed, "congress");
        _members = [.. Enumerable.Range(0, MemberCount).Select(Member)];
    }

    /// <summary>Files what was filed before the market opened, and plans the next.</summary>
    public void Begin()
    {
        var today = SimulatedClock.DateAt(_schedule.Now);
        for (var earlier = EarlierCount; earlier > 0; earlier--)
        {
            File(today.AddDays(-1 - (earlier * EarlierDays / EarlierCount)));
        }

        Plan();
    }

    /// <summary>A filing appears.</summary>
    public void Publish()
    {
        File(SimulatedClock.DateAt(_schedule.Now));
        Plan();
    }

    private void Plan() => _schedule.After(_random.Between(LeastGapSeconds, MostGapSeconds) / _schedule.Rate, OccurrenceKind.Filing);

    private void File(DateOnly date)
    {
        // Without a share to trade there is nothing to report.
        if (_tickers.Length == 0)
        {
            return;
        }

        CongressFiling filing;
        do
        {
            filing = Draw(date);
        }
        while (_past.Filings.NewestFirst().Any(filing.IsLike));
        _past.Filings.Add(filing);
    }

    private CongressFiling Draw(DateOnly date)
    {
        var delay = _random.Chance(0.2) ? _random.Whole(46, 150) : Math.Min(45, 2 + (int)_random.Exponential(18));
        var type = _random.NextUnit() switch { < 0.52 => "Buy", < 0.88 => "Sell", < 0.97 => "Sell (partial)", _ => "Exchange" };
        var member = _members[_random.Whole(0, _members.Length - 1)];
        var ticker = _tickers[_random.Whole(0, _tickers.Length - 1)].Listing.Symbol;
        var amounts = Amounts[Math.Min(Amounts.Length - 1, (int)_random.Exponential(1.1))];
        var issuer = Issuers[_random.Whole(0, Issuers.Length - 1)];
        return new(member, ticker, date.AddDays(-delay), date, type, amounts, issuer, string.Create(CultureInfo.InvariantCulture, $"Simulated filing {++_number}"));
    }

    private CongressMember Member(int index)
    {
        // Both lists are walked so that no name comes twice.
        var given = GivenNames[index % GivenNames.Length];
        var family = FamilyNames[(index + (index / GivenNames.Length * 5)) % FamilyNames.Length];
        return new($"{given} {family}", $"{given[0]}. {family}", _random.Id(), _random.Chance(0.75) ? "house" : "senate", _random.Chance(0.92));
    }
}
