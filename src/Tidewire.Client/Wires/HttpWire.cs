using System.Net.Sockets;
using Tidewire.Client.Subscriptions;

namespace Tidewire.Client.Wires;

/// <summary>
/// A wire over plain HTTP: each channel has a connection of its own, which is opened again by itself. It ends as a whole when
/// this wire turns out not to work, or when the server turns the client away.
/// </summary>
/// <param name="session">What is shared.</param>
/// <param name="kind">Server-sent events or polling.</param>
/// <param name="tell">Told the phase, the attempt, and when the next one is due.</param>
internal sealed class HttpWire(Session session, Wire kind, Action<ClientPhase, int, DateTimeOffset?> tell)
{
    /// <summary>How often a wire may fail in a row before the next one is tried.</summary>
    public const int Tries = 2;

    private int _open;
    private bool _showed;

    private delegate Task<HttpEnd> Run(Subscription subscription, Action heard, CancellationToken cancellation);

    /// <summary>Serves the subscriptions until it ends as a whole.</summary>
    public async Task<WireEnd> RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var legs = new Dictionary<Subscription, Task<WireEnd?>>();
        try
        {
            while (true)
            {
                var changed = session.Changed.NextAsync();
                foreach (var subscription in session.Subscriptions.Where(subscription => subscription.IsOpen && !legs.ContainsKey(subscription)))
                {
                    legs.Add(subscription, ServeAsync(subscription, stop.Token));
                }

                await Task.WhenAny(legs.Values.Append(changed)).WaitAsync(cancellation).ConfigureAwait(false);
                foreach (var (subscription, leg) in legs.Where(static pair => pair.Value.IsCompleted).ToArray())
                {
                    legs.Remove(subscription);
                    if (await leg.ConfigureAwait(false) is { } end)
                    {
                        return end with { Showed = _showed, Served = _showed };
                    }
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (var leg in legs.Values)
            {
                await ((Task)leg).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Serves one subscription for as long as it wants. Null when it does no longer; else why the whole wire ends.</summary>
    private async Task<WireEnd?> ServeAsync(Subscription subscription, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, subscription.Gone);
        Run run = kind == Wire.Polling ? new PollChannel(session).RunAsync : new StreamChannel(session).RunAsync;
        var backoff = new Backoff(session.Options);
        var (failures, refusals) = (0, 0);
        try
        {
            while (true)
            {
                await subscription.UntilRoomAsync(either.Token).ConfigureAwait(false);
                var showed = false;
                var (end, failure) = await TryAsync(run, subscription, () => Heard(ref showed), either.Token).ConfigureAwait(false);
                Ended(showed);
                if (failure is not null)
                {
                    subscription.Fail(failure);
                    return null;
                }

                refusals = end.NeedsToken ? refusals + 1 : 0;
                if (end.Stop is not null || refusals >= Tries)
                {
                    return end with { Stop = end.Stop ?? new TidewireException("4001", "The server refuses the token. Give a valid one in TidewireClientOptions.Token.") };
                }

                if (end.NeedsToken)
                {
                    session.Credentials.Renew();
                }

                failures = showed || end.Showed || !end.IsAgainstTheWire ? 0 : failures + 1;
                if (failures >= Tries && kind == Wire.ServerSentEvents)
                {
                    return end with { MoveTo = Wire.Polling };
                }

                if (showed)
                {
                    backoff.Reset();
                }

                if (subscription.HasRoom) // else it ended because its reader lags, and goes on when there is room
                {
                    await WaitAsync(backoff, end, either.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task WaitAsync(Backoff backoff, WireEnd end, CancellationToken cancellation)
    {
        var wait = backoff.After(end);
        if (Volatile.Read(ref _open) == 0)
        {
            tell(ClientPhase.Offline, backoff.Attempts, session.Time.GetUtcNow() + wait);
        }

        await Task.Delay(wait, session.Time, cancellation).ConfigureAwait(false);
        if (Volatile.Read(ref _open) == 0)
        {
            tell(ClientPhase.Reconnecting, backoff.Attempts, null);
        }
    }

    /// <summary>The connection of a channel has shown something for the first time.</summary>
    private void Heard(ref bool showed)
    {
        if (!showed)
        {
            showed = true;
            _showed = true;
            if (Interlocked.Increment(ref _open) == 1)
            {
                tell(ClientPhase.Connected, 0, null);
            }
        }
    }

    private void Ended(bool showed)
    {
        if (showed)
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<HttpEnd> TryAsync(Run run, Subscription subscription, Action heard, CancellationToken cancellation)
    {
        try
        {
            return await run(subscription, heard, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            session.Tally.Error();
            return new HttpEnd(new WireEnd("nothing came in time") { IsAgainstTheWire = true });
        }
        catch (TidewireException exception)
        {
            return new HttpEnd(new WireEnd(exception.Message)); // the token callback
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            session.Tally.Error();
            return new HttpEnd(new WireEnd(Endpoint.IsUnreachable(exception) ? "the server cannot be reached" : "the connection broke") { IsAgainstTheWire = !Endpoint.IsUnreachable(exception) });
        }
    }
}
