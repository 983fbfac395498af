using System.Text;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Status;

[Collection(Alone.Name)]
public sealed class MetricsLoadTests : MetricsTest
{
    private const int Clients = 30;
    private const int Scrapers = 4;

    [Fact]
    public async Task Scrapes_under_load_are_each_consistent_and_cost_no_client_a_message()
    {
        await StartAsync();
        var checks = Enumerable.Range(0, Clients).Select(_ => new SequenceCheck()).ToArray();
        var clients = new List<LoadClient>();
        foreach (var check in checks)
        {
            clients.Add(await LoadAsync("/api/stream/ws/flow", message => check.Observe(message)));
        }

        await UntilJoinedAsync("flow-alerts");
        await UntilSubscribersAsync("flow-alerts", Clients);
        var scraping = new CancellationTokenSource();
        var scrapers = Enumerable.Range(0, Scrapers).Select(_ => ScrapeOnAsync(scraping.Token)).ToArray();
        var report = await Provider.PumpAsync("flow-alerts", 1_000, TimeSpan.FromSeconds(2), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}}}"""), CancellationToken.None);
        foreach (var client in clients)
        {
            await client.WaitForMessagesAsync(report.Sent);
        }

        await scraping.CancelAsync();
        var scrapes = await Task.WhenAll(scrapers).WaitAsync(Testing.TestBound.Value);
        scraping.Dispose();
        Assert.All(checks, check => Assert.True(check is { IsPerfect: true, First: 0 } && check.Received == report.Sent, check.ToString()));
        Assert.All(scrapes, count => Assert.True(count > 3, $"{count} scrapes"));
        var last = await UntilAsync(
            ("""tidewire_deliveries_total{wire="envelope"}""", (double)report.Sent * Clients),
            ("""tidewire_publications_total{feed="flow-alerts",source="socket"}""", report.Sent),
            ("tidewire_upstream_publish_delay_seconds_count", report.Sent),
            ("tidewire_delivery_delay_seconds_count", report.Sent),
            ("tidewire_metrics_dropped_total", 0));
        Figure("scrapes while 30 clients took 1,000 messages/s", scrapes.Sum());
        Figure("mean gateway delay", FormattableString.Invariant($"{1000 * last["tidewire_delivery_delay_seconds_sum"] / report.Sent:0.000} ms"));
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_shows_in_the_age_of_what_waits_and_then_as_closed()
    {
        await StartAsync(("Fanout:SlowReaderLimit", "00:00:02"));
        var slow = await LoadAsync("/api/stream/ws/flow", _ => { }, socketBufferBytes: 4096);
        await UntilJoinedAsync("flow-alerts");
        slow.Pause();
        var pad = new string('x', 2_000);
        using var enough = new CancellationTokenSource();
        var pump = Provider.PumpAsync("flow-alerts", 3_000, TimeSpan.FromMinutes(1), n => Encoding.UTF8.GetBytes($$"""{"seq":{{n}},"pad":"{{pad}}"}"""), enough.Token);
        var scrape = await UntilAsync(("""tidewire_connections_slow_closed_total{wire="envelope"}""", 1));
        await enough.CancelAsync();
        await pump;
        Assert.True(scrape["""tidewire_delivery_queue_age_seconds_count{class="event"}"""] >= 1);
        Assert.True(scrape["""tidewire_delivery_queue_age_seconds_sum{class="event"}"""] > 0.5);
        Assert.Equal(0, scrape["""tidewire_delivery_queue_age_seconds_count{class="state"}"""]);
        slow.Resume();
    }

    /// <summary>Scrapes again and again: each text is valid, and what may only rise never falls.</summary>
    private async Task<int> ScrapeOnAsync(CancellationToken enough)
    {
        var before = await ScrapeAsync();
        var count = 1;
        for (; !enough.IsCancellationRequested; count++)
        {
            var now = await ScrapeAsync();
            Assert.All(before.Rising, sample => Assert.True(now[sample.Key] >= sample.Value, $"{sample.Key} fell from {sample.Value} to {now[sample.Key]}"));
            before = now;
        }

        return count;
    }
}
