using System.Globalization;
using System.Text;

namespace Tidewire.Simulation;

/// <summary>A headline.</summary>
/// <param name="Headline">Its text.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Tickers">The tickers it is about; often none.</param>
/// <param name="At">Milliseconds since the Unix epoch.</param>
internal sealed record NewsItem(string Headline, string Source, IReadOnlyList<string> Tickers, long At);

/// <summary>
/// Invents headlines: neutral, about nothing that ever happened, none to two a minute at rate 1. Some name no ticker, some
/// are long, some are not in Latin letters, so that whatever shows them is put to the test.
/// </summary>
internal sealed class Newsroom(MarketSchedule schedule, SimulatedTicker[] tickers, long seed)
{
    private const double LeastGapSeconds = 31;
    private const double MostGapSeconds = 100;

    private static readonly string[] Sources = ["simulated-wire", "simulated-press", "simulated-desk"];

    private static readonly string[] AboutOne =
    [
        "{0} to present at an industry conference next month",
        "{0} names a new head of investor relations",
        "{0} says its annual meeting will be held on the usual date",
        "{0} opens a new office; no figures were given",
        "{0} confirms the date of its next quarterly report",
        "{0} publishes its yearly sustainability report",
        "{0} and a supplier extend an existing agreement by {1} months",
        "{0}：定例の説明会を{1}日後に開催すると発表（シミュレーション）",
        "{0} 宣布将于下月举行例行投资者会议（模拟）",
        "{0}, 정기 설명회 일정 {1}일 뒤로 확정 (시뮬레이션)",
    ];

    private static readonly string[] AboutTwo =
    [
        "{0} and {2} take part in the same trade fair this week",
        "{0}, {2}: both companies keep their published calendars unchanged",
        "A survey of \"most recognised names\" lists {0} next to {2} in place {1}",
    ];

    private static readonly string[] AboutNone =
    [
        "Exchange operators publish their holiday calendar for the coming year",
        "Regulator invites comments on reporting formats; the period ends in {1} days",
        "Statistics office moves its weekly release by {1} minutes",
        "市場関係者、取引時間は通常どおりと確認（シミュレーション）",
        "Transport, weather and energy agencies issue their regular outlooks, which this simulated wire repeats at length and "
            + "without any change: supplies are described as adequate, schedules as kept, temperatures as ordinary for the season, "
            + "and the next outlooks as due in {1} days, at the usual hour, in the usual form, with the usual annexes and tables",
    ];

    private static readonly CompositeFormat[][] Templates = [Parse(AboutOne), Parse(AboutTwo), Parse(AboutNone)];

    private readonly SeededRandom _random = SeededRandom.For(seed, "news");

    /// <summary>Plans the next headline.</summary>
    public void Plan() => schedule.After(_random.Between(LeastGapSeconds, MostGapSeconds) / schedule.Rate, OccurrenceKind.News);

    /// <summary>Publishes a headline, and returns it.</summary>
    public NewsItem Publish(IMarketTape tape)
    {
        var about = _random.NextUnit() switch { < 0.55 => 1, < 0.7 => 2, _ => 0 };
        var first = _random.Whole(0, tickers.Length - 1);
        var second = (first + _random.Whole(1, Math.Max(1, tickers.Length - 1))) % tickers.Length;
        var templates = Templates[(about + 2) % 3];
        var headline = string.Format(
            CultureInfo.InvariantCulture,
            templates[_random.Whole(0, templates.Length - 1)],
            tickers[first].Listing.Symbol,
            _random.Whole(2, 30),
            tickers[second].Listing.Symbol);
        var named = new[] { first, second }.Take(about).Distinct().Select(index => tickers[index].Listing.Symbol);
        var item = new NewsItem(headline, Sources[_random.Whole(0, Sources.Length - 1)], [.. named], schedule.Milliseconds);
        tape.News(item);
        Plan();
        return item;
    }

    private static CompositeFormat[] Parse(string[] texts) => [.. texts.Select(CompositeFormat.Parse)];
}
