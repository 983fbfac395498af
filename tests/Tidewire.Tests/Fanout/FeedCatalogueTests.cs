using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Tests.Architecture;

namespace Tidewire.Tests.Fanout;

public sealed class FeedCatalogueTests
{
    private static readonly string[] Forms =
    [
        "flow-alerts", "gex", "option_trades", "price", "gex_strike", "gex_strike_expiry", "off_lit_trades", "lit_trades", "news",
        "trading_halts", "market_tide", "net_flow", "interval_flow", "contract_screener", "custom_alerts", "periscope",
        "futures_trades", "futures", "quotes", "stock_screener",
    ];

    private readonly FeedCatalogue _catalogue = FeedCatalogue.Load();

    [Fact]
    public void Every_form_of_the_provider_is_a_feed_that_is_joined()
        => Assert.Equal(Forms.Order(), _catalogue.Feeds.Where(feed => feed.Origin == FeedOrigin.Join).Select(feed => feed.Name).Order());

    [Fact]
    public void Every_channel_of_the_list_is_a_feed()
    {
        var file = Repository.Beside("shared/unusual-whales/channels.json");
        Assert.SkipWhen(file is null, "the provider's list of channels is not beside the repository");
        using var list = JsonDocument.Parse(File.ReadAllBytes(file!));
        foreach (var channel in list.RootElement.GetProperty("channels").EnumerateArray())
        {
            var name = channel.GetProperty("wire_name").GetString()!;
            Assert.True(_catalogue.TryGet(name, out var feed), name);
            if (channel.GetProperty("status").GetString() == "unverified")
            {
                // A presumed name is an alias of what there is, or fed by REST, or hidden until asked for.
                Assert.True(feed.Name != name || feed.Status == FeedStatus.Experimental, name);
                continue;
            }

            Assert.Equal(name, feed.Name);
            Assert.Equal(channel.GetProperty("takes_ticker").GetString(), JsonNamingPolicy.SnakeCaseLower.ConvertName($"{feed.Ticker}"));
            // A snapshot whose rows stand in several frames has no key of a frame: each matters.
            Assert.Equal(channel.GetProperty("kind").GetString() == "event" || name == "periscope", feed.Class == FeedClass.Event);
            foreach (var form in channel.GetProperty("form").GetString()!.Split('|', StringSplitOptions.TrimEntries))
            {
                Assert.True(_catalogue.TryGet(form.Split(':', ' ')[0], out var joined), form);
                Assert.Equal(FeedOrigin.Join, joined.Origin);
            }
        }
    }

    [Theory]
    [InlineData("flow", "flow-alerts")]
    [InlineData("flow_alerts", "flow-alerts")]
    [InlineData("dark-pool", "off_lit_trades")]
    [InlineData("dark_pool", "off_lit_trades")]
    [InlineData("market-movers", "market_movers")]
    [InlineData("congress", "congress_trades")]
    [InlineData("FLOW", "flow-alerts")]
    public void An_alias_is_its_feed(string alias, string canonical)
    {
        Assert.Null(_catalogue.Resolve(alias, null, out var feed, out var name));
        Assert.Equal((canonical, canonical), (feed!.Name, name.ToString()));
    }

    [Fact]
    public void Presumed_names_are_never_joined()
    {
        foreach (var name in (string[])["market_movers", "congress_trades"])
        {
            Assert.True(_catalogue.TryGet(name, out var feed));
            Assert.Equal((FeedOrigin.Rest, FeedStatus.Experimental), (feed.Origin, feed.Status));
            Assert.NotNull(feed.Poll);
        }

        Assert.DoesNotContain(_catalogue.Feeds, feed => feed.Name is "dark_pool" or "flow_alerts" or "flow");
    }

