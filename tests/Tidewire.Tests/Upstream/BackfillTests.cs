using System.Globalization;
using System.Web;
using Tidewire.Fanout;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;

namespace Tidewire.Tests.Upstream;

/// <summary>What the socket missed during a reconnect that is too short for REST to stand in.</summary>
[Collection(nameof(Alone))]
public sealed class BackfillTests
{
    private static string Alert(int n, double at) => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{n}}","ticker":"SPY","option_chain":"SPY{{n}}","total_premium":"{{n}}","total_size":5,"volume":{{n}},"created_at":"{{FanoutWorld.Start.AddSeconds(at):yyyy-MM-dd HH:mm:ss.ffffff}}+00:00","executed_at":{{FanoutWorld.Start.AddSeconds(at).ToUnixTimeMilliseconds()}}}""");

    private static string Print(int n, double at) => string.Create(CultureInfo.InvariantCulture, $$"""{"ticker":"SPY","symbol":"SPY","executed_at":"{{FanoutWorld.Start.AddSeconds(at):O}}","price":"{{n}}","size":1}""");

    [Fact]
    public void Rows_that_were_missed_follow_behind_a_second_gap_of_the_same_times()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 10));
        world.Send("flow-alerts", Alert(2, 10.5));
        Outage(world);
        world.Send("flow-alerts", Alert(5, 14));
        Assert.Equal("gap lost", world.Entries("flow-alerts")[2]); // nothing waits for REST
        world.Rest = _ => RestWorld.Data(Alert(5, 14), Alert(4, 11.5), Alert(3, 11), Alert(2, 10.5), Alert(1, 10));
        world.Pass(10);

        Assert.Equal(
            [$"socket {Alert(1, 10)}", $"socket {Alert(2, 10.5)}", "gap lost", $"socket {Alert(5, 14)}", "gap backfilled", $"rest {Alert(3, 11)}", $"rest {Alert(4, 11.5)}"],
            world.Entries("flow-alerts"));
        var gaps = world.Gaps("flow-alerts");
        Assert.Equal(gaps[0] with { Count = 2, Backfilled = true }, gaps[1]);
        Assert.Equal(GapReason.UpstreamDown, gaps[0].Reason);
        Assert.Equal(1, world.Budget.Snapshot().ByPurpose.Backfill);
        Assert.Equal(1, world.Budget.Snapshot().ByPurpose.Total);
    }

    [Fact]
    public void Ids_that_differ_between_the_two_are_told_by_the_other_fields()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(0, 1));
        world.Send("flow-alerts", Alert(1, 9.5).Replace("\"id\":\"1\"", "\"id\":\"socket\"", StringComparison.Ordinal));
        Outage(world);
        world.Rest = _ => RestWorld.Data(Alert(2, 11), Alert(1, 9.5), Alert(0, 1));
        world.Pass(10);
        Assert.Equal(["gap backfilled", $"rest {Alert(2, 11)}"], world.Entries("flow-alerts").TakeLast(2));
    }

    [Fact]
    public void Where_one_answer_does_not_reach_back_the_rows_follow_and_the_rest_stays_missing()
    {
        using var world = World("off_lit_trades");
        world.Send("off_lit_trades", Print(1, 10));
        Outage(world);
        world.Rest = _ => RestWorld.Data([.. Enumerable.Range(0, 200).Select(static n => Print(500 - n, 12.2 - (n * 0.004)))]);
        world.Pass(10);
        var (first, second) = (world.Gaps("off_lit_trades")[0], world.Gaps("off_lit_trades")[1]);
        Assert.Equal(first with { Count = second.Count }, second); // and so not backfilled
        Assert.InRange(second.Count!.Value, 50, 200);
        Assert.Equal(second.Count, world.Entries("off_lit_trades").Count(static entry => entry.StartsWith("rest ", StringComparison.Ordinal)));
        Assert.Single(world.Asked);
    }

    [Theory]
    [InlineData(900, true, 5)]
    [InlineData(1500, false, 5)]
    [InlineData(300, true, 2)]
    public void Pages_back_are_read_until_they_reach_back(int missed, bool isWhole, int requests)
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(0, 10));
        Outage(world);
        // Several in each instant, also where a page ends.
        var all = Enumerable.Range(0, missed + 1).Select(n => (At: n == 0 ? 10 : 10.3 + (1.2 * (n / 7) / (missed / 7.0)), Row: n)).Select(each => (each.At, Row: Alert(each.Row, each.At))).Reverse().ToArray();
        world.RestOf = address =>
        {
            var older = HttpUtility.ParseQueryString(address.Query)["older_than"];
            var before = older is null ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(older, CultureInfo.InvariantCulture));
            return RestWorld.Data([.. all.Where(each => FanoutWorld.Start.AddSeconds(each.At) < before).Take(200).Select(static each => each.Row)]);
        };
        world.Pass(30);
        Assert.Equal(requests, world.Asked.Count);
        var gap = world.Gaps("flow-alerts")[1];
        var rows = world.Payloads("flow-alerts").Skip(1).ToArray();
        Assert.Equal((isWhole, rows.Length), (gap.Backfilled, (int)gap.Count!.Value));
        Assert.Equal(rows.Distinct(), rows);
        Assert.Equal(all.Reverse().Select(static each => each.Row).Skip(1).TakeLast(rows.Length), rows); // in order, none left out between
        if (isWhole)
        {
            Assert.Equal(missed, rows.Length);
        }
    }

    [Fact]
    public void A_provider_that_does_not_page_is_asked_for_one_page_more_and_no_further()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(0, 10));
        Outage(world);
        world.Rest = _ => RestWorld.Data([.. Enumerable.Range(1, 200).Select(static n => Alert(n, 11.5 - (n * 0.001)))]);
        world.Pass(30);
        Assert.Equal(2, world.Asked.Count);
        Assert.Equal((200L, false), (world.Gaps("flow-alerts")[1].Count, world.Gaps("flow-alerts")[1].Backfilled));
    }

    [Fact]
    public void Where_nothing_was_missed_nothing_more_is_said()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 10));
        Outage(world);
        world.Rest = _ => RestWorld.Data(Alert(1, 10));
        world.Pass(60);
        Assert.Single(world.Asked);
        Assert.Equal([$"socket {Alert(1, 10)}", "gap lost"], world.Entries("flow-alerts"));
    }

    [Fact]
    public void What_was_missed_at_other_times_is_not_of_this_gap()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 0));
        world.Send("flow-alerts", Alert(3, 10));
        Outage(world);
        world.Rest = _ => RestWorld.Data(Alert(5, 17), Alert(4, 11), Alert(3, 10), Alert(2, 5), Alert(1, 0)); // the last two are the socket's, and an old loss
        world.Pass(10);
        Assert.Equal([$"rest {Alert(4, 11)}"], world.Entries("flow-alerts").Where(static entry => entry.StartsWith("rest ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_clock_that_is_a_second_off_loses_nothing()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 5));
        world.Send("flow-alerts", Alert(2, 10)); // by the provider's clock, which is a second behind: as the connection breaks at 11
        Outage(world, at: 11);
        var back = (world.Time.GetUtcNow() - FanoutWorld.Start).TotalSeconds;
        world.Rest = _ => RestWorld.Data(Alert(4, back + 0.8), Alert(3, 10.2), Alert(2, 10), Alert(1, 5));
        world.Pass(10);
        Assert.Equal(["gap backfilled", $"rest {Alert(3, 10.2)}", $"rest {Alert(4, back + 0.8)}"], world.Entries("flow-alerts").TakeLast(3));
    }

    [Theory]
    [InlineData(500, 3)]
    [InlineData(401, 1)]
    [InlineData(200, 1)]
    public void A_request_that_fails_is_made_again_where_that_may_help_and_the_gap_stays(int status, int requests)
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 10));
        Outage(world);
        world.Rest = _ => new RestScript(status, "Something went wrong");
        world.Pass(300);
        Assert.Equal(requests, world.Asked.Count);
        Assert.Equal([$"socket {Alert(1, 10)}", "gap lost"], world.Entries("flow-alerts"));
    }

    [Fact]
    public void A_second_attempt_backfills_as_well()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 10));
        Outage(world);
        world.Rest = _ => RestScript.Failure;
        world.Pass(7);
        world.Rest = _ => RestWorld.Data(Alert(2, 11), Alert(1, 10));
        world.Pass(30);
        Assert.Equal(["gap backfilled", $"rest {Alert(2, 11)}"], world.Entries("flow-alerts").TakeLast(2));
    }

    [Fact]
    public void Outages_in_a_row_are_one_request_and_each_has_its_rows()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 1));
        Outage(world, at: 10);
        world.Pass(0.1);
        world.Send("flow-alerts", Alert(3, 13));
        var second = (world.Time.GetUtcNow() - FanoutWorld.Start).TotalSeconds;
        Outage(world, at: second + 0.1);
        world.Rest = _ => RestWorld.Data(Alert(4, second + 0.6), Alert(3, 13), Alert(2, 10.3), Alert(1, 1));
        world.Pass(30);
        Assert.Single(world.Asked);
        Assert.Equal(["gap backfilled", $"rest {Alert(2, 10.3)}", "gap backfilled", $"rest {Alert(4, second + 0.6)}"], world.Entries("flow-alerts").TakeLast(4));
    }

    [Fact]
    public void A_connection_that_keeps_breaking_does_not_eat_the_budget()
    {
        using var world = World("flow-alerts", "off_lit_trades", "lit_trades", "news", "custom_alerts", "option_trades:SPY", "option_trades:QQQ", "option_trades:NVDA");
        var began = world.Time.GetUtcNow();
        var outages = 0;
        while (world.Time.GetUtcNow() - began < TimeSpan.FromMinutes(10))
        {
            Outage(world, at: null);
            world.Pass(2);
            world.Send("flow-alerts", Alert(++outages, 1)); // a session without data counts as turned away
        }

        Assert.True(outages > 100, $"{outages}");
        Assert.InRange(world.Budget.Snapshot().ByPurpose.Backfill, 40, 13 * 10);
        Assert.Equal(0, world.Budget.Snapshot().ByPurpose.Fallback);
    }

    [Fact]
    public void Where_REST_stood_in_its_own_last_answer_is_the_backfill()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 1));
        world.Rest = _ => RestWorld.Data(Alert(1, 1));
        world.Break();
        world.Pass(20);
        world.Return();
        world.Pass(60);
        Assert.Equal(0, world.Budget.Snapshot().ByPurpose.Backfill);
        Assert.Single(world.Gaps("flow-alerts"));
    }

    [Fact]
    public void Where_REST_was_to_stand_in_and_never_answered_it_is_asked_after_the_return()
    {
        using var world = World("flow-alerts");
        world.Send("flow-alerts", Alert(1, 0));
        world.Rest = _ => RestScript.Failure;
        world.Break();
        world.Pass(20);
        world.Rest = _ => RestWorld.Data(Alert(2, 12), Alert(1, 0));
        world.Socket.EndsAtOnce = static _ => null;
        world.Return();
        world.Pass(60);
        Assert.Equal(1, world.Budget.Snapshot().ByPurpose.Backfill);
        Assert.False(world.Poller.IsPolling("flow-alerts"));
        Assert.Equal(["gap lost", "gap backfilled", $"rest {Alert(2, 12)}"], world.Entries("flow-alerts").TakeLast(3));
    }

    [Theory]
    [InlineData("price:SPY", """{"close":"1","vol":1}""")]
    [InlineData("gex_strike_expiry:SPY", """{"strike":"1"}""")]
    [InlineData("market_tide", """{"timestamp":1}""")]
    [InlineData("trading_halts", """{"ticker":"GME"}""")]
    public void What_REST_does_not_have_as_events_is_not_asked_for(string channel, string payload)
    {
        using var world = World(channel);
        world.Send(channel, payload);
        Outage(world);
        world.Pass(3);
        world.Send(channel, payload);
        world.Pass(3);
        Assert.Equal(0, world.Budget.Snapshot().ByPurpose.Backfill);
        Assert.Equal(GapReason.UpstreamDown, Assert.Single(world.Gaps(channel)).Reason);
    }

    private static RestWorld World(params string[] channels)
    {
        var world = new RestWorld(socket: true);
        world.Subscribe(channels);
        world.Pass(0.5);
        return world;
    }

    /// <summary>The connection breaks and is back within four seconds.</summary>
    /// <param name="world">The world.</param>
    /// <param name="at">When, in seconds after the start, counted from the last frame; null for now.</param>
    private static void Outage(RestWorld world, double? at = 10)
    {
        if (at is { } seconds)
        {
            world.Pass(Math.Max(0, seconds - (world.Time.GetUtcNow() - FanoutWorld.Start).TotalSeconds));
        }

        world.Send("nothing", "{}"); // the last frame
        world.Break();
        world.Pass(1.5);
        world.Return();
    }
}
