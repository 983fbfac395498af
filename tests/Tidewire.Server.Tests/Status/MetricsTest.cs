using System.Diagnostics;
using System.Net;

namespace Tidewire.Server.Tests.Status;

/// <summary>A test that reads <c>/metrics</c>.</summary>
public abstract class MetricsTest : ServerTest
{
    private protected async Task<string> ScrapeTextAsync()
    {
        using var response = await Server.SendAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        return await response.Content.ReadAsStringAsync();
    }

    private protected async Task<PrometheusScrape> ScrapeAsync() => PrometheusScrape.Parse(await ScrapeTextAsync());

    /// <summary>Scrapes until the samples are as wanted: what is counted after a delivery may follow it by a moment.</summary>
    private protected async Task<PrometheusScrape> UntilAsync(params (string Sample, double Value)[] wanted)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var scrape = await ScrapeAsync();
            var wrong = wanted.Where(sample => scrape[sample.Sample] != sample.Value).ToArray();
            if (wrong.Length == 0)
            {
                return scrape;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < Testing.TestBound.Value,
                string.Join("; ", wrong.Select(sample => $"{sample.Sample} is {scrape[sample.Sample]}, not {sample.Value}")));
        }
    }

    private protected Task UntilSubscribersAsync(string channel, int count) =>
        ServerUnderTest.UntilAsync(() => Server.Hub.Logs.Any(log => log.Name.ToString() == channel && log.Subscribers == count), $"{count} subscribers of {channel}");

    /// <summary>Lets Prometheus's own tool judge the text, where it is installed.</summary>
    private protected static async Task PromtoolAsync(string text)
    {
        var tool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(tool is null, "promtool is not installed");
        using var process = Process.Start(new ProcessStartInfo(tool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        // 3 is a matter of taste, such as names of the runtime's that end in _count; 1 is text that cannot be read.
        Assert.True(process.ExitCode is 0 or 3, said);
        Assert.All(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("dotnet_", line, StringComparison.Ordinal));
    }
}
