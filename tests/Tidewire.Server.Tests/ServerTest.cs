using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests;

/// <summary>A test of one or more servers. What it made is taken down after it: clients first, then servers, then the provider.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    /// <summary>The token that servers are given.</summary>
    protected const string Token = "secret-token-of-the-tests";

    private readonly List<IAsyncDisposable> _clients = [];
    private readonly List<ServerUnderTest> _servers = [];

    /// <summary>Whether clients over WebSocket are served on sockets of the server's own, or through the web server, as over TLS.</summary>
    protected virtual bool Direct => true;

    protected FakeUnusualWhales Provider { get; private set; } = null!;

    /// <summary>A folder of this test's own, for what a server keeps.</summary>
    protected string Folder { get; } = Path.Combine(Path.GetTempPath(), "tidewire-test-" + Path.GetRandomFileName());

    protected IReadOnlyList<ServerUnderTest> Servers => _servers;

    /// <summary>The server that was started last.</summary>
    protected ServerUnderTest Latest => _servers[^1];

    /// <summary>The server that was started first.</summary>
    protected ServerUnderTest Server => _servers[0];

    public virtual async ValueTask InitializeAsync() => Provider = await FakeUnusualWhales.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        var faults = new List<Exception>();
        foreach (var made in ((IEnumerable<IAsyncDisposable>)_clients).Reverse().Concat(_servers).Append(Provider))
        {
            try
            {
                await made.DisposeAsync();
            }
            catch (Exception exception) when (exception is InvalidOperationException or InvalidDataException or TimeoutException)
            {
                faults.Add(exception);
            }
        }

        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        GC.SuppressFinalize(this);
        if (faults.Count > 0)
        {
            throw new AggregateException(faults);
        }
    }

    /// <summary>A figure that the promises print.</summary>
    protected static void Figure(string name, object value) =>
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"figure: {name}: {value}"));

    /// <summary>A server whose upstream is the fake provider's socket alone, with no channel kept joined.</summary>
    protected Task<ServerUnderTest> StartAsync(params (string Name, string? Value)[] settings) => StartAsync(null, settings);

    protected Task<ServerUnderTest> StartAsync(TimeProvider? time, params (string Name, string? Value)[] settings) =>
        StartWithAsync(time, [("UW_API_TOKEN", Token), ("UW_SOCKET_URL", Provider.SocketUrl.ToString()), ("UW_REST_URL", "none"), ("Upstream:Keep", ""), .. settings]);

    /// <summary>A server with a simulated market.</summary>
    protected Task<ServerUnderTest> StartSimulatedAsync(params (string Name, string? Value)[] settings) =>
        StartWithAsync(null, [("TIDEWIRE_UPSTREAM", "simulated"), .. settings]);

    /// <summary>A server without any upstream.</summary>
    protected Task<ServerUnderTest> StartWithoutUpstreamAsync(params (string Name, string? Value)[] settings) =>
        StartWithAsync(null, [("TIDEWIRE_UPSTREAM", "none"), .. settings]);

    /// <summary>Stands before the recording of a server that is started.</summary>
    protected Func<ILogStore, ILogStore>? BeforeStore { get; set; }

    /// <summary>A server with exactly these settings; of two of one name the last holds.</summary>
    protected async Task<ServerUnderTest> StartWithAsync(TimeProvider? time, params (string Name, string? Value)[] settings)
    {
        var server = await ServerUnderTest.StartAsync(settings.Prepend((Name: "Sockets:Direct", Value: $"{Direct}")).GroupBy(setting => setting.Name).ToDictionary(same => same.Key, same => same.Last().Value), time, BeforeStore);
        _servers.Add(server);
        return server;
    }

    protected T Keep<T>(T client)
        where T : IAsyncDisposable
    {
        _clients.Add(client);
        return client;
    }

    /// <summary>A client of /api/ws that has read the connection message.</summary>
    protected async Task<TidewireClient> ConnectAsync()
    {
        var client = Keep(await TidewireClient.ConnectAsync(Server.Url));
        await client.NextOfTypeAsync("connection");
        return client;
    }

    protected async Task<StreamClient> StreamAsync(string feed, (string Epoch, long Offset)? since = null, int? history = null) =>
        Keep(await StreamClient.ConnectAsync(Server.Url, feed, since, history));

    protected async Task<UnusualWhalesClient> SocketAsync() => Keep(await UnusualWhalesClient.ConnectAsync(Server.Url));

    /// <summary>A load client of any wire.</summary>
    protected async Task<LoadClient> LoadAsync(string path, MessageHandler handler, int? socketBufferBytes = null) =>
        Keep(await LoadClient.ConnectAsync(new Uri(Server.Url, path), handler, socketBufferBytes: socketBufferBytes));

    /// <summary>Waits until a form is joined at the provider and the server has taken the acknowledgement.</summary>
    protected async Task UntilJoinedAsync(params string[] forms)
    {
        foreach (var form in forms)
        {
            await Provider.WaitForJoinAsync(form);
            await Provider.WaitForJoinsAsync(form, 1); // it counts a join only after it has answered it
        }

        var demand = Server.Get<Tidewire.Upstream.Demand>();
        await ServerUnderTest.UntilAsync(
            () => Array.TrueForAll(forms, form => demand.Channels.Any(view => view.Form == form && view.State is Tidewire.Upstream.ChannelState.Joined or Tidewire.Upstream.ChannelState.Live)),
            $"acknowledgements of {string.Join(", ", forms)}");
    }

    /// <summary>The text of a JSON value exactly as it stands in the message.</summary>
    protected static byte[] Raw(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());

    /// <summary>What an error object names.</summary>
    protected static string? ErrorOf(JsonElement item) => item.GetProperty("error").GetString();
}
