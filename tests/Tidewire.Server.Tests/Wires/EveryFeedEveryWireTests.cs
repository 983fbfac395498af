using System.Diagnostics;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Wires;

/// <summary>
/// Each feed of the catalogue on each wire, from the provider's bytes to the client. The rows follow from the catalogue of
/// the running server: a feed that is added to it is tested, and fails here until something sends it.
/// </summary>
[Collection(Alone.Name)]
public sealed class EveryFeedEveryWireTests : ServerTest
{
    // A feed that no release knows, as an operator adds one.
    private const string Invented =
        """{"feeds":[{"name":"moon_phase","title":"Moon phase","class":"state","ticker":"required","status":"experimental","upstream":"join","key":["place"],"route":"moon","aliases":["moon-phase"]}]}""";

    private const string Symbol = "SPY";

    // With this seed and rate the first halt comes ten seconds after the market opens, and everything else sooner.
    private const string Rate = "12";
    private const string Seed = "1";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(50);

    // What comes every minute and every five minutes comes that long after the start; until then all wires must be connected.
    private static readonly TimeSpan UntilTheClockStrikes = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("Promise", "every-feed-every-wire")]
    public async Task Each_feed_of_the_catalogue_arrives_on_every_wire()
    {
        Directory.CreateDirectory(Folder);
        var file = Path.Combine(Folder, "feeds.json");
        await File.WriteAllTextAsync(file, Invented);
        var clock = Stopwatch.StartNew();
        var simulated = await StartWithAsync(
            new PacedTime(PacedTime.InSession - UntilTheClockStrikes),
            ("TIDEWIRE_UPSTREAM", "simulated"), ("Fanout:CatalogueFile", file), ("Simulation:Rate", Rate), ("Simulation:Seed", Seed), ("Upstream:Linger", "00:00:01"), ("Upstream:KeepPositions", "00:00:00"));
        var provided = await StartAsync(("Fanout:CatalogueFile", file));

        // What the catalogue has of its own the simulated provider sends; what an operator added only another provider can.
        var own = FeedCatalogue.Load().Feeds.Select(feed => feed.Name).ToHashSet();
        var rows = new List<FeedRow>();
        try
        {
            foreach (var feed in simulated.Get<FeedCatalogue>().Feeds)
            {
                rows.Add(Keep(new FeedRow(own.Contains(feed.Name) ? simulated : provided, feed, feed.Ticker == TickerUse.Required ? SymbolOf(feed) : null)));
                rows[^1].Start();
            }

            await Task.WhenAll(rows.Select(row => row.IsConnected)).WithinBound("all wires to connect");
            Assert.True(clock.Elapsed < UntilTheClockStrikes, $"all wires were connected only after {clock.Elapsed.TotalSeconds:F0} s, when the feeds that come by the clock had come");
            await BroadcastAsync(simulated);
            await Task.WhenAll(rows.Where(row => !own.Contains(row.Feed.Name)).Select(ProvideAsync));
            await Task.WhenAny(Task.WhenAll(rows.Select(row => row.HasDataOrFault)), Task.Delay(Bound - clock.Elapsed, TimeProvider.System));
        }
        finally
        {
            await Task.WhenAll(rows.Select(row => row.StopAsync()));
        }

        await AssertGreenAsync(rows, feed => own.Contains(feed.Name) ? simulated : provided);
        Figure("the matrix took", $"{clock.Elapsed.TotalSeconds:F1} s");
    }

    private static async Task AssertGreenAsync(List<FeedRow> rows, Func<Feed, ServerUnderTest> serverOf)
    {
        var broken = new StringBuilder();
        var red = 0;
        foreach (var row in rows)
        {
            var faults = row.Faults();
            Figure(row.Channel, row.Text);
            foreach (var (wire, fault) in faults)
            {
                red++;
                broken.AppendLine().Append(row.Channel).Append(" on ").Append(FeedRow.Name(wire)).Append(": ").Append(fault)
                    .Append(". The server says of the channel: ").Append(await SaysAsync(serverOf(row.Feed), row));
            }
        }

        var cells = rows.Count * Enum.GetValues<Wire>().Length;
        TestContext.Current.TestOutputHelper?.WriteLine($"figure: {rows.Count} feeds x {Enum.GetValues<Wire>().Length} wires = {cells} cells, green: {cells - red}");
        Assert.True(red == 0, $"{red} of {cells} cells are not green:{broken}");
    }

    /// <summary>What <c>/api/stream/channels</c> says of a channel, or of its feed where it says nothing of the channel.</summary>
    private static async Task<string> SaysAsync(ServerUnderTest server, FeedRow row)
    {
        var feed = (await server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray().Single(entry => entry.GetProperty("id").GetString() == row.Feed.Name);
        var active = feed.GetProperty("active").EnumerateArray().Where(entry => entry.GetProperty("channel").GetString() == row.Channel).ToList();
        return active.Count > 0 ? active[0].GetRawText() : feed.GetRawText();
    }

    // A future's symbol is its contract: at the time of the test this one expires next.
    private static string SymbolOf(Feed feed) => feed.Name == "futures" ? "ESZ6" : Symbol;

    /// <summary>Sends the feed's frames from the scripted provider, spaced as no serialiser of ours would.</summary>
    private async Task ProvideAsync(FeedRow row)
    {
        await UntilProvidedAsync(row.Channel);
        string[] frames = [.. Enumerable.Range(1, 60).Select(n => $$"""[ "{{row.Channel}}" ,  {"place" : "{{n % 7}}", "phase":0.{{n}}0, "note":"a  b\u0041 é", "nested" :{"deep":[1,2.50, null]} } ] """)];
        row.Sent = frames;
        foreach (var frame in frames)
        {
            await Provider.SendAsync(frame);
        }
    }

    private async Task UntilProvidedAsync(string form)
    {
        await Provider.WaitForJoinAsync(form);
        await Provider.WaitForJoinsAsync(form, 1);
    }

    /// <summary>Publishes on the feeds that programs beside the server publish on.</summary>
    private static async Task BroadcastAsync(ServerUnderTest server)
    {
        foreach (var (kind, body) in ((string, string)[])[
            ("pattern", """{"ticker":"SPY","pattern_type":"double_bottom","score":0.750,"entry_price":604.10}"""),
            ("alert", """{"ticker":"SPY","alert_type":"price_above","trigger_price":605.00}"""),
            ("system", """{"kind":"maintenance","message":"nothing  is planned: é"}""")])
        {
            using var client = new HttpClient();
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(new Uri(server.Url, "/api/ws/broadcast/" + kind), content).WithinBound($"a broadcast of {kind}");
            response.EnsureSuccessStatusCode();
        }
    }
}
