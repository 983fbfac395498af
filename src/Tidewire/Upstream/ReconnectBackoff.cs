namespace Tidewire.Upstream;

/// <summary>
/// How long to wait before the next session, from how the last one ended.
/// <list type="bullet">
/// <item>Cannot connect, or an open session broke: 0.25 s doubling to 1.5 s, so that data flows again within 2 s of the provider's return.</item>
/// <item>Turned away, or shed (opened and lost again at once, more than once): 5 s doubling to 30 s.</item>
/// <item>Not entitled: 5 minutes.</item>
/// </list>
/// Each is jittered, so that many gateways do not return in step.
/// </summary>
/// <remarks>
/// A shed session can look like a success: it opens, takes the joins, and closes. So an open session alone resets
/// nothing; one that stayed for a minute does. A provider that could not be reached in between was restarted rather than
/// shedding and is met quickly, and so is one whose short sessions carried data, for a few times in a row.
/// </remarks>
/// <param name="random">The source of jitter.</param>
public sealed class ReconnectBackoff(Random random)
{
    private static readonly TimeSpan QuickBase = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan QuickCap = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan SlowBase = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowCap = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotEntitledDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Proven = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Working = TimeSpan.FromSeconds(3);
    private const int ShortSessions = 1;
    private const int ShortSessionsWithData = 5;

    private int _quick;
    private int _slow;
    private int _shed;

    /// <summary>The wait before the next session.</summary>
    /// <param name="end">How the last one ended.</param>
    /// <param name="lasted">How long it was open; zero when it never was.</param>
    /// <param name="hadData">Whether it carried at least one data frame.</param>
    public TimeSpan Next(UpstreamEnd end, TimeSpan lasted, bool hadData)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (lasted >= Proven)
        {
            _quick = _slow = _shed = 0;
        }

        var worked = hadData && lasted >= Working;
        if (worked)
        {
            _quick = 0;
        }

        switch (end.Kind)
        {
            case UpstreamEndKind.NotEntitled:
                _quick = _shed = 0;
                return NotEntitledDelay * Between(1, 1.1);
            case UpstreamEndKind.TurnedAway when lasted < Proven:
                return Slow();
            case UpstreamEndKind.CannotConnect:
                _shed = 0;
                return Quick();
            default:
                return ++_shed > (worked ? ShortSessionsWithData : ShortSessions) ? Slow() : Quick();
        }
    }

    private TimeSpan Quick() => Ladder(QuickBase, QuickCap, _quick++) * Between(0.6, 1);

    private TimeSpan Slow() => Ladder(SlowBase, SlowCap, _slow++) * Between(0.8, 1);

    private static TimeSpan Ladder(TimeSpan first, TimeSpan cap, int step) =>
        TimeSpan.FromTicks(Math.Min(cap.Ticks, first.Ticks << Math.Min(step, 16)));

    private double Between(double low, double high) => low + ((high - low) * random.NextDouble());
}
