using System.Text.Json;
using Tidewire.Client;
using Tidewire.Testing;
using Tidewire.Testing.Peers;

namespace Tidewire.Tests.Client;

/// <summary>A test of the client against a server that the test plays itself.</summary>
[Trait("Promise", "sdk-dotnet")]
public abstract class ClientTest : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _made = [];

    protected ScriptedPeer Peer { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var made in ((IEnumerable<IAsyncDisposable>)_made).Reverse())
        {
            await made.DisposeAsync();
        }

        await Peer.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected TidewireClient Client(TidewireClientOptions? options = null)
    {
        var client = new TidewireClient(Peer.Url, options);
        _made.Add(client);
        return client;
    }

    /// <summary>Begins to read a subscription, and goes on by itself.</summary>
    private protected Entries Read(TidewireClient client, string channel = "flow-alerts", SubscriptionOptions? options = null)
    {
        var entries = new Entries(client.SubscribeEntries(channel, options));
        _made.Add(entries);
        return entries;
    }

    /// <summary>The next message of the client, of a type.</summary>
    protected static async Task<JsonElement> AskedAsync(PeerSocket socket, string type)
    {
        var text = await socket.NextAsync();
        Assert.NotNull(text);
        using var json = JsonDocument.Parse(text);
        Assert.Equal(type, json.RootElement.GetProperty("type").GetString());
        return json.RootElement.Clone();
    }

    /// <summary>Answers a subscribe; the position is that which was asked for, or the one given.</summary>
    protected static async Task<JsonElement> ConfirmAsync(PeerSocket socket, string epoch = "e1", long offset = 0, bool? recovered = null, string? reason = null, string channel = "flow-alerts")
    {
        var asked = await AskedAsync(socket, "subscribe");
        if (recovered is null && asked.TryGetProperty("since", out var since))
        {
            (epoch, offset, recovered) = (since.GetProperty("epoch").GetString()!, since.GetProperty("offset").GetInt64(), true);
        }

        await socket.SendAsync($$"""{"type":"subscription","action":"subscribed","channel":"{{channel}}","epoch":"{{epoch}}","offset":{{offset}},"recovered":{{(recovered == true ? "true" : "false")}}{{(reason is null ? "" : $",\"reason\":\"{reason}\"")}},"timestamp":"2026-11-20T14:30:05.123Z","id":{{asked.GetProperty("id")}}}""");
        return asked;
    }

    protected static string Message(long offset, string more = "") => $$"""{"type":"message","channel":"flow-alerts","offset":{{offset}}{{more}},"timestamp":"2026-11-20T14:30:05.123Z","data":{"n": {{offset}}},"source":"socket"}""";

    protected static string Envelope(long offset) => $$"""{"channel":"flow-alerts","timestamp":"2026-11-20T14:30:05.123Z","data":{"n": {{offset}}},"offset":{{offset}},"epoch":"e1","source":"socket"}""";
}

/// <summary>Reads a subscription from the start, as a program would, and lets a test wait for what comes.</summary>
internal sealed class Entries : IAsyncDisposable
{
    private readonly IAsyncEnumerator<Entry> _entries;
    private readonly CancellationTokenSource _stop = new();
    private Task<bool> _next;

    public Entries(IAsyncEnumerable<Entry> entries)
    {
        _entries = entries.GetAsyncEnumerator(_stop.Token);
        _next = _entries.MoveNextAsync().AsTask();
    }

    public async Task<Entry> NextAsync()
    {
        Assert.True(await _next.WithinBound("an entry"), "The subscription ended.");
        var entry = _entries.Current;
        _next = _entries.MoveNextAsync().AsTask();
        return entry;
    }

    public async Task<T> NextAsync<T>()
        where T : Entry => Assert.IsType<T>(await NextAsync());

    public async Task<TidewireException> FailsAsync() => await Assert.ThrowsAsync<TidewireException>(() => _next.WithinBound("the subscription to fail"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _entries.DisposeAsync();
        _stop.Dispose();
    }
}
