using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>From the socket to REST and back: every row once, and what is lost is said.</summary>
[Collection(nameof(Alone))]
public sealed class RestSeamTests
{
    private static string Alert(string id, int at, int premium) => FormattableString.Invariant($$"""{"id":"{{id}}","ticker":"SPY","option_chain":"SPY1","total_premium":"{{premium}}","total_size":5,"volume":{{premium}},"created_at":"2026-09-18T13:30:{{at:00}}Z","executed_at":"2026-09-18T13:30:{{at:00}}Z"}""");

    [Fact]
    public void Equal_ids_are_one_alert()
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("flow-alerts");
        world.Pass(1);
        world.Send("flow-alerts", Alert("a", 1, 1));
        world.Pass(5);
        world.Break();
        world.Rest = _ => RestWorld.Data(Alert("b", 8, 2), Alert("a", 1, 1));
        world.Pass(12);
        Assert.Equal([$"socket {Alert("a", 1, 1)}", "gap backfilled", $"rest {Alert("b", 8, 2)}"], world.Entries("flow-alerts"));

        // The socket is back: one more answer covers what came between, and no row of the socket comes again.
        world.Rest = _ => RestWorld.Data(Alert("e", 59, 5), Alert("d", 27, 4), Alert("c", 18, 3), Alert("b", 8, 2));
        world.Return();
        world.Send("flow-alerts", Alert("d", 27, 4));
        world.Pass(20);
        Assert.Equal([Alert("a", 1, 1), Alert("b", 8, 2), Alert("c", 18, 3), Alert("d", 27, 4)], world.Payloads("flow-alerts").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("gap lost", world.Entries("flow-alerts"));
        Assert.False(world.Poller.IsPolling("flow-alerts"));
    }

