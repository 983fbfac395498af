using System.Diagnostics.Metrics;
using Tidewire.Server.Status;

namespace Tidewire.Server.Tests.Status;

/// <summary>Instruments of every kind, made in the server's own meter factory, as they are written.</summary>
public sealed class MetricsTextTests : MetricsTest
{
    [Fact]
    public async Task The_text_is_valid_and_says_what_each_figure_means()
    {
        await StartSimulatedAsync(("Simulation:Rate", "50"));
        var client = await StreamAsync("option_trades");
        await client.NextAsync();
        var text = await ScrapeTextAsync();
        var scrape = PrometheusScrape.Parse(text);
        var ours = scrape.Types.Keys.Where(name => name.StartsWith("tidewire_", StringComparison.Ordinal)).ToArray();
        Assert.True(ours.Length > 20, string.Join(", ", ours));
        Assert.All(ours, name => Assert.True(scrape.Helps.GetValueOrDefault(name)?.Length > 10, name));
        Assert.All(
            (string[])["dotnet_process_cpu_time_seconds_total", "dotnet_gc_collections_total", "dotnet_thread_pool_queue_length", "dotnet_process_memory_working_set_bytes", "process_uptime_seconds"],
            name => Assert.Contains(name, scrape.Types.Keys));
        Assert.Equal("gauge", scrape.Types["dotnet_thread_pool_thread_count"]);
        await PromtoolAsync(text);
    }

