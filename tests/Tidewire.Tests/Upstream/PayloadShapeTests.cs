using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;
using Tidewire.Tests.Simulation;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>What the provider sends, held against what it documents.</summary>
public sealed class PayloadShapeTests
{
    private const string Tide = """{"timestamp":"2026-11-20T15:00:00Z","net_call_premium":"1.0","net_put_premium":"2.0","net_volume":3}""";

    [Fact]
    public void The_documented_fields_are_those_of_the_list_of_channels()
    {
        using var list = JsonDocument.Parse(File.ReadAllBytes(ProviderFiles.Require("channels.json")));
        foreach (var feed in FanoutWorld.Catalogue.Feeds.Where(static feed => feed.Origin == FeedOrigin.Join))
        {
            var wire = feed.Name == "futures" ? "futures_trades" : feed.Name;
            var listed = list.RootElement.GetProperty("channels").EnumerateArray().Single(entry => entry.GetProperty("wire_name").GetString() == wire).GetProperty("fields").EnumerateObject().ToArray();
            var known = DocumentedFields.Of(feed.Name);
            Assert.Equal(listed.Select(static field => field.Name).Order(), (known?.Keys ?? []).Order());
            foreach (var field in listed)
            {
                var text = field.Value.GetString()!;
                var (kind, isOptional) = known![field.Name];
                Assert.Equal(text.Contains("optional", StringComparison.Ordinal), isOptional);
                var first = text.Split(':', ' ', '|', '<', ',')[0];
                Assert.Equal(text.Contains("unverified", StringComparison.Ordinal) ? "any" : first == "integer" ? "number" : first, kind);
            }
        }
    }

    [Theory]
    [InlineData("flow-alerts")]
    [InlineData("option_trades:SPY")]
    [InlineData("gex:SPX")]
    [InlineData("price:SPY")]
    [InlineData("gex_strike_expiry:SPX")]
    [InlineData("off_lit_trades")]
    [InlineData("market_tide")]
    [InlineData("net_flow:SPX")]
    [InlineData("periscope")]
    [InlineData("futures_trades")]
    public void A_simulated_feed_is_as_documented(string form)
    {
        var shape = new PayloadShape(DocumentedFields.Of(form.Split(':')[0]));
        var drift = new MarketRecorder(new(), form).Advance(TimeSpan.FromSeconds(form == "off_lit_trades" ? 90 : 60)).Frames.SelectMany(frame => shape.Look(Encoding.UTF8.GetBytes(frame.Payload.GetRawText()))).ToArray();
        Assert.Equal([], drift);
        Assert.Equal(0, shape.View!.Drift);
        Assert.True(shape.View.IsDocumented);
    }

    [Fact]
    public void The_real_captures_have_only_documented_fields_of_the_documented_types()
    {
        Assert.SkipUnless(Captures.TryFind(out var captures), "there are no captures beside the repository");
        foreach (var channel in captures.Frames.Where(static frame => !frame.IsAck).GroupBy(static frame => frame.Channel.Split(':')[0], StringComparer.Ordinal))
        {
            var shape = new PayloadShape(DocumentedFields.Of(channel.Key));
            foreach (var frame in channel)
            {
                shape.Look(frame.Frame.AsSpan(UnusualWhalesDecoder.Decode(frame.Frame).Payload));
            }

            var view = shape.View!;
            TestContext.Current.TestOutputHelper?.WriteLine($"{channel.Key}: {view.Looked} messages, {view.Fields} fields, fingerprint {view.Fingerprint}, missing: {string.Join(", ", view.Missing)}");
            Assert.Equal([], view.Undocumented);
            Assert.Equal([], view.OtherTypes);
        }
    }

    [Fact]
    public void What_differs_is_told_once_and_stays_in_the_view()
    {
        var shape = new PayloadShape(DocumentedFields.Of("price"));
        Assert.Null(shape.View);
        Assert.Equal([], Look(shape, """{"close":"1.5","time":1}"""));
        Assert.Equal(["vol"], shape.View!.Missing);
        Assert.Equal([new("close", "number", "string"), new("bid", "string", null)], Look(shape, """{"close":1.5,"time":1,"vol":2,"bid":"1"}"""));
        Assert.Equal([], Look(shape, """{"close":1.6,"time":2,"vol":null,"bid":"2"}"""));
        Assert.Equal([new("vol", "object", "number"), new("ask", "null", null)], Look(shape, """{"close":"1","time":2,"vol":{"a":{"close":1}},"ask":null}"""));
        var view = shape.View!;
        Assert.Equal((4L, 5, true, 4), (view.Looked, view.Fields, view.IsDocumented, view.Drift));
        Assert.Equal(["ask", "bid"], view.Undocumented);
        Assert.Equal([], view.Missing);
        Assert.Equal(["close", "vol"], view.OtherTypes);
    }

