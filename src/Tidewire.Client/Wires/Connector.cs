
namespace Tidewire.Client.Wires;

/// <summary>
/// Keeps a client connected: opens the best wire that works, waits between attempts, falls to the next wire when one does not
/// work, and goes back to a better one beside the one in use. Subscriptions carry their positions from each to the next.
/// </summary>
internal sealed class Connector(Session session, Action<ClientState> told)
{
    /// <summary>A better wire is looked for ever more rarely, up to so many times the first interval.</summary>
    private const int MostIntervals = 10;

    private readonly Lock _gate = new();
    private readonly Backoff _backoff = new(session.Options);
    private ClientState _state = new(ClientPhase.Connecting, session.Options.FirstWire);
    private bool _wasConnected;

    public ClientState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Runs until it is cancelled, or until the server turns the client away for good.</summary>
    /// <returns>Why it turned it away.</returns>
    public async Task<TidewireException> RunAsync(CancellationToken cancellation)
    {
        var wire = session.Options.FirstWire;
        SocketWire? open = null;
        var (failures, refusals) = (0, 0);
        try
        {
            while (true)
            {
                if (open is null)
                {
                    await session.UntilWantedAsync(cancellation).ConfigureAwait(false);
                }

                Tell(_wasConnected || _backoff.Attempts > 0 ? ClientPhase.Reconnecting : ClientPhase.Connecting, wire, _backoff.Attempts);
                var end = wire == Wire.WebSocket ? await OverSocketAsync(open, cancellation).ConfigureAwait(false) : await OverHttpAsync(wire, cancellation).ConfigureAwait(false);
                (open, var moved) = (end.Better, end.MoveTo ?? (end.Better is null ? null : Wire.WebSocket));
                refusals = end.NeedsToken && !end.Showed ? refusals + 1 : 0;
                if (end.Stop is not null || refusals >= HttpWire.Tries)
                {
                    var why = end.Stop ?? new TidewireException("4001", "The server refuses the token. Give a valid one in TidewireClientOptions.Token.");
                    Stop(wire, why);
                    return why;
                }

                if (end.NeedsToken)
                {
                    session.Credentials.Renew();
                }

                _wasConnected |= end.Showed;
                if (end.Served)
                {
                    _backoff.Reset();
                }

                failures = end.Showed || !end.IsAgainstTheWire ? 0 : failures + 1;
                if (failures >= HttpWire.Tries && wire == Wire.WebSocket)
                {
                    moved = Wire.ServerSentEvents;
                }

                if (moved is { } next)
                {
                    (wire, failures) = (next, 0);
                    continue; // another wire is tried at once
                }

                await WaitAsync(wire, end, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            open?.Dispose();
            if (State.Phase != ClientPhase.Closed)
            {
                Tell(ClientPhase.Closed, wire, 0);
            }
        }
    }

    private async Task<WireEnd> OverSocketAsync(SocketWire? open, CancellationToken cancellation)
    {
        if (open is null)
        {
            (open, var end) = await SocketWire.OpenAsync(session, cancellation).ConfigureAwait(false);
            if (open is null)
            {
                return end!;
            }
        }

        using (open)
        {
            Tell(ClientPhase.Connected, Wire.WebSocket, 0);
            return await open.RunAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<WireEnd> OverHttpAsync(Wire wire, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var serving = new HttpWire(session, wire, (phase, attempt, retryAt) => Tell(phase, wire, attempt, retryAt)).RunAsync(stop.Token);
        var better = session.Options.FirstWire < wire ? BetterAsync(wire, stop.Token) : new TaskCompletionSource<WireEnd>().Task;
        var first = await Task.WhenAny(serving, better).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await ((Task)serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (session.Options.FirstWire < wire)
        {
            await ((Task)better).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (first != better && better.IsCompletedSuccessfully)
            {
                (await better.ConfigureAwait(false)).Better?.Dispose();
            }
        }

        return await first.ConfigureAwait(false);
    }

    /// <summary>Tries the better wires from time to time until one of them shows something.</summary>
    private async Task<WireEnd> BetterAsync(Wire wire, CancellationToken cancellation)
    {
        var interval = session.Options.UpgradeInterval;
        while (true)
        {
            await Task.Delay(interval, session.Time, cancellation).ConfigureAwait(false);
            if (session.Options.FirstWire == Wire.WebSocket && (await SocketWire.OpenAsync(session, cancellation).ConfigureAwait(false)).Wire is { } open)
            {
                return new WireEnd("the WebSocket works again") { Better = open, Showed = true };
            }

            if (wire == Wire.Polling && await StreamsAsync(cancellation).ConfigureAwait(false))
            {
                return new WireEnd("server-sent events work again") { MoveTo = Wire.ServerSentEvents, Showed = true };
            }

            interval = TimeSpan.FromTicks(Math.Min(interval.Ticks * 2, session.Options.UpgradeInterval.Ticks * MostIntervals));
        }
    }

    /// <summary>Whether an event comes over server-sent events.</summary>
    private async Task<bool> StreamsAsync(CancellationToken cancellation)
    {
        if (session.Subscriptions.FirstOrDefault(static subscription => subscription.IsOpen) is not { } subscription)
        {
            return false;
        }

        using var deadline = session.Limit(session.Options.ConnectTimeout, cancellation);
        try
        {
            var token = await session.Credentials.GetAsync(deadline.Token).ConfigureAwait(false);
            using var request = Endpoint.Get(session.Endpoint.Stream("sse", subscription), "text/event-stream", token);
            using var response = await session.Http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                return false;
            }

            var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await new EventStream(stream).NextAsync(static () => { }, deadline.Token).ConfigureAwait(false) is not null;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TidewireException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task WaitAsync(Wire wire, WireEnd end, CancellationToken cancellation)
    {
        var wait = _backoff.After(end);
        Tell(ClientPhase.Offline, wire, _backoff.Attempts, session.Time.GetUtcNow() + wait);
        await Task.Delay(wait, session.Time, cancellation).ConfigureAwait(false);
    }

    /// <summary>Turned away for good: every reader is told why.</summary>
    private void Stop(Wire wire, TidewireException why)
    {
        foreach (var subscription in session.Subscriptions)
        {
            subscription.Fail(why);
        }

        Tell(ClientPhase.Closed, wire, 0);
    }

    private void Tell(ClientPhase phase, Wire wire, int attempt, DateTimeOffset? retryAt = null)
    {
        var state = new ClientState(phase, wire, attempt, retryAt);
        lock (_gate)
        {
            if (state == _state)
            {
                return;
            }

            _state = state;
        }

        told(state);
    }
}
