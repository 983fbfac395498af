using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>What becomes of REST's rows where REST alone has a feed, or the socket is down.</summary>
[Collection(nameof(Alone))]
public sealed class PollerTests
{
    private static string Print(int at, double price = 10, int size = 100) => FormattableString.Invariant($$"""{"ticker":"SPY","executed_at":"2026-09-18T13:29:{{at:00}}Z","price":"{{price}}","size":{{size}}}""");

    [Fact]
    public void Pages_that_overlap_are_published_once_and_oldest_first()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Print(3), Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(8);
        world.Rest = _ => RestWorld.Data(Print(4), Print(3), Print(2));
        world.Pass(10);
        Assert.Equal([Print(1), Print(2), Print(3), Print(4)], world.Payloads("off_lit_trades"));
        Assert.DoesNotContain("gap lost", world.Entries("off_lit_trades"));
    }

    [Fact]
    public void Two_equal_prints_in_one_instant_both_arrive_once()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(8);
        world.Rest = _ => RestWorld.Data(Print(2), Print(2), Print(1));
        world.Pass(20);
        Assert.Equal([Print(1), Print(2), Print(2)], world.Payloads("off_lit_trades"));
    }

    [Theory]
    [InlineData("2,1,3")]
    [InlineData("3,2,1")]
    [InlineData("1,2,3")]
    public void Rows_in_any_order_are_published_oldest_first(string order)
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data([.. order.Split(',').Select(at => Print(int.Parse(at, System.Globalization.CultureInfo.InvariantCulture)))]);
        world.Subscribe("off_lit_trades");
        world.Pass(8);
        Assert.Equal([Print(1), Print(2), Print(3)], world.Payloads("off_lit_trades"));
    }

    [Fact]
    public void Rows_of_one_date_stand_newest_first_in_the_answer()
    {
        static string Filing(int n) => $$"""{"politician_id":"{{n}}","ticker":"SPY","transaction_date":"2026-09-01","txn_type":"Buy","amounts":"1","filed_at_date":"2026-09-17"}""";
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Filing(3), Filing(2), Filing(1));
        world.Subscribe("congress_trades");
        world.Pass(2);
        Assert.Equal([Filing(1), Filing(2), Filing(3)], world.Payloads("congress_trades"));
    }

    [Fact]
    public void A_reader_that_leaves_and_comes_back_gets_nothing_twice()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Print(2), Print(2), Print(1));
        var reader = world.Subscribe("off_lit_trades");
        world.Pass(8);
        world.Leave(reader);
        world.Pass(60);
        Assert.Empty(world.Poller.Channels);
        var asked = world.Asked.Count;
        world.Pass(60);
        Assert.Equal(asked, world.Asked.Count);
        world.Rest = _ => RestWorld.Data(Print(3), Print(2), Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(20);
        Assert.Equal([Print(1), Print(2), Print(2), Print(3)], world.Payloads("off_lit_trades"));
        Assert.DoesNotContain("gap lost", world.Entries("off_lit_trades"));
    }

    [Fact]
    public void Where_one_answer_does_not_reach_back_to_the_last_there_is_a_gap()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(8);
        world.Rest = _ => RestWorld.Data(Print(9), Print(8));
        world.Pass(8);
        Assert.Equal([$"rest {Print(1)}", $"rest {Print(2)}", "gap lost", $"rest {Print(8)}", $"rest {Print(9)}"], world.Entries("off_lit_trades"));
    }

    [Fact]
    public void State_is_published_when_its_bytes_change()
    {
        static string Strike(int strike, int gamma) => $$"""{"strike":"{{strike}}","gamma":{{gamma}},"time":"2026-09-18T13:29:00Z"}""";
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Strike(1, 5), Strike(2, 6));
        world.Subscribe("gex_strike:SPY");
        world.Pass(30);
        world.Rest = _ => RestWorld.Data(Strike(1, 5), Strike(2, 7));
        world.Pass(30);
        Assert.Equal([Strike(1, 5), Strike(2, 6), Strike(2, 7)], world.Payloads("gex_strike:SPY"));
    }

    [Fact]
    public void Of_a_list_over_time_the_newest_row_is_the_state()
    {
        static string Gex(int minute, int gamma) => $$"""{"gamma":{{gamma}},"time":"2026-09-18T13:{{minute:00}}:00Z"}""";
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Gex(3, 3), Gex(1, 1), Gex(2, 2));
        world.Subscribe("gex:SPY");
        world.Pass(30);
        world.Rest = _ => RestWorld.Data(Gex(1, 1), Gex(2, 2), Gex(3, 3), Gex(4, 3));
        world.Pass(30);
        Assert.Equal([Gex(3, 3), Gex(4, 3)], world.Payloads("gex:SPY"));
    }

    [Fact]
    public void A_minute_is_published_once_a_later_one_exists()
    {
        static string Minute(int minute, int volume) => $$"""{"tape_time":"2026-09-18T13:{{minute:00}}:00Z","net_call_volume":{{volume}}}""";
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(Minute(30, 1), Minute(31, 2));
        world.Subscribe("net_flow:SPY");
        world.Pass(30);
        world.Rest = _ => RestWorld.Data(Minute(30, 1), Minute(31, 5), Minute(32, 1));
        world.Pass(30);
        Assert.Equal([Minute(30, 1), Minute(31, 5)], world.Payloads("net_flow:SPY"));
    }

    [Fact]
    public void Running_totals_become_increments_and_begin_anew_with_a_date()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(
            """{"date":"2026-09-17","timestamp":1,"net":"5","puts":null}""",
            """{"date":"2026-09-17","timestamp":2,"net":"7.50","puts":"3"}""",
            """{"date":"2026-09-17","timestamp":3,"net":null,"puts":"4"}""",
            """{"date":"2026-09-17","timestamp":4,"net":"6.5","puts":"4"}""",
            """{"date":"2026-09-18","timestamp":5,"net":"2","puts":"9"}""",
            """{"date":"2026-09-18","timestamp":6,"net":"4","puts":"9"}""",
            """{"date":"2026-09-18","timestamp":7,"net":"4","puts":"9"}""");
        world.Subscribe("market_tide");
        world.Pass(10);
        Assert.Equal(
            [
                """{"date":"2026-09-17","timestamp":1,"net":"5","puts":null}""",
                """{"date":"2026-09-17","timestamp":2,"net":"2.50","puts":"3"}""",
                """{"date":"2026-09-17","timestamp":3,"net":null,"puts":"1"}""",
                """{"date":"2026-09-17","timestamp":4,"net":"-1.00","puts":"0"}""",
                """{"date":"2026-09-18","timestamp":5,"net":"2","puts":"9"}""",
                """{"date":"2026-09-18","timestamp":6,"net":"2","puts":"0"}""",
            ],
            world.Payloads("market_tide"));
        Assert.All(world.Entries("market_tide"), entry => Assert.StartsWith("derived ", entry, StringComparison.Ordinal));
    }

    [Fact]
    public void Totals_beyond_all_reason_and_names_that_are_no_text_pass_through()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(
            """{"timestamp":1,"net":"79000000000000000000000000000","\ud800":1}""",
            """{"timestamp":2,"net":"-79000000000000000000000000000","name":"\ud800"}""",
            """{"timestamp":3}""");
        world.Subscribe("market_tide");
        world.Pass(10);
        Assert.Equal(2, world.Payloads("market_tide").Count);
        Assert.Equal(0, world.Log.Count("RestFailed"));
    }

    [Theory]
    [InlineData("<html>maintenance</html>")]
    [InlineData("")]
    [InlineData("{\"data\":null}")]
    [InlineData("{\"data\":{}}")]
    [InlineData("{\"msg\":\"no\"}")]
    [InlineData("\"text\"")]
    [InlineData("17")]
    public void An_answer_that_is_none_says_so_and_costs_nothing_else(string body)
    {
        using var world = new RestWorld();
        world.Rest = _ => RestScript.Ok(body);
        world.Subscribe("off_lit_trades");
        world.Pass(30);
        Assert.Empty(world.Entries("off_lit_trades"));
        Assert.Contains("not {\"data\":…}", world.Polled("off_lit_trades").Problem, StringComparison.Ordinal);
        Assert.Equal(0, world.Log.Count("RestFailed"));
        Assert.True(world.Asked.Count > 1);
        world.Rest = _ => RestWorld.Data("17", "null", "[1]", Print(1));
        world.Pass(60);
        Assert.Equal([Print(1)], world.Payloads("off_lit_trades"));
        Assert.Equal(1, world.Log.Count("RestAnswersAgain"));
    }

    [Fact]
    public void An_answer_without_data_is_no_price()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestScript.Ok("""{"msg":"try later"}""");
        world.Subscribe("price:SPY");
        world.Pass(30);
        Assert.Empty(world.Entries("price:SPY"));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_never_reach_a_client()
    {
        using var world = new RestWorld();
        world.Raw = [.. "{\"data\":[{\"ticker\":\""u8, 0xff, .. "\",\"executed_at\":1,\"price\":1,\"size\":1}]}"u8];
        world.Subscribe("off_lit_trades");
        world.Pass(30);
        Assert.Empty(world.Entries("off_lit_trades"));
        Assert.Equal(0, world.Log.Count("RestFailed"));
        Assert.Contains("not {\"data\":…}", world.Polled("off_lit_trades").Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_characters_costs_no_other_row()
    {
        var odd = """{"ticker":"\ud800","executed_at":"2026-09-18T13:29:03Z","price":"1","size":1}""";
        var named = """{"\ud800":1,"ticker":"SPY","executed_at":"2026-09-18T13:29:04Z","price":"1","size":1}""";
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data(named, odd, Print(2), Print(1));
        world.Subscribe("off_lit_trades");
        world.Pass(30);
        Assert.Equal(new[] { Print(1), Print(2), odd, named }.Order(StringComparer.Ordinal), world.Payloads("off_lit_trades").Order(StringComparer.Ordinal));
        Assert.Equal(0, world.Log.Count("RestFailed"));
    }

    [Fact]
    public void Rows_without_the_fields_that_tell_them_apart_are_told_by_their_bytes()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestWorld.Data("""{"a":1}""", """{"b":2}""", """{"a":1}""");
        world.Subscribe("off_lit_trades");
        world.Pass(30);
        Assert.Equal(3, world.Payloads("off_lit_trades").Count);
    }

    [Fact]
    public void Rows_in_several_lines_arrive_in_one_and_in_their_own_spelling()
    {
        using var world = new RestWorld();
        world.Rest = _ => RestScript.Ok("{\"data\": [\r\n  {\r\n    \"ticker\": \"SPY\",\r\n    \"na\\u006de+é\": \"two\\nlines <b>\",\n \"executed_at\": \"2026-09-18T13:29:01Z\", \"price\": 1.50, \"size\": 1e2}\n]}");
        world.Subscribe("off_lit_trades");
        world.Pass(8);
        var payload = Assert.Single(world.Payloads("off_lit_trades"));
        Assert.DoesNotContain('\n', payload);
        Assert.DoesNotContain('\r', payload);
        Assert.Contains("\"na\\u006de+é\": \"two\\nlines <b>\"", payload, StringComparison.Ordinal);
        Assert.Contains("\"price\": 1.50", payload, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(payload);
        Assert.Equal("SPY", json.RootElement.GetProperty("ticker").GetString());
    }

    [Fact]
    public void A_tag_is_sent_back_only_while_its_answer_is_the_last()
    {
        using var world = new RestWorld();
        RestScript Tagged(string body, string? tag) => RestScript.Ok(body) with { Headers = tag is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { ["ETag"] = tag } };
        world.Rest = _ => Tagged("""{"data":{"n":1}}""", "\"one\"");
        world.Subscribe("market_movers");
        world.Pass(10);
        world.Rest = _ => Tagged("""{"data":{"n":2}}""", null);
        world.Pass(35);
        world.Rest = _ => Tagged("""{"data":{"n":1}}""", "\"one\"");
        world.Pass(35);
        Assert.Equal(["", "\"one\"", ""], world.Tags.Take(3));
        Assert.Equal(["""{"n":1}""", """{"n":2}""", """{"n":1}"""], world.Payloads("market_movers"));
    }

    [Fact]
    public void A_clock_that_is_set_back_stops_no_poll()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 18, 15, 0, 0, TimeSpan.Zero));
        world.Subscribe("off_lit_trades");
        world.Pass(10);
        world.Time.StepWallClock(TimeSpan.FromMinutes(-20));
        var asked = world.Asked.Count;
        world.Pass(90);
        Assert.True(world.Asked.Count - asked >= 5, $"asked {world.Asked.Count - asked} times");
    }

    [Fact]
    public void A_refusal_costs_a_moment_and_not_an_interval()
    {
        using var world = new RestWorld();
        world.Rest = _ => world.Asked.Count == 1 ? RestScript.TooManyInFlight : RestWorld.Data("""{"politician_id":"1"}""");
        world.Subscribe("congress_trades"); // every five minutes
        world.Pass(60);
        Assert.Single(world.Payloads("congress_trades"));
    }

    [Theory]
    [InlineData("1000000000", "15000")]
    [InlineData("40", "1")]
    public void A_refusal_for_the_minute_with_headers_that_lie_does_not_end_the_day(string count, string limit)
    {
        using var world = new RestWorld();
        world.Rest = _ => world.Asked.Count == 1
            ? RestScript.TooManyInMinute with { Headers = new Dictionary<string, string?> { ["x-uw-daily-req-count"] = count, ["x-uw-token-req-limit"] = limit } }
            : RestWorld.Data("""{"politician_id":"1"}""");
        world.Subscribe("congress_trades");
        world.Pass(120);
        Assert.Single(world.Payloads("congress_trades"));
    }

    [Fact]
    public void A_path_that_does_not_exist_is_asked_for_again_much_later()
    {
        using var world = new RestWorld();
        world.Rest = _ => new RestScript(404, "{}");
        world.Subscribe("market_movers");
        world.Pass(590);
        Assert.Single(world.Asked);
        world.Pass(60);
        Assert.Equal(2, world.Asked.Count);
        Assert.Equal(1, world.Log.Count("RestBroughtNothing"));
        Assert.Equal(Measured.Refused, world.Truth.Look()["market_movers"].Measured);
    }

    [Fact]
    public void The_token_stands_in_no_problem_reason_or_log_line()
    {
        using var world = new RestWorld();
        world.Rest = path => path.Contains("movers", StringComparison.Ordinal) ? RestScript.Invalid($"bad token {RestWorld.Token}")
            : path.Contains("congress", StringComparison.Ordinal) ? new RestScript(302, RestWorld.Token) { Headers = new Dictionary<string, string?> { ["Location"] = $"https://elsewhere.example/?token={RestWorld.Token}" } }
            : new RestScript(500, RestWorld.Token);
        world.Subscribe("market_movers", "congress_trades", "off_lit_trades");
        world.Pass(60);
        Assert.All(world.Poller.Channels, view => Assert.NotNull(view.Problem));
        Assert.DoesNotContain(RestWorld.Token, string.Join('\n', world.Poller.Channels.Select(static view => view.ToString())), StringComparison.Ordinal);
        Assert.DoesNotContain(RestWorld.Token, string.Join('\n', world.Truth.Look().Values.Select(static measure => measure.ToString())), StringComparison.Ordinal);
        Assert.DoesNotContain(RestWorld.Token, string.Join('\n', world.Log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain(world.Log.Lines, static line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public void A_thousand_new_channels_do_not_spend_the_day_at_its_start()
    {
        using var world = new RestWorld();
        for (var n = 0; n < 1000; n += 100)
        {
            world.Subscribe([.. Enumerable.Range(n, 100).Select(static each => $"candles:T{each}")]);
        }

        world.Pass(600);
        Assert.InRange(world.Asked.Count, 200, 500);
        Assert.Equal(world.Asked.Count, world.Asked.Distinct().Count());
    }
}
