using System.Globalization;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>A day in which everything is wanted and everything goes wrong; the provider's own count is the judge.</summary>
[Collection(Alone.Name)]
[Trait("Promise", "hostile-day")]
[Trait("Category", "long")]
public sealed class HostileDayTests
{
    /// <summary>20:00 in New York, when the provider's day begins.</summary>
    private static readonly DateTimeOffset Start = new(2026, 11, 18, 20, 0, 0, TimeSpan.FromHours(-5));
    private static readonly DateTimeOffset Close = new(2026, 11, 19, 16, 0, 0, TimeSpan.FromHours(-5));
    private static readonly TimeSpan Length = TimeSpan.FromMinutes((24 * 60) - 1);
    private static readonly string[] Typical = ["off_lit_trades", "gex:T007", "market_movers"];

    [Fact]
    public void Where_nothing_is_killed_the_ledger_is_the_providers_own_count()
    {
        using var day = Make(seed: 1, kills: false);
        day.Run(Length);
        Report("24 h without kills", day);
        foreach (var hour in day.Hours)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"figure: {hour}");
        }

        Kept(day);
        Assert.True(day.Restarts > 5, $"{day.Restarts} restarts");
        Assert.Equal(day.Limits.Day, day.Ledger.Used);
    }

    [Fact]
    public void With_kills_the_ledger_is_never_behind()
    {
        using var day = Make(seed: 2, kills: true);
        day.Run(Length);
        Report("24 h with kills", day);
        Kept(day);
        Assert.True(day.Kills > 5, $"{day.Kills} kills");
        Assert.InRange(day.Ledger.Used - day.Limits.Day, 0, day.Kills * 23); // a block, and what was in flight without having left
    }

    private static HostileDay Make(int seed, bool kills)
    {
        var day = new HostileDay(seed, Start, Wanted(), Typical);
        day.At(6, () => day.Change(SocketMood.Refusing)); // 02:00
        day.At(8, () => day.Change(SocketMood.Up));
        day.At(14.5, () => day.Change(SocketMood.Down)); // 10:30
        day.At(17, () => day.Change(SocketMood.Flapping)); // 13:00
        day.At(18.5, () => day.Change(SocketMood.Up)); // 14:30
        day.At(19, () => day.Change(SocketMood.Up));
        day.At(20.5, () => day.Change(SocketMood.Down));
        day.At(22, () => day.Change(SocketMood.Up));
        day.At(14.75, () => day.Fails = true);
        day.At(15.25, () => day.Fails = false);
        day.At(16, () => day.Drops = true);
        day.At(16.2, () => day.Drops = false);
        var leaves = 0;
        day.Every(TimeSpan.FromMinutes(7), () => day.Leave(Ticker(leaves++ % 500)));
        Trouble(day, 5400, () => day.Restart(kills: false));
        if (kills)
        {
            Trouble(day, 5400, () => day.Restart(kills: true));
        }

        return day;
    }

    /// <summary>Every feed of the catalogue, 500 tickers of three of them, and a few of the rest.</summary>
    private static List<string> Wanted()
    {
        var wanted = new List<string>();
        foreach (var feed in FeedCatalogue.Load().Feeds)
        {
            if (feed.Ticker == TickerUse.None || feed is { Ticker: TickerUse.Optional, Poll: null })
            {
                wanted.Add(feed.Name);
                continue;
            }

            var tickers = feed.Name is "gex" or "price" or "net_flow" ? 500 : 10;
            wanted.AddRange(Enumerable.Range(0, tickers).Select(n => $"{feed.Name}:{Ticker(n)}"));
        }

        return wanted;
    }

    private static string Ticker(int n) => string.Create(CultureInfo.InvariantCulture, $"T{n:000}");

    private static void Trouble(HostileDay day, double everySeconds, Action action) => day.After(day.Seconds(everySeconds * 0.2, everySeconds * 1.8), () =>
    {
        action();
        Trouble(day, everySeconds, action);
    });

    private static void Kept(HostileDay day)
    {
        Assert.Equal(0, day.Limits.Violations);
        Assert.InRange(day.Limits.MostInFlight, 1, 3);
        Assert.InRange(day.Limits.MostInMinute, 1, 108);
        Assert.InRange(day.Limits.MostInDay, 1, 13_500);
        Assert.True(day.LeastAhead >= 0, $"the provider's count was ahead of the ledger by {-day.LeastAhead}");
        Assert.InRange(day.MostJoined, 1, 45);
        Assert.Equal(1, day.MostOpen);
        Assert.Empty(day.Twice);
        Assert.True(day.LastAt >= Close - TimeSpan.FromMinutes(10), $"the last request was at {day.LastAt}");
    }

    private static void Report(string what, HostileDay day)
    {
        var limits = day.Limits;
        var output = TestContext.Current.TestOutputHelper;
        output?.WriteLine(FormattableString.Invariant($"figure: {what}: {day.Channels.Count} channels wanted; {limits.Arrived} requests by the provider's count, {limits.Violations} violations, at most {limits.MostInDay} a day, {limits.MostInMinute} a minute, {limits.MostInFlight} in flight"));
        output?.WriteLine(FormattableString.Invariant($"figure: {what}: ledger {day.Ledger.Used}, provider {limits.Day}, difference {day.Ledger.Used - limits.Day}, ahead by at least {day.LeastAhead}; {day.Restarts} restarts, {day.Kills} kills, {day.Sessions} socket sessions, {day.MostOpen} at a time, at most {day.MostJoined} channels joined"));
        output?.WriteLine(FormattableString.Invariant($"figure: {what}: answers {string.Join(", ", day.Answers.Select(answer => $"{answer.Key}: {answer.Value}"))}; {day.FromRest} event rows from REST, {day.Asked.Count} paths, the most asked {day.Asked.Values.Max()} times, the least {day.Asked.Values.Min()}; twice: {day.Twice.Count}"));
    }
}
