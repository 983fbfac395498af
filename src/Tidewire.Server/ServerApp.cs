using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Access;
using Tidewire.Server.Dashboard;
using Tidewire.Server.Documentation;
using Tidewire.Server.Market;
using Tidewire.Server.Polling;
using Tidewire.Server.Recording;
using Tidewire.Server.ServerSentEvents;
using Tidewire.Server.Sockets;
using Tidewire.Server.Status;
using Tidewire.Simulation;
using Tidewire.Simulation.Rest;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server;

/// <summary>The process: puts the rooms together, listens, and drains when told to stop.</summary>
internal sealed partial class ServerApp : IAsyncDisposable
{
    /// <summary>All clients are closed and the process has ended within this, so that a supervisor's 10 s suffice.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(8);

    /// <summary>Connections beside those of clients: pages being loaded, status asked for, refusals being told.</summary>
    private const int SpareConnections = 1024;

    private readonly WebApplication _app;

    private ServerApp(WebApplication app) => _app = app;

    /// <summary>The addresses it listens on, with their real ports; empty before the start.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(static address => new Uri(address))];

    public IServiceProvider Services => _app.Services;

    /// <summary>Builds the server from the environment and the configuration.</summary>
    /// <param name="configure">Last changes to configuration and services; for tests.</param>
    /// <exception cref="SettingsException">A setting cannot be used.</exception>
    public static ServerApp Build(Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(TimeProvider.System);
        configure?.Invoke(builder);

        var settings = Settings.Read(builder.Configuration);
        builder.Services.AddSingleton(settings).AddSingleton<OriginPolicy>();
        AddLogging(builder);
        AddKestrel(builder, settings);

        var simulated = settings.Upstream == UpstreamChoice.Simulated;
        builder.Services.AddRecording(builder.Configuration, settings.DataFolder, simulated);
        builder.Services.AddFanout(simulated).AddSockets(builder.Configuration.GetValue("Sockets:Direct", true)).AddServerSentEvents().AddPolling().AddStatus().AddMarket().AddDocumentation();
        builder.Services.AddUpstream(
            settings.Upstream switch { UpstreamChoice.UnusualWhales => "uw", UpstreamChoice.Simulated => "simulated", _ => "none" },
            settings.Upstream switch { UpstreamChoice.UnusualWhales => PublicationSource.Socket, UpstreamChoice.Simulated => PublicationSource.Simulated, _ => null });
        switch (settings.Upstream)
        {
            case UpstreamChoice.UnusualWhales:
                builder.Services.AddSingleton<IUpstream>(provider => new UnusualWhalesSocket(
                    settings.UnusualWhales, provider.GetRequiredService<IOptions<UpstreamOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
                builder.Services.AddHostedService<UpstreamHost>();
                if (settings.RestUrl is { } rest)
                {
                    builder.Services.AddStockStates();
                    builder.Services.AddRest(rest, settings.UnusualWhales.Token, new FileRequestLedgerStore(Path.Combine(settings.DataFolder, "request-ledger.json")), settings.Apply, inProcess: null);
                    builder.Services.AddHostedService<PollerHost>();
                    builder.Services.AddHostedService<RestProbeHost>();
                }

                break;
            case UpstreamChoice.Simulated:
                builder.Services.AddSimulation();
                builder.Services.AddSingleton<IUpstream>(static provider => provider.GetRequiredService<SimulatedUpstream>());
                builder.Services.AddSingleton<IReferencePrices>(static provider => provider.GetRequiredService<SimulatedUpstream>());
                builder.Services.AddHostedService<UpstreamHost>();
                if (settings.RestUrl is not null)
                {
                    builder.Services.AddRest(new Uri("http://simulated.invalid"), "simulated", new MemoryRequestLedgerStore(), settings.Apply, static provider => provider.GetRequiredService<SimulatedRest>());
                    builder.Services.AddHostedService<PollerHost>();
                }

                break;
        }

        builder.Services.AddHostedService<AnnouncementHost>();
        var app = builder.Build();
        app.UseSafeHeaders(); // before the guard, whose refusals carry them too
        app.UseMiddleware<HostGuard>();
        app.MapDashboard();
        app.MapSockets();
        app.MapServerSentEvents();
        app.MapPolling();
        app.MapBroadcast();
        app.MapStatus();
        app.MapDocumentation();
        return new ServerApp(app);
    }

    /// <summary>Starts listening. On return the addresses are known.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var hub = _app.Services.GetRequiredService<Hub>();
        _app.Services.GetRequiredService<Demand>(); // follows the hub from before the first subscription
        _app.Lifetime.ApplicationStopping.Register(() => hub.CloseAll(Disconnect.GoingAway));
        await _app.StartAsync(cancellation);
    }

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Runs until a signal or the token ends it.</summary>
    /// <param name="output">Where the ready line goes.</param>
    /// <param name="cancellation">Ends it like a signal does.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(TextWriter output, CancellationToken cancellation)
    {
        var settings = _app.Services.GetRequiredService<Settings>();
        var logger = _app.Services.GetRequiredService<ILogger<ServerApp>>();
        try
        {
            await StartAsync(cancellation);
        }
        catch (OptionsValidationException exception)
        {
            await Console.Error.WriteLineAsync($"Tidewire cannot start: {string.Join(" ", exception.Failures)}");
            return 1;
        }
        catch (InvalidDataException exception)
        {
            await Console.Error.WriteLineAsync($"Tidewire cannot start: {exception.Message}");
            return 1;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"Tidewire cannot start: {exception.Message} Set TIDEWIRE_URLS to another port, such as http://127.0.0.1:8001.");
            return 1;
        }

        switch (settings.Upstream)
        {
            case UpstreamChoice.Simulated:
                Log.Simulated(logger);
                break;
            case UpstreamChoice.None:
                Log.Disabled(logger);
                break;
            default:
                Log.Provider(logger, settings.UnusualWhales.SocketUrl.GetLeftPart(UriPartial.Path)); // a query may hold what is no one's business
                break;
        }

        await output.WriteLineAsync($"Tidewire ready on {string.Join(" ", Addresses.Select(static address => address.GetLeftPart(UriPartial.Authority)))}");
        await output.FlushAsync(CancellationToken.None);
        await _app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void AddLogging(WebApplicationBuilder builder)
    {
        // Logs go to stderr, through the formatter that masks secrets; stdout carries the ready line alone.
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(options =>
        {
            options.FormatterName = RedactingConsole.FormatterName;
            options.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Logging.AddConsoleFormatter<RedactingConsole, ConsoleFormatterOptions>();
    }

    private static void AddKestrel(WebApplicationBuilder builder, Settings settings)
    {
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = DrainLimit);
        if (builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            throw new SettingsException("Kestrel:Endpoints is set. Where to listen is said in TIDEWIRE_URLS alone, so that it can be checked: set that, and take Kestrel:Endpoints away.");
        }

        var maxConnections = builder.Configuration.GetValue($"{FanoutOptions.Section}:{nameof(FanoutOptions.MaxConnections)}", new FanoutOptions().MaxConnections);
        builder.WebHost.UseSockets(static options =>
        {
            options.Backlog = SendBuffer.Backlog;
            options.CreateBoundListenSocket = SendBuffer.Listen;
        });
        builder.WebHost.UseUrls().PreferHostingUrls(false); // the settings alone say where to listen
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = maxConnections + SpareConnections;
            options.Limits.MaxRequestBodySize = 64 << 10;
            options.Limits.MaxRequestBufferSize = 64 << 10;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            foreach (var url in settings.Urls)
            {
                void Configure(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;
                if (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address))
                {
                    options.Listen(address, url.Port, Configure);
                }
                else if (url.Port == 0)
                {
                    options.Listen(IPAddress.Loopback, 0, Configure); // any free port can be had for one address only
                }
                else
                {
                    options.ListenLocalhost(url.Port, Configure);
                }
            }
        });
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Warning, "No provider token is set: this is a SIMULATED market, nothing in it was traded. Set UW_API_TOKEN for the real one.", EventName = "SimulatedMarket")]
        public static partial void Simulated(ILogger logger);

        [LoggerMessage(201, LogLevel.Warning, "TIDEWIRE_UPSTREAM is none: streaming is disabled.", EventName = "StreamingDisabled")]
        public static partial void Disabled(ILogger logger);

        [LoggerMessage(202, LogLevel.Information, "Taking the provider's data from {Provider}.", EventName = "Provider")]
        public static partial void Provider(ILogger logger, string provider);
    }
}