    [Fact]
    public void The_fingerprint_is_that_of_the_fields_and_types()
    {
        var one = Fingerprint("""{"a":1,"b":"x"}""");
        Assert.Equal(one, Fingerprint("""{"b":"y","a":2}""", """{"a":-3e5,"b":null}"""));
        Assert.NotEqual(one, Fingerprint("""{"a":1,"b":"x","c":true}"""));
        Assert.NotEqual(one, Fingerprint("""{"a":"1","b":"x"}"""));
        Assert.NotEqual(Fingerprint("""{"ab":1}"""), Fingerprint("""{"a":1}"""));

        static string Fingerprint(params string[] payloads)
        {
            var shape = new PayloadShape(null);
            Assert.All(payloads, payload => Assert.Equal([], Look(shape, payload)));
            Assert.Equal((false, 0), (shape.View!.IsDocumented, shape.View.Drift));
            return shape.View.Fingerprint;
        }
    }

    [Fact]
    public void What_is_kept_of_a_provider_that_invents_names_is_bounded()
    {
        var shape = new PayloadShape(DocumentedFields.Of("price"));
        for (var n = 0; n < 1000; n++)
        {
            Look(shape, $$"""{"{{new string('x', 200)}}":1,"field-{{n}}":1,"\ud800":2,"line\nend":3}""");
        }

        Assert.Equal(256, shape.View!.Fields);
        Assert.Contains("(200 characters)", shape.View.Undocumented);
        Assert.All(shape.View.Undocumented, static name => Assert.True(name.Length <= 64 && !name.Any(char.IsControl), name));
    }

    [Fact]
    public async Task Of_each_feed_the_first_messages_are_looked_at_and_then_one_a_second()
    {
        var log = new NotedLog<SampledMessages>();
        var samples = new SampledMessages(FanoutWorld.Catalogue, log);
        await using var world = new UpstreamWorld(samples: samples);
        var client = world.Subscribe("market_tide", "flow-alerts");
        await world.OpenAsync();
        await world.JoinedAsync("market_tide");
        await world.JoinedAsync("flow-alerts");
        for (var n = 0; n < 50; n++)
        {
            world.Upstream.Frame(UpstreamWorld.Data("market_tide", Tide));
        }

        await world.DecodedAsync();
        Assert.Equal(20, log.Count("SampledMessage"));
        var sentAt = world.Time.GetUtcNow() - TimeSpan.FromMilliseconds(43);
        world.Upstream.Frame(UpstreamWorld.Data("flow-alerts", $$"""{"id":"5f0d3c1e","executed_at":{{sentAt.ToUnixTimeMilliseconds()}}}"""));
        await world.DecodedAsync();
        var line = log.Lines[^1];
        Assert.Equal(("SampledMessage", Microsoft.Extensions.Logging.LogLevel.Debug), (line.Event, line.Level));
        Assert.StartsWith("Message of flow-alerts at offset 1, id 5f0d3c1e, ", line.Text, StringComparison.Ordinal);
        Assert.Contains("on the way 43.000 ms, decoded after 0.000 ms, published after 0.000 ms more", line.Text, StringComparison.Ordinal);

        world.Time.Advance(TimeSpan.FromMilliseconds(1001));
        world.Upstream.Frame(UpstreamWorld.Data("market_tide", Tide));
        world.Upstream.Frame(UpstreamWorld.Data("market_tide", Tide));
        await world.DecodedAsync();
        Assert.Equal(22, log.Count("SampledMessage"));
        FanoutWorld.Catalogue.TryGet("market_tide", out var tide);
        Assert.Equal(21, samples.ShapeOf(tide!)!.Looked);
        GC.KeepAlive(client);
    }

    private static IReadOnlyList<ShapeDrift> Look(PayloadShape shape, string payload) => shape.Look(Encoding.UTF8.GetBytes(payload));
}