    [Fact]
    public async Task Each_kind_of_instrument_is_added_up_in_its_own_way()
    {
        var meter = await MeterAsync();
        var counter = meter.CreateCounter<int>("test.things", "{thing}");
        counter.Add(2, KeyValuePair.Create<string, object?>("b", 1), KeyValuePair.Create<string, object?>("a.b", true));
        counter.Add(3, KeyValuePair.Create<string, object?>("a.b", true), KeyValuePair.Create<string, object?>("b", 1)); // the order of tags says nothing
        var level = meter.CreateUpDownCounter<long>("test.level", "By");
        level.Add(5);
        level.Add(-7);
        var gauge = meter.CreateGauge<double>("test.1st-gauge", "ms");
        gauge.Record(1.5);
        gauge.Record(double.NegativeInfinity);
        var histogram = meter.CreateHistogram<double>("test.delay", "s", tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.000_05, 0.5, 1] });
        Array.ForEach([0, 0.5, 0.500_1, 7, double.NaN], histogram.Record);
        var scrape = await ScrapeAsync();
        Assert.Equal(5, scrape["""test_things_total{a_b="True",b="1"}"""]);
        Assert.Equal(-2, scrape["test_level_bytes"]);
        Assert.Equal(double.NegativeInfinity, scrape["test_1st_gauge_milliseconds"]);
        Assert.Equal(("counter", "gauge", "histogram"), (scrape.Types["test_things_total"], scrape.Types["test_level_bytes"], scrape.Types["test_delay_seconds"]));
        Assert.Equal(
            [1, 2, 3, 4],
            new[] { "0.00005", "0.5", "1", "+Inf" }.Select(bound => (int)scrape[$$"""test_delay_seconds_bucket{le="{{bound}}"}"""]));
        Assert.Equal((8.000_1, 4), (Math.Round(scrape["test_delay_seconds_sum"], 6), scrape["test_delay_seconds_count"]));
    }

    [Theory]
    [InlineData("tidewire.written", "By", "tidewire_written_bytes_total")]
    [InlineData("a.seconds", "s", "a_seconds_total")]
    [InlineData("a_total", null, "a_total")]
    [InlineData("9 lives", "{life}", "_9_lives_total")]
    [InlineData("a", "m/s", "a_m_s_total")]
    [InlineData("", "1", "__total")]
    public void Names_are_translated_as_OpenTelemetry_does(string instrument, string? unit, string expected)
        => Assert.Equal(expected, PrometheusText.NameOf(instrument, unit, MetricKind.Counter));

    [Fact]
    public async Task What_is_observed_goes_when_it_is_no_longer_there()
    {
        var meter = await MeterAsync();
        var there = new List<string> { "a", "b" };
        meter.CreateObservableGauge("test.there", () => there.Select(name => new Measurement<int>(1, KeyValuePair.Create<string, object?>("name", name))));
        Assert.Equal(["a", "b"], (await ScrapeAsync()).LabelValues("test_there", "name"));
        there.Remove("a");
        Assert.Equal(["b"], (await ScrapeAsync()).LabelValues("test_there", "name"));
        there.Clear();
        Assert.DoesNotContain("test_there", (await ScrapeAsync()).Types.Keys);
    }

    [Fact]
    public async Task There_is_a_bound_to_the_number_of_series_and_what_is_left_out_is_counted()
    {
        var meter = await MeterAsync();
        var counter = meter.CreateCounter<long>("test.tagged");
        var before = (await ScrapeAsync()).Samples.Count;
        for (var i = 0; i < MetricsReader.MaxSeries + 100; i++)
        {
            counter.Add(1, KeyValuePair.Create<string, object?>("number", i));
        }

        var scrape = await ScrapeAsync();
        Assert.InRange(scrape.Samples.Count, MetricsReader.MaxSeries / 2, MetricsReader.MaxSeries + before);
        Assert.True(scrape["tidewire_metrics_dropped_total"] > 100);
        Assert.Equal(1, scrape["tidewire_ready"]); // who came first stays
    }

    [Fact]
    public async Task A_figure_that_fails_costs_no_other_one()
    {
        var meter = await MeterAsync();
        meter.CreateObservableGauge("test.broken", int () => throw new InvalidOperationException("broken on purpose"));
        var scrape = await ScrapeAsync();
        Assert.DoesNotContain("test_broken", scrape.Types.Keys);
        Assert.Equal(1, scrape["tidewire_ready"]);
        Assert.Equal(1, (await ScrapeAsync())["tidewire_metrics_dropped_total"]);
        Assert.Contains(Server.Logs, line => line.Text.Contains("broken on purpose", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instruments_of_strangers_and_second_ones_of_a_name_are_left_out()
    {
        var meter = await MeterAsync();
        using var stranger = new Meter("Tidewire.Stranger"); // as another server in this process would have one
        stranger.CreateCounter<int>("test.strange").Add(1);
        using var other = new Meter("Other");
        other.CreateCounter<int>("test.other").Add(1);
        meter.CreateCounter<int>("test.same").Add(1);
        meter.CreateGauge<int>("test.same.total").Record(7);
        var scrape = await ScrapeAsync();
        Assert.DoesNotContain(scrape.Types.Keys, name => name.Contains("strange", StringComparison.Ordinal) || name.Contains("other", StringComparison.Ordinal));
        Assert.Equal(1, scrape["test_same_total"]);
    }

    [Fact]
    public async Task Two_servers_in_one_process_do_not_mix()
    {
        await StartWithoutUpstreamAsync();
        var second = await StartSimulatedAsync();
        await second.UntilUpstreamAsync(view => view.Sessions == 1, "to run");
        await ConnectAsync();
        var first = await ScrapeAsync();
        Assert.Equal((1, 1), (first["""tidewire_connections_open{wire="json"}"""], first["""tidewire_upstream_state{state="disabled"}"""]));
        using var response = await second.SendAsync("/metrics");
        var other = PrometheusScrape.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((0, 1), (other["""tidewire_connections_open{wire="json"}"""], other["""tidewire_upstream_state{state="simulated"}"""]));
    }

    private async Task<Meter> MeterAsync()
    {
        await StartWithoutUpstreamAsync();
        return Server.Get<IMeterFactory>().Create(new MeterOptions("Tidewire.Tests"));
    }
}
