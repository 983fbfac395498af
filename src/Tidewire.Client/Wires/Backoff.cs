namespace Tidewire.Client.Wires;

/// <summary>How long to wait before another attempt: at first very shortly and not all clients at once, then longer each time.</summary>
internal sealed class Backoff(TidewireClientOptions options)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(400);
    private int _attempts;

    /// <summary>Attempts since it was last reset.</summary>
    public int Attempts => _attempts;

    public void Reset() => _attempts = 0;

    /// <summary>The next wait: anything between zero and what is due, on top of what an end asks for. Those who were turned away together do not come back together.</summary>
    public TimeSpan After(WireEnd end)
    {
        var wait = end.IsLater ? options.ReconnectDelay + Next() : Next();
        return wait + (end.Wait * (1 + Chance()));
    }

    private TimeSpan Next()
    {
        var due = _attempts == 0
            ? First
            : TimeSpan.FromTicks((long)Math.Min(options.MaxReconnectDelay.Ticks, options.ReconnectDelay.Ticks * Math.Pow(options.ReconnectBackoffMultiplier, Math.Min(_attempts - 1, 100))));
        _attempts++;
        return due * Chance();
    }

    private double Chance()
    {
        lock (options.Random)
        {
            return options.Random.NextDouble();
        }
    }
}
