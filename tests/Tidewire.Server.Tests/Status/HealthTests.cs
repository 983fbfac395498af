using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Status;

public sealed class HealthTests : ServerTest
{
    [Fact]
    public async Task Readiness_goes_with_the_provider_and_comes_back_while_the_process_lives_on()
    {
        await StartAsync();
        await Server.UntilConnectedAsync();
        Assert.Equal((HttpStatusCode.OK, "ready", null, "connected"), await ReadyAsync());
        await Provider.StopAsync();
        await Server.UntilUpstreamAsync(view => view is { State: UpstreamState.Disconnected or UpstreamState.Connecting, Sessions: 1 }, "to be lost");
        var (code, status, reason, upstream) = await ReadyAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), (code, status));
        Assert.Contains((reason, upstream), new (string?, string?)[] { ("upstream_disconnected", "disconnected"), ("upstream_connecting", "connecting") });
        Assert.Equal((HttpStatusCode.OK, "live"), await LiveAsync());

        await Provider.StartAsync();
        await Server.UntilUpstreamAsync(view => view.Sessions == 2, "to be back");
        Assert.Equal((HttpStatusCode.OK, "ready", null, "connected"), await ReadyAsync());
    }

    [Fact]
    public async Task A_token_that_is_refused_is_not_ready_and_says_so()
    {
        Provider.Misbehaviour.Refusal = Refusal.Unauthorized;
        await StartAsync();
        await Server.UntilUpstreamAsync(view => view is { State: UpstreamState.NotEntitled, NextAttemptAt: not null }, "to be refused");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready", "upstream_not_entitled", "not_entitled"), await ReadyAsync());
        using var response = await Server.SendAsync("/health/ready");
        var text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(text);
        Assert.NotEmpty(json.RootElement.GetProperty("last_end").GetString()!);
        Assert.Equal(JsonValueKind.String, json.RootElement.GetProperty("next_attempt_at").ValueKind);
    }

    [Fact]
    public async Task Without_an_upstream_and_with_a_simulated_one_it_is_ready()
    {
        await StartWithoutUpstreamAsync();
        Assert.Equal((HttpStatusCode.OK, "ready", null, "disabled"), await ReadyAsync());
        var simulated = await StartSimulatedAsync();
        await simulated.UntilUpstreamAsync(view => view.State == UpstreamState.Simulated, "to be simulated");
        var answer = await simulated.JsonAsync("/health/ready");
        Assert.Equal(("ready", "simulated", true), (answer.GetProperty("status").GetString(), answer.GetProperty("upstream").GetString(), answer.GetProperty("simulated").GetBoolean()));
    }

    [Fact]
    public async Task While_it_drains_it_lives_and_is_not_ready()
    {
        await StartWithoutUpstreamAsync();
        await ReadyAsync();
        (HttpStatusCode, string?, string?, string?) ready = default;
        (HttpStatusCode, string?) live = default;
        Server.Get<IHostApplicationLifetime>().ApplicationStopping.Register(() => // asked after the stop began and before the port is closed
        {
            ready = ReadyAsync().GetAwaiter().GetResult();
            live = LiveAsync().GetAwaiter().GetResult();
        });
        await Server.StopAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready", "draining", "disabled"), ready);
        Assert.Equal((HttpStatusCode.OK, "live"), live);
    }

    private async Task<(HttpStatusCode Code, string? Status, string? Reason, string? Upstream)> ReadyAsync()
    {
        var (code, answer) = await AnswerAsync("/health/ready");
        string[] fields = ["status", "reason", "message", "upstream", "simulated", "since", "last_end", "next_attempt_at", "version", "timestamp"];
        Assert.Equal(fields, answer.EnumerateObject().Select(field => field.Name));
        return (code, answer.GetProperty("status").GetString(), answer.GetProperty("reason").GetString(), answer.GetProperty("upstream").GetString());
    }

    private async Task<(HttpStatusCode Code, string? Status)> LiveAsync()
    {
        var (code, answer) = await AnswerAsync("/health/live");
        Assert.True(answer.GetProperty("uptime").GetDouble() >= 0);
        Assert.Equal(["status", "version", "uptime", "timestamp"], answer.EnumerateObject().Select(field => field.Name));
        return (code, answer.GetProperty("status").GetString());
    }

    private async Task<(HttpStatusCode Code, JsonElement Answer)> AnswerAsync(string path)
    {
        using var response = await Server.SendAsync(path);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, json.RootElement.Clone());
    }
}
