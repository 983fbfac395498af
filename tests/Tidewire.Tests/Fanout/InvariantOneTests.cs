using FsCheck;
using FsCheck.Fluent;
using Tidewire.Fanout;

namespace Tidewire.Tests.Fanout;

/// <summary>Invariant 1: every delivery satisfies offset = previous + 1 + merged, offsets rising.</summary>
public sealed class InvariantOneTests
{
    private enum Step
    {
        Publish,
        Burst,
        Interrupt,
        Evict,
        Hold,
        Take,
        Release,
        Leave,
        Come,
    }

    [Theory]
    [InlineData(FanoutWorld.Event)]
    [InlineData(FanoutWorld.State)]
    public void Every_delivery_follows_from_the_one_before(string channel)
        => Prop.ForAll(
            Gen.Elements(Enum.GetValues<Step>()).ListOf(60).ToArbitrary(),
            steps => Run(channel, steps).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();

    /// <summary>Asserts the invariant over what one subscription was shown.</summary>
    internal static void Holds(IEnumerable<Shown> entries, long start)
    {
        var previous = start;
        foreach (var entry in entries)
        {
            Assert.Equal(previous + 1 + entry.Merged, entry.Offset);
            previous = entry.Offset;
        }
    }

    private static async Task Run(string channel, IEnumerable<Step> steps)
    {
        using var world = new FanoutWorld(options =>
        {
            options.MaxLogLength = 64;
            options.MemoryBytes = 1 << 20;
            options.History = 0;
        });
        var client = world.Connect();
        client.Subscribe(channel);
        foreach (var step in steps)
        {
            Act(world, client, channel, step);
            if (client.Transport.Closes.Count > 0)
            {
                break;
            }
        }

        client.Transport.Release();
        var tail = world.Publish(channel).Offset;
        await client.Transport.UntilAsync(
            transport => transport.Closes.Count > 0 || client.Connection.Channels == 0 || (transport.Entries() is [.., var last] && last.Offset == tail),
            $"the end, offset {tail}");
        Check(client, channel);
    }

    private static void Act(FanoutWorld world, FanoutClient client, string channel, Step step)
    {
        var log = world.Log(channel);
        switch (step)
        {
            case Step.Publish:
                world.Publish(channel);
                break;
            case Step.Burst:
                world.PublishMany(channel, 100);
                break;
            case Step.Interrupt:
                log.Interrupt(GapReason.UpstreamDown, world.Time.GetUtcNow());
                world.Hub.Resume(log, PublicationSource.Socket, world.Time.GetUtcNow());
                break;
            case Step.Evict:
                world.Publish("news", new string('x', 2 << 20));
                break;
            case Step.Hold:
                client.Transport.Hold();
                break;
            case Step.Take:
                client.Transport.Take();
                break;
            case Step.Release:
                client.Transport.Release();
                break;
            case Step.Leave:
                client.Unsubscribe(channel);
                break;
            default:
                if (client.Connection.Channels == 0 && client.Transport.Closes.Count == 0)
                {
                    Come(client, channel);
                }

                break;
        }
    }

    private static void Come(FanoutClient client, string channel)
    {
        var (feed, name) = FanoutWorld.Resolve(channel);
        if (client.Connection.Subscribe(feed, name, null, 0, out var subscription) is null)
        {
            client.Reply($"subscribed|{name}|{client.Connection.PositionOf(subscription!).Offset}|0|");
            client.Connection.Begin(subscription!);
        }
    }

    private static void Check(FanoutClient client, string channel)
    {
        Assert.False(client.Transport.Overlapped);
        var shown = client.Transport.Shown;
        for (var i = 0; i < shown.Count; i++)
        {
            if (shown[i].Kind == "subscribed")
            {
                Holds(shown.Skip(i + 1).TakeWhile(line => line.Kind != "subscribed").Where(line => line.Kind is "entry" or "gap"), shown[i].Offset);
            }
        }

        if (channel == FanoutWorld.Event)
        {
            Assert.All(shown.Where(line => line.Kind is "entry" or "gap"), entry => Assert.Equal(0, entry.Merged));
        }
    }
}
