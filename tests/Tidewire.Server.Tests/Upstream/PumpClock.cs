using Tidewire.Testing;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>Moves a fake clock from one attempt of the pump to the next.</summary>
internal static class PumpClock
{
    /// <summary>Waits until the pump waits for its next attempt. Returns for how long.</summary>
    public static async Task<TimeSpan> UntilParkedAsync(this FakeTimeProvider time, ServerUnderTest server)
    {
        await server.UntilUpstreamAsync(view => view.NextAttemptAt is not null, "to wait for its next attempt");

        // The hub's sweep, the market's status, the announcements, the look at old recordings and the pump's wait: a session has ended, so nothing else of the server waits.
        await time.WaitForTimersAsync(5);
        return server.Upstream.View.NextAttemptAt!.Value - time.GetUtcNow();
    }

    /// <summary>Moves on to the next attempt and waits until it has begun.</summary>
    public static async Task ToNextAttemptAsync(this FakeTimeProvider time, ServerUnderTest server)
    {
        var wait = await time.UntilParkedAsync(server);
        var (attempt, sessions) = (server.Upstream.View.Attempt, server.Upstream.View.Sessions);
        time.Advance(wait);
        await server.UntilUpstreamAsync(view => view.Attempt > attempt || view.Sessions > sessions || view.NextAttemptAt is null, "to try again");
    }
}
