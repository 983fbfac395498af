using System.Runtime.CompilerServices;
using Tidewire.Client.Subscriptions;
using Tidewire.Client.Wires;
using Tidewire.Protocol;

namespace Tidewire.Client;

/// <summary>
/// A client of a Tidewire server. Connects when something is first read, stays connected until it is disposed, and carries the
/// position of each subscription over every reconnect: nothing is lost and nothing comes twice without a word. Thread-safe.
/// </summary>
/// <example>
/// <code>
/// await using var client = new TidewireClient(new Uri("http://127.0.0.1:8000"));
/// await foreach (var alert in client.Subscribe("flow-alerts"))
/// {
///     Console.WriteLine(alert.ToJson().GetProperty("ticker"));
/// }
/// </code>
/// </example>
public sealed class TidewireClient : IAsyncDisposable
{
    private readonly Session _session;
    private readonly Connector _connector;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _running;
    private TidewireException? _stopped;
    private bool _disposed;

    /// <summary>Makes a client; nothing is opened yet.</summary>
    /// <param name="server">The server's base address: http, https, ws or wss.</param>
    /// <param name="options">How it connects; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address or an option cannot be used.</exception>
    public TidewireClient(Uri server, TidewireClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        options ??= new TidewireClientOptions();
        options.Validate();
        _session = new Session(server, options);
        _connector = new Connector(_session, state => StateChanged?.Invoke(state));
    }

    /// <summary>Raised at each change of <see cref="State"/>, in order, on the client's own task: do not block it.</summary>
    public event Action<ClientState>? StateChanged;

    /// <summary>What the client is doing now.</summary>
    public ClientState State => _connector.State;

    /// <summary>Counters since the client was made, and what it measured last.</summary>
    public ClientStatistics GetStatistics() => _session.Tally.Read(State, _session.Subscriptions);

    /// <summary>The publications of a channel, in order, for as long as they are read. The subscription begins with the first read.</summary>
    /// <param name="channel">A feed or a channel, such as <c>flow-alerts</c> or <c>gex:SPY</c>.</param>
    /// <param name="options">What to begin with and what to keep back; null for everything from now on.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Publications. Gaps and what else <see cref="SubscribeEntries"/> yields are passed over.</returns>
    /// <exception cref="TidewireException">The server refuses this subscription, or this client.</exception>
    /// <exception cref="InvalidOperationException">The client is subscribed to this channel already.</exception>
    public async IAsyncEnumerable<Publication> Subscribe(string channel, SubscriptionOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var entry in SubscribeEntries(channel, options, cancellation).ConfigureAwait(false))
        {
            if (entry is Publication publication)
            {
                yield return publication;
            }
        }
    }

    /// <summary>Everything that a channel shows, in order: publications and corrections, gaps, and what became of the subscription.</summary>
    /// <param name="channel">A feed or a channel, such as <c>flow-alerts</c> or <c>gex:SPY</c>.</param>
    /// <param name="options">What to begin with and what to keep back; null for everything from now on.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TidewireException">The server refuses this subscription, or this client.</exception>
    /// <exception cref="InvalidOperationException">The client is subscribed to this channel already.</exception>
    public async IAsyncEnumerable<Entry> SubscribeEntries(string channel, SubscriptionOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (!ChannelName.TryParse(channel, out var name))
        {
            throw new ArgumentException($"'{channel}' is no channel. Write a feed such as flow-alerts, or a feed and a symbol such as gex:SPY.", nameof(channel));
        }

        options ??= new SubscriptionOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.History, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.History, ProtocolLimits.MaxHistory, nameof(options));
        var subscription = new Subscription(name.ToString(), options, _session.Options.MaxQueueSize);
        Begin(subscription);
        try
        {
            while (await subscription.NextAsync(cancellation).ConfigureAwait(false) is { } entry)
            {
                if (entry is Publication or Gap)
                {
                    _session.Tally.Applied();
                }

                yield return entry;
            }
        }
        finally
        {
            _session.Remove(subscription);
        }
    }

    /// <summary>Reads past publications of a channel, over a connection of its own. A filter does not apply.</summary>
    /// <param name="channel">A feed or a channel.</param>
    /// <param name="before">Only entries below this offset; null for the newest.</param>
    /// <param name="limit">How many at most, 1 to 1000.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="TidewireException">The server refuses, or could not be reached over a WebSocket.</exception>
    public async Task<HistoryPage> GetHistoryAsync(string channel, long? before = null, int limit = 100, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, ProtocolLimits.MaxHistory);
        using var past = await Past.OpenAsync(_session, cancellation).ConfigureAwait(false);
        return await past.PageAsync(channel, before, limit, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The position after which everything was received at or after a time: give it as <see cref="SubscriptionOptions.Since"/>
    /// to read from there. As far back as the server holds the channel.
    /// </summary>
    /// <param name="channel">A feed or a channel.</param>
    /// <param name="time">The time, by the server's clock.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The position; null when the channel holds nothing yet.</returns>
    /// <exception cref="TidewireException">The server refuses, or could not be reached over a WebSocket.</exception>
    public async Task<StreamPosition?> FindPositionAsync(string channel, DateTimeOffset time, CancellationToken cancellation = default)
    {
        using var past = await Past.OpenAsync(_session, cancellation).ConfigureAwait(false);
        return await past.FindAsync(channel, time, cancellation).ConfigureAwait(false);
    }

    /// <summary>Closes the connection and ends every enumeration.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            (_disposed, running) = (true, _running);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var subscription in _session.Subscriptions)
        {
            subscription.End();
        }

        if (running is not null)
        {
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _session.Dispose();
        _stop.Dispose();
    }

    private void Begin(Subscription subscription)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_stopped is { } why)
            {
                throw new TidewireException(why.Code, why.Message, why.Number);
            }

            _session.Add(subscription);
            _running ??= Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            FailAll(await _connector.RunAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (Exception exception)
        {
            // A fault of ours, or of a handler of StateChanged: no reader may wait for ever because of it.
            FailAll(new TidewireException($"The client failed: {exception.Message}", exception));
            throw;
        }
    }

    /// <summary>It ends for good: whoever reads or would read is told why, also one that came while it ended.</summary>
    private void FailAll(TidewireException why)
    {
        lock (_gate)
        {
            _stopped = why;
        }

        foreach (var subscription in _session.Subscriptions)
        {
            subscription.Fail(why);
        }
    }
}
