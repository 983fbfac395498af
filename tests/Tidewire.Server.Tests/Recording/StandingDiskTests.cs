using System.Text;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.Recording;

/// <summary>A disk that stands still for ever: what ends, and what is shown in which order.</summary>
public sealed class StandingDiskTests : LogFaultTest
{
    /// <summary>What a server may take to stop.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(8);

    public enum Point
    {
        Commit,
        Close,
        Probe,
        Read,
        Nothing,
    }

    [Theory]
    [InlineData(Point.Commit, true)]
    [InlineData(Point.Commit, false)]
    [InlineData(Point.Close, true)]
    [InlineData(Point.Probe, true)]
    [InlineData(Point.Probe, false)]
    [InlineData(Point.Read, true)]
    [InlineData(Point.Nothing, false)]
    public async Task The_end_does_not_wait_for_a_disk_that_never_answers(Point at, bool inOrder)
    {
        Start(static options => options.MaxLogLength = 64);
        await PublishAsync(First, 600);
        switch (at)
        {
            case Point.Commit:
                Store.Blocks();
                Publish(First, 1);
                await Store.BlockedAsync();
                break;
            case Point.Probe:
                Store.Refuses = true;
                await PublishAsync(First, 1);
                Store.Blocks();
                Time.Advance(TimeSpan.FromSeconds(20));
                await Store.BlockedAsync();
                break;
            case Point.Read:
                (Store.BlocksReadsOf, Store.BlocksReadsFrom) = (First, 256); // the second page, which is read for the subscription
                await ReadAsync(First, new(Hub.Epoch, 5));
                await Store.BlockedAsync();
                break;
            default:
                Store.Blocks();
                break;
        }

        Store.NeverAnswers = true;
        var end = Task.Run(
            () =>
            {
                if (inOrder)
                {
                    Hub.CloseStore();
                }

                Hub.Dispose();
            },
            TestContext.Current.CancellationToken);
        await end.WaitAsync(Drain, TestContext.Current.CancellationToken);
        var shown = Log(First).Tail;
        Store.Refuses = false;
        Store.Goes(); // too late
        await Store.GoneAsync();
        Assert.Equal(shown, Log(First).Tail);

        Start();
        await PublishAsync(First, 1);
        var past = (await Hub.PastAsync(Log(First), 1_000)).Where(static entry => entry.Gap is null).Select(static entry => Encoding.UTF8.GetString(entry.Payload)).ToArray();
        Assert.Equal(past.Distinct(), past);
        Assert.Equal(Enumerable.Range(1, 600).Select(static n => $"{{\"n\":{n}}}"), past.Take(600));
    }

    [Fact]
    public async Task Nothing_overtakes_what_goes_over_to_another_epoch()
    {
        const int Before = 300, Meanwhile = 300;
        for (var round = 0; round < 10; round++)
        {
            Start();
            Store.Blocks(); // not even a reservation is made: what waits goes over to another epoch
            Publish(First, Before);
            await Store.BlockedAsync();
            var publisher = Task.Run(() => Publish(First, Meanwhile), TestContext.Current.CancellationToken);
            Time.Advance(TimeSpan.FromSeconds(3));
            await publisher.WaitAsync(Bound, TestContext.Current.CancellationToken);
            await Hub.SettledAsync().WaitAsync(Bound, TestContext.Current.CancellationToken);
            Assert.NotEqual(Hub.Epoch, Log(First).Epoch);
            var shown = Log(First).Recent(1_000).Where(static entry => entry.Gap is null).Select(static entry => int.Parse(Encoding.UTF8.GetString(entry.Payload)[5..^1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(Before + Meanwhile, shown.Length);
            Assert.Equal(shown.Order(), shown);
            Store.Goes();
            Kill();
        }
    }
}
