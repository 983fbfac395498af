using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

public sealed class StreamSocketTests : ServerTest
{
    [Fact]
    public async Task Every_feed_of_the_catalogue_is_there_by_name_route_and_alias()
    {
        await StartAsync();
        var feeds = Server.Get<FeedCatalogue>().Feeds;
        Assert.True(feeds.Count >= 20);
        foreach (var feed in feeds)
        {
            var form = feed.Ticker == TickerUse.Required ? $"{feed.Name}:SPY" : feed.Name;
            var clients = new List<StreamClient>();
            foreach (var name in feed.Aliases.Append(feed.Route).Append(feed.Name).Distinct())
            {
                clients.Add(await StreamAsync(feed.Ticker == TickerUse.Required ? $"{name}/spy" : name));
                if (feed.Ticker == TickerUse.Required)
                {
                    clients.Add(await StreamAsync($"{name}:spy"));
                    clients.Add(await StreamAsync($"{name}%3ASPY"));
                }
            }

            await ServerUnderTest.UntilAsync(() => Server.Hub.Logs.Any(log => log.Name.ToString() == form && log.Subscribers == clients.Count), $"{clients.Count} subscribers of {form}");
            await PublishAsync(feed, form);
            foreach (var client in clients)
            {
                var item = await client.NextAsync(item => item.TryGetProperty("data", out _), $"data of {form}");
                Assert.Equal(form, item.GetProperty("channel").GetString());
                Assert.Equal(["channel", "data", "epoch", "offset", "source", "timestamp"], item.EnumerateObject().Select(field => field.Name).Order());
                Assert.Equal(Server.Hub.Epoch, item.GetProperty("epoch").GetString());
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_feed_with_an_optional_ticker_has_both_channels()
    {
        await StartAsync();
        var all = await StreamAsync("option_trades");
        var one = await StreamAsync("option_trades/TSLA");
        await UntilJoinedAsync("option_trades", "option_trades:TSLA");
        await Provider.SendDataAsync("option_trades", """{"n":1}""");
        await Provider.SendDataAsync("option_trades:TSLA", """{"n":2}""");
        Assert.Equal(("option_trades", 1), Read(await all.NextAsync()));
        Assert.Equal(("option_trades:TSLA", 2), Read(await one.NextAsync()));

        static (string?, int) Read(JsonElement item) => (item.GetProperty("channel").GetString(), item.GetProperty("data").GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("nope", "unknown_channel", "channel")]
    [InlineData("nope/SPY", "unknown_channel", "channel")]
    [InlineData("gex", "bad_ticker", "ticker")]
    [InlineData("flow/SPY", "bad_ticker", "ticker")]
    [InlineData("gex/S%20PY", "bad_ticker", "ticker")]
    [InlineData("gex/%22%7D", "bad_ticker", "ticker")]
    [InlineData("gex/ABCDEFGHIJKLMNOPQRSTUVWXYZ", "bad_ticker", "ticker")]
    [InlineData("@session%2Fflow", "unknown_channel", "channel")]
    [InlineData("%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80", "unknown_channel", "channel")]
    [InlineData("x%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80", "unknown_channel", "channel")]
    [InlineData("flow?since=now", "bad_value", "since")]
    [InlineData("flow?since=e1:-1", "bad_value", "since")]
    [InlineData("flow?history=1001", "bad_value", "history")]
    [InlineData("flow?history=-1", "bad_value", "history")]
    [InlineData("flow?history=many", "bad_value", "history")]
    [InlineData("flow?filter=premium%3E", "bad_value", "filter")]
    public async Task What_cannot_be_served_is_answered_with_an_error_and_closed_with_1008(string path, string error, string field)
    {
        await StartWithoutUpstreamAsync();
        var client = await StreamAsync(path);
        var answer = await client.NextAsync();
        Assert.Equal(("error", error, field), (answer.GetProperty("type").GetString(), ErrorOf(answer), answer.GetProperty("field").GetString()));
        var closing = await client.NextAsync();
        Assert.Equal(("closing", 1008, false), (closing.GetProperty("type").GetString(), closing.GetProperty("code").GetInt32(), closing.GetProperty("reconnect").GetBoolean()));
        Assert.Equal(1008, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task What_a_client_sends_is_let_pass_and_what_cannot_be_read_is_answered()
    {
        await StartAsync();
        var client = await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY");
        await client.SendTextAsync("""{"type":"ping"}""");
        await client.SendTextAsync("not json");
        await client.SendAsync(new byte[] { 1, 2, 3 }, System.Net.WebSockets.WebSocketMessageType.Binary);
        Assert.Equal("not_text", ErrorOf(await client.NextAsync()));
        await client.SendTextAsync(new string('x', 20_000));
        Assert.Equal("message_too_large", ErrorOf(await client.NextAsync()));
        await Provider.SendDataAsync("gex:SPY", """{"n":1}""");
        Assert.Equal(1, (await client.NextAsync()).GetProperty("data").GetProperty("n").GetInt32());
    }

    private async Task PublishAsync(Feed feed, string form)
    {
        switch (feed.Origin)
        {
            case FeedOrigin.Join:
                await UntilJoinedAsync(form);
                await Provider.SendDataAsync(form, """{"ticker":"SPY"}""");
                break;
            case FeedOrigin.Derived when feed.DerivedFrom is not null:
                await UntilJoinedAsync("price:SPY");
                await Provider.SendDataAsync("price:SPY", """{"close":"1"}""");
                break;
            default:
                // Never joined at the provider, whose socket has no such channel.
                Assert.Equal(0, Provider.JoinsOf(form));
                Assert.True(ChannelName.TryParse(form, out var name));
                Server.Publish(Server.Hub.GetOrAdd(name, feed), Publication.OfPayload("{\"n\":1}"u8.ToArray(), TimeProvider.System.GetUtcNow(), PublicationSource.Rest));
                break;
        }
    }
}
