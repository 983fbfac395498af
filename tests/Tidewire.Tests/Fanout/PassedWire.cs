using System.Globalization;
using System.Text;
using Tidewire.Fanout;
using Tidewire.Fanout.Filtering;
using Tidewire.Protocol;

namespace Tidewire.Tests.Fanout;

/// <summary>A wire of one line per entry, <c>kind|channel|offset|merged|filtered|text</c>, that may be slow on purpose for state feeds.</summary>
internal sealed class PassedWire(TimeSpan stateInterval = default) : WireFormat(slot: 5)
{
    private int _calls;

    /// <summary>How often it encoded an entry.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public override TimeSpan StateInterval => stateInterval;

    /// <summary>A line of it, as its transport notes it.</summary>
    public static (string Kind, long Offset, long Merged, long Filtered, string Text) Of(Shown line)
    {
        var parts = line.Text.Split('|', 2);
        return (line.Kind, line.Offset, line.Merged, long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
    }

    /// <summary>Entries and positions of a client, in order; the rule of offsets holds for all of them.</summary>
    public static List<(string Kind, long Offset, long Merged, long Filtered, string Text)> Read(FanoutClient client, long start)
    {
        var lines = client.Transport.Shown.Where(line => line.Kind is "entry" or "gap" or "position").Select(Of).ToList();
        foreach (var line in lines)
        {
            Assert.Equal(start + (line.Kind == "position" ? 0 : 1) + line.Merged + line.Filtered, line.Offset);
            start = line.Offset;
        }

        return lines;
    }

    public static Filter Filter(string text)
    {
        Assert.True(Tidewire.Fanout.Filtering.Filter.TryParse(text, out var filter, out var error), error?.ToString());
        return filter;
    }

    /// <summary>Subscribes with terms and begins.</summary>
    public static Subscription Subscribe(FanoutClient client, string channel, SubscriptionTerms terms, StreamPosition? since = null, int history = 0)
    {
        var (feed, name) = FanoutWorld.Resolve(channel);
        Assert.Null(client.Connection.Subscribe(feed, name, since, history, terms, out var subscription));
        client.Connection.Begin(subscription!);
        return subscription!;
    }

    /// <summary>A client on the same shard as another: what it is shown last, the other has been told of.</summary>
    public static FanoutClient Beside(FanoutWorld world, FanoutClient other, WireFormat? wire = null)
    {
        while (true)
        {
            var client = world.Connect(wire);
            if (client.Connection.Shard == other.Connection.Shard)
            {
                return client;
            }

            client.Connection.Dispose();
        }
    }

    public override byte[] Encode(ChannelLog log, Publication publication, PassedOver passed)
    {
        Interlocked.Increment(ref _calls);
        return publication.Gap is { } gap
            ? Line("gap", log, publication.Offset, passed, Encoding.UTF8.GetString(gap.ReasonUtf8))
            : Line("entry", log, publication.Offset, passed, Encoding.UTF8.GetString(publication.Payload));
    }

    public override byte[] Position(ChannelLog log, long offset, PassedOver passed) => Line("position", log, offset, passed, "");

    public override byte[] Closing(Disconnect disconnect) => Encoding.UTF8.GetBytes($"closing||{disconnect.Code}|0|{disconnect.Reason}\n");

    private static byte[] Line(string kind, ChannelLog log, long offset, PassedOver passed, string text)
        => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}|{log.Name}|{offset}|{passed.Merged}|{passed.Filtered}|{text}\n"));
}
