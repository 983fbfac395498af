using System.Text;
using Tidewire.Simulation;

namespace Tidewire.Tests.Simulation;

public sealed class NewsAndHaltsTests
{
    [Fact]
    public void Headlines_are_none_to_two_a_minute()
    {
        var market = new MarketRecorder(new() { Tickers = 3 }, "news").Advance(TimeSpan.FromMinutes(40), TimeSpan.FromSeconds(1));
        var perMinute = market.Frames.GroupBy(frame => frame.At.ToUnixTimeSeconds() / 60).Select(minute => minute.Count()).ToList();

        Assert.InRange(market.Frames.Count, 20, 80);
        Assert.All(perMinute, count => Assert.InRange(count, 1, 2));
        Assert.True(perMinute.Count < 40, "some minutes have none");
    }

    [Fact]
    public void Headlines_differ_as_those_of_a_screens_worst_day_do()
    {
        var news = new MarketRecorder(new() { Rate = 2, Tickers = 3 }, "news").Advance(TimeSpan.FromMinutes(60), TimeSpan.FromSeconds(1)).Frames.ConvertAll(frame => frame.Payload);
        var headlines = news.ConvertAll(item => item.GetProperty("headline").GetString()!);

        Assert.Equal([0, 1, 2], news.Select(item => item.GetProperty("tickers").GetArrayLength()).Distinct().Order());
        Assert.Contains(headlines, text => text.Length > 250);
        Assert.Contains(headlines, text => text.Any(letter => letter is >= '\u4E00' and <= '\u9FFF'));
        Assert.Contains(headlines, text => text.Any(letter => letter is >= '\uAC00' and <= '\uD7AF'));
        Assert.Contains(headlines, text => text.Contains('"', StringComparison.Ordinal));
        Assert.True(headlines.Distinct().Count() > headlines.Count / 2);
        Assert.All(news, item =>
        {
            Assert.False(item.GetProperty("is_trump_ts").GetBoolean());
            Assert.All(item.GetProperty("tickers").EnumerateArray(), ticker => Assert.Contains(ticker.GetString()!, item.GetProperty("headline").GetString()!, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Halts_are_rare_and_each_is_followed_by_its_resume()
    {
        var notices = new MarketRecorder(new(), "trading_halts").Advance(TimeSpan.FromHours(2), TimeSpan.FromSeconds(1)).Frames;

        Assert.InRange(notices.Count / 2.0, 5, 7);
        foreach (var pair in notices.Chunk(2).Where(pair => pair.Length == 2))
        {
            Assert.Equal("halted", pair[0].Payload.GetProperty("state").GetString());
            Assert.Equal("resumed", pair[1].Payload.GetProperty("state").GetString());
            Assert.Equal(pair[0].Payload.GetProperty("ticker").GetString(), pair[1].Payload.GetProperty("ticker").GetString());
            Assert.Equal(pair[0].Payload.GetProperty("reason").GetString(), pair[1].Payload.GetProperty("reason").GetString());
            Assert.InRange(pair[1].At - pair[0].At, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        }
    }

    [Fact]
    public void Nothing_of_a_halted_ticker_is_traded_until_it_resumes()
    {
        var stocks = Universe.Listings.Where(listing => listing.Kind == ListingKind.Stock).Skip(4).Select(listing => listing.Symbol).ToList();
        string? halted = null;
        string? resumed = null;
        var kinds = new HashSet<string>();
        var market = SimulatedMarket.Open(new(), MarketRecorder.Start);
        var frames = new SimulatedFrames(frame =>
        {
            var text = Encoding.UTF8.GetString(frame);
            if (text.StartsWith("[\"trading_halts\"", StringComparison.Ordinal))
            {
                var ticker = After(text, "\"ticker\":\"");
                var stops = text.Contains("\"halted\"", StringComparison.Ordinal);
                (halted, resumed) = (stops ? ticker : null, stops ? null : ticker);
                return;
            }

            var kind = text[2..(2 + text.AsSpan(2).IndexOfAny(':', '"'))];
            var traded = After(text, "\"underlying_symbol\":\"") ?? After(text, "\"symbol\":\"") ?? After(text, "[\"price:");
            Assert.True(halted is null || traded != halted, text);
            if (traded == resumed)
            {
                kinds.Add(kind);
            }
        });
        foreach (var form in stocks.SelectMany(stock => new[] { "option_trades:" + stock, "price:" + stock }).Concat(["off_lit_trades", "trading_halts"]).Select(SimulatedForm.Parse))
        {
            frames.Join(form);
            market.Watch(form);
        }

        market.Advance(MarketRecorder.Start.AddMinutes(45), frames);
        Assert.Equal(["off_lit_trades", "option_trades", "price"], kinds.Order());
    }

    [Fact]
    public void With_the_ten_most_popular_alone_nothing_is_halted()
    {
        var market = new MarketRecorder(new() { Rate = 2, Tickers = 10 }, "trading_halts").Advance(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1));

        Assert.Empty(market.Frames);
    }

    private static string? After(string text, string field)
    {
        var at = text.IndexOf(field, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + field.Length)..text.IndexOf('"', at + field.Length)];
    }
}
