using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>What a token opens over REST: asked for once after the start, and kept up to date by whoever asks.</summary>
public sealed class RestAccessTests
{
    private static readonly int Resources = FanoutWorld.Catalogue.Feeds.Count(static feed => feed.Poll is not null);

    [Fact]
    public void After_the_start_each_resource_is_asked_for_once_and_nothing_is_published()
    {
        using var world = new RestWorld(probe: true);
        world.Rest = static path => path switch
        {
            "/api/congress/recent-trades" => RestScript.Unauthorized with { Status = 403 },
            "/api/market/movers" => new RestScript(404, "{}"),
            "/api/news/headlines" => RestScript.Failure,
            _ => RestWorld.Data("""{"ticker":"SPY"}"""),
        };
        Assert.All(FanoutWorld.Catalogue.Feeds, feed => Assert.Equal(feed.Poll is null ? null : RestAccessState.Unknown, world.Access.Of(feed)?.State));
        world.Pass(2 * Resources - 1);
        Assert.Equal(Resources - 1, world.Asked.Count);
        world.Pass(3600);
        Assert.Equal(Resources, world.Asked.Count);
        Assert.Equal(world.Asked.Distinct(), world.Asked);
        Assert.Contains("/api/stock/SPY/spot-exposures", world.Asked);
        Assert.Equal((RestAccessState.NotEntitled, RestAccessState.NotFound, RestAccessState.Failing, RestAccessState.Open), (Of("congress_trades"), Of("market_movers"), Of("news"), Of("flow-alerts")));
        Assert.Contains("HTTP 403", View("congress_trades").Reason, StringComparison.Ordinal);
        Assert.Null(View("flow-alerts").Reason);
        Assert.Empty(world.Hub.Logs);
        var line = Assert.Single(world.ProbeLog.Lines);
        Assert.StartsWith($"The token opens {Resources - 3} of {Resources} REST resources. Not entitled: congress_trades. Not found or failing: market_movers, news.", line.Text, StringComparison.Ordinal);
        Assert.Equal((Resources - 3, 1, 1, 1), (world.Client.CountOf(RestOutcomeKind.Ok), world.Client.CountOf(RestOutcomeKind.NotEntitled), world.Client.CountOf(RestOutcomeKind.NotFound), world.Client.CountOf(RestOutcomeKind.ServerError)));

        RestAccessState Of(string feed) => View(feed).State;

        RestAccessView View(string feed) => world.Access.Of(FanoutWorld.Resolve(feed).Feed)!;
    }

    [Fact]
    public void What_is_read_is_known_from_its_own_requests_and_is_not_asked_for_again()
    {
        using var world = new RestWorld(probe: true);
        var congress = FanoutWorld.Resolve("congress_trades").Feed;
        world.Rest = static path => path.StartsWith("/api/congress", StringComparison.Ordinal) ? RestScript.Unauthorized : RestWorld.Data();
        world.Subscribe("congress_trades");
        world.Pass(1);
        Assert.Equal((RestAccessState.NotEntitled, 1), (world.Access.Of(congress)!.State, world.Asked.Count));
        world.Pass(2 * Resources);
        Assert.Equal(Resources, world.Asked.Count);

        world.Rest = static _ => RestWorld.Data();
        world.Pass(660); // a resource that was refused is asked for again after ten minutes
        Assert.Equal((RestAccessState.Open, null), (world.Access.Of(congress)!.State, world.Access.Of(congress)!.Reason));
    }

    [Fact]
    public void A_limit_that_was_exceeded_says_nothing_of_the_resource()
    {
        using var world = new RestWorld(probe: true);
        world.Rest = static _ => RestScript.TooManyInMinute;
        world.Pass(3);
        Assert.Equal((1, 1L), (world.Asked.Count, world.Client.CountOf(RestOutcomeKind.RateLimited)));
        Assert.All(FanoutWorld.Catalogue.Feeds.Where(static feed => feed.Poll is not null), feed => Assert.Equal(RestAccessState.Unknown, world.Access.Of(feed)!.State));
    }

    [Fact]
    public void Nothing_is_asked_for_once_a_twentieth_of_the_day_is_spent()
    {
        using var world = new RestWorld(probe: true);
        world.Rest = static _ => RestWorld.Data() with { Headers = new Dictionary<string, string?> { ["x-uw-daily-req-count"] = "760", ["x-uw-token-req-limit"] = "15000" } };
        world.Pass(3600);
        Assert.Single(world.Asked);
        Assert.Equal("RestAccessNotAsked", Assert.Single(world.ProbeLog.Lines).Event);
    }
}
