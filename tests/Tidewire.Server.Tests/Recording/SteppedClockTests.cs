using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A clock that is set back by a day while entries are recorded, and between two runs.</summary>
public sealed class SteppedClockTests : LogFaultTest
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Nothing_is_lost_or_refused_and_no_gap_ends_before_it_begins()
    {
        Start(static options => options.MaxLogLength = 64);
        await PublishAsync(First, 200);
        var since = new Protocol.StreamPosition(Hub.Epoch, 20);
        Log(First).Interrupt(GapReason.UpstreamDown, Time.GetUtcNow());
        Time.StepWallClock(-Day);
        Hub.Resume(Log(First), PublicationSource.Socket, Time.GetUtcNow());
        await PublishAsync(First, 200);
        Assert.Equal(0, Recorded.Prune(Time.GetUtcNow()));
        var gap = Assert.Single(Offsets(Store, First).Length == 401 ? await Hub.PastAsync(Log(First), 250) : [], static entry => entry.Gap is not null).Gap!;
        Assert.True(gap.From <= gap.To, $"{gap.From:O} to {gap.To:O}");
        var back = await ReadAsync(First, since);
        Assert.True(back.Subscription.Start.Recovered, back.Subscription.Start.Reason);
        await back.Transport.UntilAsync("{\"n\":400}");
        Kill();

        Time.StepWallClock(-Day); // and once more, between two lives
        Start();
        await PublishAsync(First, 5);
        Assert.All((await Hub.PastAsync(Log(First), 250)).Where(static entry => entry.Gap is not null), static entry => Assert.True(entry.Gap!.From <= entry.Gap.To, $"{entry.Gap}"));
        var again = await ReadAsync(First, since);
        Assert.True(again.Subscription.Start.Recovered, again.Subscription.Start.Reason);
        await again.Transport.UntilAsync("{\"n\":405}");
        Assert.Equal(0, Recorded.Prune(Time.GetUtcNow()));
    }
}
