using System.Net;
using System.Text;
using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

/// <summary><c>POST /api/ws/broadcast/{kind}</c>: what programs on this machine publish.</summary>
public sealed class BroadcastTests : ServerTest
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task A_price_reaches_the_subscribers_of_its_ticker_digit_by_digit()
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("ticker", "AAPL");
        await client.NextOfTypeAsync("history");

        var answer = await PostAsync("price", """{"ticker":"aapl","price":150.250,"change":2.50,"change_percent":1.69,"volume":75000000,"high":151.00,"low":148.50,"open_price":149.00,"more":[1]}""");
        Assert.Equal(("ok", "ticker:AAPL", 1), (answer.GetProperty("status").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("subscribers").GetInt32()));

        var update = await client.NextOfTypeAsync("price_update");
        Assert.Equal("AAPL", update.GetProperty("ticker").GetString());
        foreach (var (field, digits) in new[] { ("price", "150.250"), ("change", "2.50"), ("change_percent", "1.69"), ("volume", "75000000"), ("high", "151.00"), ("low", "148.50"), ("open", "149.00") })
        {
            Assert.Equal(digits, update.GetProperty(field).GetRawText());
        }

        Assert.Equal(answer.GetProperty("offset").GetInt64(), update.GetProperty("offset").GetInt64());
    }

    [Theory]
    [InlineData("pattern", "patterns", "pattern_alert", """{"ticker":"TSLA","pattern_type":"VCP","score":87.5,"entry_price":250,"stop_price":240,"target_price":280,"risk_reward_ratio":3.0,"message":"Volatility contraction"}""")]
    [InlineData("alert", "alerts", "alert_trigger", """{"ticker":"TSLA","alert_type":"breakout","trigger_price":250.0,"current_price":250.75,"message":"Over 250 <b>"}""")]
    [InlineData("market_status", "market_status", "market_status", """{"status":"open","next_open":null,"next_close":"2026-11-20T21:00:00.000Z"}""")]
    [InlineData("system", "system", "system", """{"kind":"maintenance","message":"Back in five minutes"}""")]
    public async Task Each_kind_reaches_its_channel_with_the_fields_at_the_top(string kind, string channel, string type, string body)
    {
        await StartWithoutUpstreamAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync(channel);
        await PostAsync(kind, body);
        var message = await client.NextOfTypeAsync(type);
        foreach (var given in JsonDocument.Parse(body).RootElement.EnumerateObject())
        {
            Assert.Equal(given.Value.ToString(), message.GetProperty(given.Name).ToString());
        }

        Assert.True(message.TryGetProperty("timestamp", out _));
        var stats = await GetAsync("/api/ws/stats");
        Assert.Equal(channel == "patterns" ? 1 : 0, stats.GetProperty("pattern_subscribers").GetInt32());
        Assert.Equal(channel == "alerts" ? 1 : 0, stats.GetProperty("alert_subscribers").GetInt32());
        Assert.Equal(channel == "market_status" ? 1 : 0, stats.GetProperty("market_status_subscribers").GetInt32());
    }

    [Fact]
    public async Task The_market_status_is_told_to_who_comes_later()
    {
        await StartWithoutUpstreamAsync();
        await PostAsync("market_status", """{"status":"closed"}""");
        var client = await ConnectAsync();
        await client.SubscribedAsync("market_status");
        var last = (await client.NextOfTypeAsync("history")).GetProperty("messages").EnumerateArray().Last();
        Assert.Equal(("closed", JsonValueKind.Null), (last.GetProperty("status").GetString(), last.GetProperty("next_open").ValueKind));
    }

    [Theory]
    [InlineData("price", "{}", 400, "missing_field", "ticker")]
    [InlineData("price", """{"ticker":"AAPL"}""", 400, "missing_field", "price")]
    [InlineData("price", """{"ticker":"AAPL","price":"150"}""", 400, "bad_value", "price")]
    [InlineData("price", """{"ticker":"A B","price":1}""", 400, "bad_ticker", "ticker")]
    [InlineData("price", """{"ticker":7,"price":1}""", 400, "bad_ticker", "ticker")]
    [InlineData("pattern", """{"ticker":"AAPL","pattern_type":{}}""", 400, "bad_value", "pattern_type")]
    [InlineData("market_status", """{"status":"open","next_open":"soon"}""", 400, "bad_value", "next_open")]
    [InlineData("alert", """{"ticker":"AAPL","alert_type":"\ud800"}""", 400, "malformed_json", null)]
    [InlineData("price", "[1]", 400, "malformed_json", null)]
    [InlineData("price", "{", 400, "malformed_json", null)]
    [InlineData("price", "", 400, "malformed_json", null)]
    [InlineData("dividend", "{}", 404, "unknown_type", null)]
    public async Task What_cannot_be_published_is_refused_by_name(string kind, string body, int status, string error, string? field)
    {
        await StartWithoutUpstreamAsync();
        using var answer = await SendAsync(kind, body, "application/json");
        Assert.Equal(status, (int)answer.StatusCode);
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(error, said.GetProperty("error").GetString());
        Assert.Equal(field, said.TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.NotEmpty(said.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_no_json_by_type_is_refused()
    {
        await StartWithoutUpstreamAsync();
        using var large = await SendAsync("system", $$"""{"kind":"notice","message":"{{new string('x', 20_000)}}"}""", "application/json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var form = await SendAsync("system", """{"kind":"notice","message":"x"}""", "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
    }

    private async Task<JsonElement> PostAsync(string kind, string body)
    {
        using var answer = await SendAsync(kind, body, "application/json");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private Task<HttpResponseMessage> SendAsync(string kind, string body, string type)
        => Http.PostAsync(new Uri(Server.Url, $"/api/ws/broadcast/{kind}"), new StringContent(body, Encoding.UTF8, type));

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(new Uri(Server.Url, path))).RootElement;
}
