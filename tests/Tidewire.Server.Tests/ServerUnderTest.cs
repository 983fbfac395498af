using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Recording;
using Tidewire.Testing;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests;

/// <summary>
/// The whole server in this process, on a port of its own, with none of the machine's settings. Keeps its logs; its end
/// fails when an error was logged that no test expected.
/// </summary>
public sealed class ServerUnderTest : IAsyncDisposable
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });

    private readonly ServerApp _app;
    private readonly CapturedLogs _logs;
    private readonly Pulse _changed = new();
    private readonly string? _folder;
    private bool _stopped;
    private bool _disposed;
    private long _publishedAtStart;

    private ServerUnderTest(ServerApp app, string? folder)
    {
        _app = app;
        _folder = folder;
        _logs = new CapturedLogs(Get<IEnumerable<ConsoleFormatter>>().Single(formatter => formatter.Name == RedactingConsole.FormatterName));
        // Not in `configure`: the server clears the providers after it.
        Get<ILoggerFactory>().AddProvider(_logs);
        Upstream.Changed += _ => _changed.Beat();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.Addresses[0];

    /// <summary>Everywhere it listens.</summary>
    public IReadOnlyList<Uri> Addresses => _app.Addresses;

    public Hub Hub => Get<Hub>();

    /// <summary>Publications since it started, over all channels; at the start the market's status is one.</summary>
    public long Published => Hub.Counters.PublishedCount - _publishedAtStart;

    public UpstreamStatus Upstream => Get<UpstreamStatus>();

    public IReadOnlyCollection<LogLine> Logs => _logs.Lines;

    /// <summary>Builds and starts one.</summary>
    /// <param name="settings">By name, such as <c>UW_API_TOKEN</c> or <c>Upstream:Linger</c>.</param>
    /// <param name="time">Takes the place of the system's clock.</param>
    /// <param name="store">Stands before the recording.</param>
    public static async Task<ServerUnderTest> StartAsync(IReadOnlyDictionary<string, string?> settings, TimeProvider? time = null, Func<ILogStore, ILogStore>? store = null)
    {
        var folder = settings.ContainsKey("TIDEWIRE_DATA") ? null : Path.Combine(Path.GetTempPath(), "tidewire-server-" + Path.GetRandomFileName());
        var server = new ServerUnderTest(ServerApp.Build(builder => Configure(builder, settings, time, folder, store)), folder);
        await server._app.StartAsync(CancellationToken.None);
        await server.Hub.SettledAsync(); // the market's status is one, shown once its channel has offsets
        server._publishedAtStart = server.Hub.Counters.PublishedCount;
        return server;
    }

    /// <summary>Only builds one, to see whether the settings are taken.</summary>
    public static async Task BuildAsync(IReadOnlyDictionary<string, string?> settings)
    {
        await using var app = ServerApp.Build(builder => Configure(builder, settings, time: null, folder: null));
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Errors with this text in them are what the test is about.</summary>
    public void ExpectError(string part) => _logs.Expect(part);

    /// <summary>Waits until the upstream's state is as wanted.</summary>
    public Task UntilUpstreamAsync(Func<UpstreamView, bool> holds, string what) =>
        _changed.UntilAsync(() => holds(Upstream.View), () => $"the upstream {what}; it is {Upstream.View}");

    public Task UntilConnectedAsync() => UntilUpstreamAsync(view => view.State == UpstreamState.Connected, "to be connected");

    /// <summary>Waits for something that the server gives no signal of, by looking again and again.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(started) > TestBound.Value)
            {
                throw new TimeoutException($"Waited {TestBound.Value.TotalSeconds} s for {what}.");
            }

            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks over HTTP.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(Url, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request).WithinBound($"an answer from {path}");
    }

    /// <summary>The JSON that a path answers with.</summary>
    public async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await SendAsync(path);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }

    public Task<JsonElement> StatusAsync() => JsonAsync("/api/stream/status");

    /// <summary>Publishes an entry and waits until it is shown, which on an event channel is once it is kept.</summary>
    public StreamPosition Publish(ChannelLog log, Publication publication)
    {
        var position = Hub.Publish(log, publication);
        Hub.SettledAsync().WaitAsync(TestBound.Value).GetAwaiter().GetResult();
        return position;
    }

    /// <summary>Ends it as nearly as a kill does as it can be in one process: nothing is closed in order, what is not kept is lost.</summary>
    public async Task CrashAsync()
    {
        Hub.Dispose(); // from here on nothing is shown or kept; the rest only has to go
        await DisposeAsync();
    }

    /// <summary>Stops it as a signal does.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_stopped)
        {
            await StopAsync();
        }

        await _app.DisposeAsync();
        if (_folder is not null && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        if (_logs.Unexpected is { Count: > 0 } errors)
        {
            throw new InvalidOperationException($"The server logged errors that were not expected: {string.Join(Environment.NewLine, errors.Select(line => $"{line.Category}: {line.Text}"))}");
        }
    }

    private static void Configure(WebApplicationBuilder builder, IReadOnlyDictionary<string, string?> settings, TimeProvider? time, string? folder, Func<ILogStore, ILogStore>? store = null)
    {
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        foreach (var environment in sources.OfType<EnvironmentVariablesConfigurationSource>().ToArray())
        {
            sources.Remove(environment);
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TIDEWIRE_URLS"] = "http://127.0.0.1:0",
            ["TIDEWIRE_DATA"] = folder ?? Path.GetTempPath(),
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:Console:LogLevel:Default"] = "None",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        if (time is not null)
        {
            builder.Services.RemoveAll<TimeProvider>();
            builder.Services.AddSingleton(time);
        }

        if (store is not null)
        {
            builder.Services.AddSingleton(provider => store(provider.GetRequiredService<SqliteLogStore>()));
        }
    }
}