    [Fact]
    public void The_catalogue_is_consistent_in_itself()
    {
        var names = _catalogue.Feeds.SelectMany(feed => feed.Aliases.Append(feed.Name).Append(feed.Route).Distinct()).ToList();
        Assert.Distinct(names);
        Assert.All(names, name => Assert.True(ChannelName.TryParse(name, out var parsed) && parsed.ToString() == name, name));
        Assert.All(_catalogue.Feeds.Where(feed => feed.Origin == FeedOrigin.Derived), feed =>
        {
            Assert.NotNull(feed.MessageType);
            if (feed.DerivedFrom is { } from) // otherwise it is published here alone
            {
                Assert.True(_catalogue.TryGet(from, out var origin));
                Assert.Equal((FeedOrigin.Join, feed.Ticker), (origin.Origin, origin.Ticker));
            }
        });
        Assert.All(_catalogue.Feeds, feed => Assert.True(feed.Title.Length > 0 && feed.Description.EndsWith('.'), feed.Name));
        Assert.Equal(["custom_alerts"], _catalogue.Feeds.Where(feed => feed.OwnerOnly).Select(feed => feed.Name));
    }

    [Theory]
    [InlineData("gex:spy", null, "gex:SPY")]
    [InlineData("gex", "spy", "gex:SPY")]
    [InlineData("gex:SPY", "spy", "gex:SPY")]
    [InlineData("ticker", "BRK.B", "ticker:BRK.B")]
    [InlineData("option_trades", null, "option_trades")]
    [InlineData("option_trades", "", "option_trades")]
    [InlineData("option_trades", "SPY", "option_trades:SPY")]
    [InlineData("Dark-Pool", null, "off_lit_trades")]
    public void A_channel_is_resolved_to_its_canonical_name(string channel, string? ticker, string canonical)
    {
        Assert.Null(_catalogue.Resolve(channel, ticker, out var feed, out var name));
        Assert.Equal(canonical, name.ToString());
        Assert.Equal(name.Feed, feed!.Name);
    }

    [Theory]
    [InlineData("no-such-feed", null, 106, "channel", "flow-alerts, gex, option_trades")]
    [InlineData("", null, 106, "channel", "flow-alerts")]
    [InlineData("no such feed", null, 106, "channel", "'no such feed'")]
    [InlineData("@replay-7/gex:SPY", null, 106, "channel", "flow-alerts")]
    [InlineData("gex", null, 107, "ticker", "needs a ticker")]
    [InlineData("gex", "", 107, "ticker", "needs a ticker")]
    [InlineData("gex:", "SPY", 107, "ticker", "1 to 24 letters")]
    [InlineData("gex:S P Y", null, 107, "ticker", "'S P Y'")]
    [InlineData("gex", "S\"PY", 107, "ticker", "1 to 24 letters")]
    [InlineData("gex", "WAY_TOO_LONG_TO_BE_A_TICKER", 107, "ticker", "1 to 24 letters")]
    [InlineData("gex:SPY", "QQQ", 107, "ticker", "give one of them")]
    [InlineData("flow-alerts", "SPY", 107, "ticker", "takes no ticker")]
    [InlineData("flow:SPY", null, 107, "ticker", "'flow-alerts' is market-wide")]
    [InlineData("flow:S P Y", null, 107, "ticker", "takes no ticker")]
    public void What_cannot_be_resolved_is_said_with_what_is_allowed(string channel, string? ticker, int code, string field, string says)
    {
        var error = _catalogue.Resolve(channel, ticker, out _, out _);
        Assert.Equal((code, field), (error!.Code.Number, error.Field));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 63)]
    [InlineData("gex:", 63)]
    public void The_answer_to_a_name_cut_in_the_middle_of_a_character_can_be_written(string start, int length)
    {
        var error = _catalogue.Resolve($"{start}{new string('x', length - (start.Length == 1 ? 1 : 0))}😀", null, out _, out _);
        Assert.InRange(error!.Message.Length, 60, 1_000);
        JsonDocument.Parse(MessageWriter.Error(error, DateTimeOffset.UnixEpoch)).Dispose();
    }
}
