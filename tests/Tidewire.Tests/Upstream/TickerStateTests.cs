using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>What REST tells of a ticker's day, and what <c>ticker:T</c> makes of it.</summary>
[Collection(nameof(Alone))]
public sealed class TickerStateTests
{
    private static readonly DateTimeOffset BeforeOpen = new(2026, 9, 18, 13, 0, 0, TimeSpan.Zero);

    private static string State(string close = "11", string previous = "\"10\"", string open = "\"10.5\"") => $$$"""{"data":{"open":{{{open}}},"high":"12","low":"9","close":"{{{close}}}","prev_close":{{{previous}}},"volume":1,"total_volume":500,"tape_time":"2026-09-18T13:29:00Z"}}""";

    [Fact]
    public void Change_and_range_are_known_before_the_first_trade()
    {
        using var world = new RestWorld(socket: true);
        world.Rest = _ => RestScript.Ok(State());
        world.Subscribe("ticker:SPY");
        world.Pass(3);
        Assert.Equal("""{"ticker":"SPY","price":11,"change":1,"change_percent":10,"volume":500,"high":12,"low":9,"open":10.5}""", Assert.Single(world.Payloads("ticker:SPY")));
        Assert.Equal(["/api/stock/SPY/stock-state"], world.Asked);

        world.Send("price:SPY", """{"close":"12.5","time":1,"vol":600}""");
        Assert.Equal("""{"ticker":"SPY","price":12.5,"change":2.5,"change_percent":25.0,"volume":600,"high":12.5,"low":9,"open":10.5}""", world.Payloads("ticker:SPY")[^1]);
    }

    [Fact]
    public void Where_REST_brings_the_price_its_first_row_tells_the_change_too()
    {
        using var world = new RestWorld();
        world.Rest = path => world.Asked.Count == 1 ? RestScript.Failure : RestScript.Ok(State()); // the question for the day's prices fails
        world.Subscribe("ticker:SPY");
        world.Pass(8);
        using var json = JsonDocument.Parse(Assert.Single(world.Payloads("ticker:SPY")));
        Assert.Equal(1, json.RootElement.GetProperty("change").GetDecimal());
    }

    [Fact]
    public void A_new_session_is_asked_for_once()
    {
        using var world = new RestWorld(BeforeOpen, socket: true);
        world.Rest = _ => RestScript.Ok(State());
        world.Subscribe("ticker:SPY");
        world.Pass(60);
        Assert.Single(world.Asked);
        world.Rest = _ => RestScript.Ok(State(previous: "\"8\""));
        world.Pass(1800);
        Assert.InRange(world.Asked.Count, 2, 3 + (1800 / 5));
        world.Send("price:SPY", """{"close":"12","time":1,"vol":600}""");
        using var json = JsonDocument.Parse(world.Payloads("ticker:SPY")[^1]);
        Assert.Equal(4, json.RootElement.GetProperty("change").GetDecimal());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("\"0\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"79000000000000000000000000000\"")]
    [InlineData("\"0.0000000000000000000000000001\"")]
    [InlineData("{}")]
    public void A_previous_close_that_is_none_is_unknown_and_asked_for_ever_more_rarely(string previous)
    {
        using var world = new RestWorld(socket: true);
        world.Rest = _ => RestScript.Ok(State(previous: previous));
        world.Subscribe("ticker:SPY");
        world.Send("price:SPY", """{"close":"12","time":1,"vol":600}""");
        using var json = JsonDocument.Parse(world.Payloads("ticker:SPY")[^1]);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("change").ValueKind);
        Assert.DoesNotContain(world.Log.Lines, static line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public void A_ticker_that_does_not_exist_is_asked_about_ever_more_rarely_and_not_when_no_one_reads_it()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 19, 13, 0, 0, TimeSpan.Zero), socket: true); // a Saturday: nothing is expected of the socket
        world.Rest = _ => new RestScript(404, "{}");
        var reader = world.Subscribe("ticker:NOSUCH");
        world.Pass(3600);
        Assert.InRange(world.Asked.Count, 2, 4);
        world.Leave(reader);
        world.Pass(40);
        var asked = world.Asked.Count;
        world.Pass(7200);
        Assert.Equal(asked, world.Asked.Count);
    }

    [Fact]
    public void Many_tickers_are_asked_about_a_few_at_a_time()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 19, 13, 0, 0, TimeSpan.Zero), socket: true) { Takes = TimeSpan.FromSeconds(1) };
        world.Rest = _ => RestScript.Ok(State());
        world.Subscribe([.. Enumerable.Range(0, 40).Select(static n => $"ticker:T{n}")]);
        world.Subscribe("market_movers");
        world.Pass(4);
        Assert.Contains("/api/market/movers", world.Asked); // not behind all of them
        world.Pass(60);
        Assert.Equal(41, world.Asked.Distinct().Count());
    }
}
