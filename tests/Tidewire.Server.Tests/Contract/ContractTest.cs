using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using Tidewire.Server.Tests.ServerSentEvents;
using Tidewire.Testing;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Contract;

/// <summary>A test that holds a running server against what is documented.</summary>
[Trait("Promise", "contract")]
public abstract class ContractTest : HttpWireTest
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ResponseDrainTimeout = TimeSpan.Zero, // a stream that was read enough of ends at once
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Dictionary<string, ServerUnderTest> _byState = [];

    /// <summary>A server in the state that an example names; the same one for each state.</summary>
    /// <param name="state">The state; null for a simulated market whose flow has been running.</param>
    protected async Task<ServerUnderTest> InStateAsync(string? state)
    {
        if (!_byState.TryGetValue(state ?? "", out var server))
        {
            server = await StartInAsync(state);
            _byState.Add(state ?? "", server);
        }

        return server;
    }

    /// <summary>Sends a request and reads the whole answer; of a stream of events so many of them.</summary>
    private protected async Task<HttpAnswer> SendAsync(HttpRequestMessage request, int events = 0)
    {
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WithinBound($"an answer to {request.Method} {request.RequestUri}");
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        var endless = (int)response.StatusCode == 101 || response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var body = endless ? await BeginningAsync(response, events) : await response.Content.ReadAsStringAsync().WithinBound($"the body of {request.RequestUri}");
        return new HttpAnswer((int)response.StatusCode, headers, body);
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, int events)
    {
        if (events == 0)
        {
            return "";
        }

        var read = new ArrayBufferWriter<byte>();
        await using var stream = await response.Content.ReadAsStreamAsync();
        while (HttpContract.Events(Encoding.UTF8.GetString(read.WrittenSpan)).Count < events)
        {
            var length = await stream.ReadAsync(read.GetMemory(4096)).AsTask().WithinBound("an event");
            if (length == 0)
            {
                break;
            }

            read.Advance(length);
        }

        return Encoding.UTF8.GetString(read.WrittenSpan);
    }

    private async Task<ServerUnderTest> StartInAsync(string? state)
    {
        switch (state)
        {
            case null:
                var server = await StartSimulatedAsync();
                var warm = Keep(await SseClient.ConnectAsync(server.Url, "/stream/flow"));
                for (var n = 0; n < 4; n++)
                {
                    await warm.NextEventAsync();
                }

                return server;
            case "none":
                return await StartWithoutUpstreamAsync();
            case "connected":
                return await StartConnectedAsync();
            case "one_channel":
                return await StartSimulatedAsync(("Fanout:MaxChannelsPerConnection", "1"));
            case "full":
                var full = await StartSimulatedAsync(("Fanout:MaxConnections", "1"));
                await Keep(await SseClient.ConnectAsync(full.Url, "/stream/flow")).NextEventAsync();
                return full;
            case "polls_full":
                var waited = await StartWithoutUpstreamAsync(("Fanout:MaxPollWaiters", "1"));
                _ = Http.GetAsync(new Uri(waited.Url, string.Create(CultureInfo.InvariantCulture, $"/api/stream/poll/flow?since={waited.Hub.Epoch}:0&wait=60")));
                await ServerUnderTest.UntilAsync(() => waited.Hub.Logs.Any(log => log.Subscribers == 1), "a poll to wait");
                return waited;
            case "disconnected":
                await Provider.StopAsync();
                var alone = await StartAsync();
                await alone.UntilUpstreamAsync(view => view is { State: UpstreamState.Disconnected, NextAttemptAt: { } at } && at - TimeProvider.System.GetUtcNow() > TimeSpan.FromSeconds(1), "to wait for a while");
                return alone;
            case "going_away":
                var stopping = await StartSimulatedAsync();
                stopping.Get<IHostApplicationLifetime>().StopApplication();
                return stopping;
            default:
                throw new InvalidDataException($"No test knows how to bring a server into the state '{state}'.");
        }
    }

    /// <summary>A server with a provider that answers joins and REST, both in use.</summary>
    private async Task<ServerUnderTest> StartConnectedAsync()
    {
        var rest = Keep(FakeUnusualWhalesRest.StartNew(TimeProvider.System));
        rest.Script("*", RestScript.Ok("""{"data":[{"ticker":"SPY"}]}"""));
        var server = await StartAsync(("UW_REST_URL", rest.Address.ToString()), ("TIDEWIRE_DATA", Keep(new ScratchFolder()).Path));
        foreach (var path in (string[])["/stream/flow", "/api/stream/sse/market-movers"])
        {
            await Keep(await SseClient.ConnectAsync(server.Url, path)).NextEventAsync();
        }

        await Provider.WaitForJoinAsync("flow-alerts");
        await ServerUnderTest.UntilAsync(() => rest.Answered > 0, "an answer of REST");
        await server.UntilConnectedAsync();
        await ServerUnderTest.UntilAsync(() => server.Get<Demand>().Channels.Any(view => view is { Form: "flow-alerts", State: ChannelState.Joined }), "the acknowledgement");
        return server;
    }

    /// <summary>A folder that is gone after the test.</summary>
    private sealed class ScratchFolder : IAsyncDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("tidewire-contract-").FullName;

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Path, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