    [Fact]
    public void A_channel_that_the_provider_has_taken_again_is_left_to_the_socket_once_the_market_is_closed()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 18, 15, 57, 0, TimeSpan.FromHours(-4)), socket: true);
        world.Rest = _ => RestScript.Ok("""{"data":{"close":"1.5","prev_close":"1","open":"1","high":"2","low":"1"}}""");
        world.Subscribe("price:SPY");
        world.Pass(1);
        world.Send("price:SPY", """{"close":"1","vol":1}""");
        world.Break();
        world.Pass(10);
        Assert.True(world.Poller.IsPolling("price:SPY"));

        // Back and quiet: while the market is open that proves nothing, after it nothing else is to be expected.
        world.Return();
        world.Pass(60);
        Assert.True(world.Poller.IsPolling("price:SPY"));
        world.Pass(240);
        Assert.False(world.Poller.IsPolling("price:SPY"));
    }

    [Fact]
    public void Different_ids_with_equal_fields_are_one_alert()
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("flow-alerts");
        world.Pass(1);
        world.Send("flow-alerts", Alert("socket-1", 1, 1));
        world.Break();
        world.Rest = _ => RestWorld.Data(Alert("rest-2", 8, 2), Alert("rest-1", 1, 1));
        world.Pass(30);
        Assert.Equal([Alert("socket-1", 1, 1), Alert("rest-2", 8, 2)], world.Payloads("flow-alerts"));
    }

    [Theory]
    [InlineData("1789738201123", "\"2026-09-18 13:30:01.123000+00:00\"")]
    [InlineData("\"2026-09-18T13:30:01.123Z\"", "1789738201.123")]
    [InlineData("1789738201123", "\"1789738201.123\"")]
    [InlineData("\"2026-09-18T09:30:01.123-04:00\"", "1789738201123")]
    public void Equal_prints_in_other_spellings_are_one(string socket, string rest)
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("off_lit_trades");
        world.Pass(1);
        var print = $$"""{"symbol":"SPY","executed_at":{{socket}},"price":"10.50","size":100}""";
        world.Send("off_lit_trades", print);
        world.Send("off_lit_trades", print); // a twin: both are real
        world.Break();
        var other = """{"ticker":"SPY","executed_at":"2026-09-18T13:30:05Z","price":10.5,"size":"100"}""";
        var same = $$"""{"ticker":"SPY","executed_at":{{rest}},"price":10.5,"size":"1e2"}""";
        world.Rest = _ => RestWorld.Data(other, same, same);
        world.Pass(20);
        Assert.Equal([print, print, other], world.Payloads("off_lit_trades"));
        Assert.Contains("gap backfilled", world.Entries("off_lit_trades"));
    }

    [Fact]
    public void What_came_between_the_last_answer_and_the_sockets_first_frame_is_not_lost()
    {
        static string Print(int at) => FormattableString.Invariant($$"""{"ticker":"SPY","symbol":"SPY","executed_at":"2026-09-18T13:29:{{at:00}}Z","price":"1","size":1}""");
        using var world = new RestWorld(socket: true, configure: static options => options.FallbackAfter = TimeSpan.Zero);
        world.Break();
        world.Rest = _ => RestWorld.Data(Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(1);
        Assert.Equal([Print(1), Print(2)], world.Payloads("off_lit_trades"));

        world.Rest = _ => RestWorld.Data(Print(4), Print(3), Print(2), Print(1));
        world.Return();
        world.Send("off_lit_trades", Print(4));
        world.Pass(10);
        Assert.Equal([Print(1), Print(2), Print(3), Print(4)], world.Payloads("off_lit_trades").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_last_answer_that_fails_leaves_a_gap()
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("flow-alerts");
        world.Pass(1);
        world.Send("flow-alerts", Alert("a", 1, 1));
        world.Break();
        world.Rest = _ => RestWorld.Data(Alert("a", 1, 1));
        world.Pass(10);
        world.Rest = _ => RestScript.Failure;
        world.Return();
        world.Pass(20);
        Assert.False(world.Poller.IsPolling("flow-alerts"));
        Assert.Equal("gap lost", world.Entries("flow-alerts")[^1]);
    }

    [Fact]
    public void A_last_answer_that_the_budget_refuses_is_waited_for_a_while_and_then_a_gap()
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("flow-alerts");
        world.Pass(1);
        world.Send("flow-alerts", Alert("a", 1, 1));
        world.Break();
        world.Rest = _ => RestWorld.Data(Alert("a", 1, 1));
        world.Pass(7);
        world.Rest = _ => RestScript.TooManyInDay; // from here on nothing is left of the day
        world.Pass(10);
        var asked = world.Asked.Count;
        world.Return();
        world.Pass(60);
        Assert.True(world.Poller.IsPolling("flow-alerts"));
        world.Pass(600);
        Assert.False(world.Poller.IsPolling("flow-alerts"));
        Assert.Equal("gap lost", world.Entries("flow-alerts")[^1]);
        Assert.Equal(asked, world.Asked.Count);
    }

    [Fact]
    public void Minutes_that_the_socket_brought_are_not_added_again()
    {
        static string Minute(int minute) => FormattableString.Invariant($$"""{"tape_time":"2026-09-18T13:{{minute:00}}:00Z","net_call_volume":{{minute}}}""");
        static string Tick(int minute, int second) => FormattableString.Invariant($$"""{"ticker":"SPY","time":"2026-09-18T13:{{minute:00}}:{{second:00}}Z","net_call_volume":1}""");
        using var world = new RestWorld(socket: true);
        world.Subscribe("net_flow:SPY");
        world.Pass(1);
        for (var second = 0; second < 130; second += 10)
        {
            world.Send("net_flow:SPY", Tick(30 + (second / 60), second % 60));
            world.Pass(10);
        }

        world.Break(); // at 13:32:11; the last tick at 13:32:00
        world.Rest = _ => RestWorld.Data([.. Enumerable.Range(30, Math.Max(1, (int)(world.Time.GetUtcNow() - Fanout.FanoutWorld.Start).TotalMinutes + 1)).Select(Minute)]);
        world.Pass(150); // 13:34:41
        Assert.Equal([Minute(33)], world.Entries("net_flow:SPY").Where(static entry => entry.StartsWith("rest ", StringComparison.Ordinal)).Select(static entry => entry[5..]));
        world.Return();
        for (var second = 45; second < 180; second += 10)
        {
            world.Send("net_flow:SPY", Tick(34 + (second / 60), second % 60));
            world.Pass(10);
        }

        Assert.False(world.Poller.IsPolling("net_flow:SPY"));
        Assert.Equal([Minute(33)], world.Entries("net_flow:SPY").Where(static entry => entry.StartsWith("rest ", StringComparison.Ordinal)).Select(static entry => entry[5..]));
    }

    [Fact]
    public void A_reader_that_comes_back_while_an_answer_is_on_the_way_gets_it_once()
    {
        using var world = new RestWorld { Takes = TimeSpan.FromSeconds(3) };
        world.Rest = _ => RestWorld.Data(Alert("b", 2, 2), Alert("a", 1, 1));
        var reader = world.Subscribe("flow-alerts");
        world.Pass(6); // the first is on the way
        Assert.Single(world.Asked);
        world.Leave(reader);
        world.Pass(1);
        reader = world.Subscribe("flow-alerts");
        world.Pass(30);
        Assert.Equal([Alert("a", 1, 1), Alert("b", 2, 2)], world.Payloads("flow-alerts"));
        Assert.True(world.Poller.IsPolling("flow-alerts"));
        world.Leave(reader);
        world.Pass(1);
        Assert.False(world.Poller.IsPolling("flow-alerts"));
    }

    [Fact]
    public void A_token_that_the_socket_refuses_is_taken_to_REST_at_once()
    {
        using var world = new RestWorld(socket: true);
        world.Break();
        world.Socket.EndsAtOnce = static _ => new(UpstreamEndKind.NotEntitled, "HTTP 401");
        world.Pass(3);
        Assert.Equal(UpstreamState.NotEntitled, world.Status.View.State);
        world.Subscribe("off_lit_trades");
        world.Pass(1);
        Assert.Single(world.Asked);
    }
}
