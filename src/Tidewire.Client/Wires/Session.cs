using Tidewire.Client.Subscriptions;

namespace Tidewire.Client.Wires;

/// <summary>What every wire of a client shares.</summary>
internal sealed class Session(Uri server, TidewireClientOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];

    public TidewireClientOptions Options => options;

    public TimeProvider Time => options.Time;

    public Endpoint Endpoint { get; } = new(server);

    public Tally Tally { get; } = new(options.Time);

    public Credentials Credentials { get; } = new(options);

    public HttpMessageInvoker Http { get; } = new(options.HttpHandler?.Invoke() ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.ConnectTimeout });

    /// <summary>Set when subscriptions come, go, or have room again.</summary>
    public Signal Changed { get; } = new();

    public IReadOnlyList<Subscription> Subscriptions
    {
        get
        {
            lock (_gate)
            {
                return [.. _subscriptions];
            }
        }
    }

    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            if (_subscriptions.Exists(other => other.IsOpen && string.Equals(other.Requested, subscription.Requested, StringComparison.OrdinalIgnoreCase)))
            {
                throw new InvalidOperationException($"This client is subscribed to '{subscription.Requested}' already. Share that subscription, or use another client.");
            }

            _subscriptions.Add(subscription);
        }

        subscription.Freed += Changed.Set;
        Changed.Set();
    }

    public void Remove(Subscription subscription)
    {
        subscription.End();
        subscription.Freed -= Changed.Set;
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }

        Changed.Set();
        subscription.Dispose();
    }

    /// <summary>Waits until there is somebody to connect for.</summary>
    public Task UntilWantedAsync(CancellationToken cancellation) => Changed.UntilAsync(() => _subscriptions.Exists(static subscription => subscription.IsOpen), _gate, cancellation);

    /// <summary>Hands a message on and counts it.</summary>
    public Verdict Deliver(Subscription subscription, ServerMessage message, string epoch)
    {
        if (!message.IsOfTheLog)
        {
            return Verdict.Taken; // a kind of message that came after this client
        }

        var verdict = subscription.Take(message, epoch);
        if (verdict == Verdict.Duplicate)
        {
            Tally.Duplicate();
        }

        return verdict;
    }

    /// <summary>A limit in time on something, by the client's clock.</summary>
    public Deadline Limit(TimeSpan limit, CancellationToken cancellation) => new(limit, Time, cancellation);

    public void Dispose()
    {
        Http.Dispose();
        Credentials.Dispose();
    }
}
