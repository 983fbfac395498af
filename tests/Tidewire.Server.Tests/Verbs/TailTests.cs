using System.Text.Json;
using Tidewire.Server.Verbs;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Verbs;

/// <summary>What `tidewire tail` shows and how it ends.</summary>
[Trait("Promise", "tail")]
public sealed class TailTests : ServerTest
{
    [Fact]
    public async Task It_shows_what_passes_the_filter_as_lines_of_JSON_and_ends_when_it_has_enough()
    {
        var server = await StartSimulatedAsync(("Simulation:Rate", "20"));
        var (code, output, errors) = await RunAsync(new() { Channels = ["flow-alerts"], Url = server.Url, AsJson = true, Count = 3, Filter = "total_premium >= 50K" });
        Assert.Equal((ExitCode.Ended, ""), (code, errors));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).Where(static line => line.TryGetProperty("data", out _)).ToArray();
        Assert.Equal(3, lines.Length);
        Assert.All(lines, static line => Assert.True(line.GetProperty("data").GetProperty("total_premium").GetDouble() >= 50_000));
    }

    [Fact]
    public async Task Since_a_length_of_time_it_begins_that_far_back()
    {
        var server = await StartSimulatedAsync(("Simulation:Rate", "20"));
        await RunAsync(new() { Channels = ["flow-alerts"], Url = server.Url, AsJson = true, Count = 5 });
        var (code, output, _) = await RunAsync(new() { Channels = ["flow-alerts"], Url = server.Url, AsJson = true, Count = 5, Back = TimeSpan.FromMinutes(10) });
        Assert.Equal(ExitCode.Ended, code);
        Assert.Equal([1, 2, 3, 4, 5], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("offset").GetInt32()));
    }

    [Fact]
    public async Task On_a_terminal_it_is_a_table_with_the_columns_of_the_feed()
    {
        var server = await StartSimulatedAsync(("Simulation:Rate", "20"));
        var (code, output, _) = await RunAsync(new() { Channels = ["flow-alerts"], Url = server.Url, Count = 2 });
        Assert.Equal(ExitCode.Ended, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains("premium", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} [A-Z]+", lines[1]);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task With_speed_it_shows_a_line_a_second()
    {
        var server = await StartSimulatedAsync(("Simulation:Rate", "20"));
        var (code, output, _) = await RunAsync(new() { Channels = ["option_trades"], Url = server.Url, ShowsSpeed = true, AsJson = true, For = TimeSpan.FromSeconds(2.5) });
        Assert.Equal(ExitCode.Ended, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using var last = JsonDocument.Parse(lines[1]);
        Assert.True(last.RootElement.GetProperty("messages_per_second").GetDouble() > 0);
        Assert.True(last.RootElement.GetProperty("latency_ms_p50").GetDouble() < 1000);
    }

    [Fact]
    public async Task What_the_server_refuses_ends_with_its_words()
    {
        var server = await StartSimulatedAsync();
        var (unknown, _, told) = await RunAsync(new() { Channels = ["nope"], Url = server.Url, AsJson = true });
        Assert.Equal(ExitCode.Refused, unknown);
        Assert.Contains("nope", told, StringComparison.Ordinal);
        var (filter, _, column) = await RunAsync(new() { Channels = ["flow-alerts"], Url = server.Url, AsJson = true, Filter = "size >=" });
        Assert.Equal(ExitCode.Refused, filter);
        Assert.Contains("column", column, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gaps_are_rows_of_their_own()
    {
        var server = await StartAsync();
        var output = new StringWriter();
        using var stop = new CancellationTokenSource();
        var tail = new Tail(new() { Channels = ["flow-alerts"], Url = server.Url, Count = 2 }, output, TextWriter.Null, TimeProvider.System).RunAsync(stop.Token);
        await UntilJoinedAsync("flow-alerts");
        await Provider.SendDataAsync("flow-alerts", """{"id":"a","ticker":"TSLA","total_premium":1}""");
        await Provider.PartAsync(Tidewire.Testing.UnusualWhales.Parting.Finish);
        await Provider.WaitForJoinsAsync("flow-alerts", 2);
        await Provider.SendDataAsync("flow-alerts", """{"id":"b","ticker":"NVDA","total_premium":2}""");
        Assert.Equal(ExitCode.Ended, await tail.WithinBound("tail to end"));
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("TSLA", lines[1], StringComparison.Ordinal);
        Assert.Contains("missing: upstream_down", lines[2], StringComparison.Ordinal);
        Assert.Contains("NVDA", lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("90s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("1d", 86400)]
    public void A_length_of_time_is_read(string text, double seconds)
    {
        Assert.Null(TailRequest.ReadSince(text, out _, out var back));
        Assert.Equal(seconds, back!.Value.TotalSeconds);
    }

    [Fact]
    public void A_position_is_read_and_what_is_neither_is_said()
    {
        Assert.Null(TailRequest.ReadSince("e1:42", out var position, out _));
        Assert.Equal(42, position!.Value.Offset);
        Assert.Contains("neither", TailRequest.ReadSince("yesterday", out _, out _), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(TailRequest request)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await new Tail(request, output, errors, TimeProvider.System).RunAsync(CancellationToken.None).WithinBound("tail to end");
        return (code, output.ToString(), errors.ToString());
    }
}
