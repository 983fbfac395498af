using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Tests.Fanout;

/// <summary>A hub on a clock that stands still.</summary>
internal sealed class FanoutWorld : IDisposable
{
    /// <summary>An event feed that takes a ticker or none, and a state feed that takes one.</summary>
    public const string Event = "option_trades:SPY";
    public const string State = "gex:SPY";

    public static readonly DateTimeOffset Start = new(2026, 9, 18, 13, 30, 0, TimeSpan.Zero);

    public FanoutWorld(Action<FanoutOptions>? configure = null, bool simulated = false)
    {
        var options = new FanoutOptions();
        configure?.Invoke(options);
        Hub = new Hub(Options.Create(options), simulated, Time, NullLogger<Hub>.Instance);
    }

    public static FeedCatalogue Catalogue { get; } = FeedCatalogue.Load();

    public FakeTimeProvider Time { get; } = new(Start);

    public Hub Hub { get; }

    public TextWire Wire { get; } = new();

    public static (Feed Feed, ChannelName Name) Resolve(string channel)
    {
        Assert.Null(Catalogue.Resolve(channel, null, out var feed, out var name));
        return (feed!, name);
    }

    public ChannelLog Log(string channel)
    {
        var (feed, name) = Resolve(channel);
        return Hub.GetOrAdd(name, feed);
    }

    public StreamPosition Publish(string channel, string payload = "{}")
        => Hub.Publish(Log(channel), Publication.OfPayload(Encoding.UTF8.GetBytes(payload), Time.GetUtcNow(), PublicationSource.Socket));

    /// <summary>Publishes payloads that are their own numbers.</summary>
    public void PublishMany(string channel, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Publish(channel, i.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Publishes entries that a client which holds its transport does not take, until it has been told of the last: one
    /// that is woken together with it, and takes them, has been shown it.
    /// </summary>
    public async Task FallBehindAsync(FanoutClient client, string channel, int count)
    {
        var witness = Connect();
        while (witness.Connection.Shard != client.Connection.Shard)
        {
            witness.Connection.Dispose();
            witness = Connect();
        }

        witness.Subscribe(channel);
        for (var published = 0; published < count; published += 20)
        {
            PublishMany(channel, 20); // few enough for the witness to keep up
            await witness.ShownAsync(channel, Log(channel).Tail);
        }

        witness.Connection.Dispose();
    }

    public FanoutClient Connect(WireFormat? wire = null)
    {
        var transport = new RecordingTransport();
        Assert.True(Hub.TryConnect(transport, wire ?? Wire, out var connection));
        return new FanoutClient(connection, transport);
    }

    public void Dispose() => Hub.Dispose();
}

/// <summary>A client and the handler it has in a server: subscribes, confirms, begins.</summary>
internal sealed record FanoutClient(Connection Connection, RecordingTransport Transport)
{
    public Subscription Subscribe(string channel, StreamPosition? since = null, int history = 0)
    {
        var (feed, name) = FanoutWorld.Resolve(channel);
        Assert.Null(Connection.Subscribe(feed, name, since, history, out var subscription));
        Connection.Send(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"subscribed|{name}|{Connection.PositionOf(subscription!).Offset}|{(subscription!.Start.Recovered ? 1 : 0)}|{subscription.Start.Reason}\n")));
        Connection.Begin(subscription);
        return subscription;
    }

    public bool Unsubscribe(string channel) => Connection.Unsubscribe(FanoutWorld.Resolve(channel).Name);

    public void Reply(string text) => Connection.Send(Encoding.UTF8.GetBytes(text + "\n"));

    /// <summary>Waits for the entry with this offset.</summary>
    public Task ShownAsync(string channel, long offset)
        => Transport.UntilAsync(transport => transport.Entries(channel) is [.., var last] && last.Offset >= offset, $"offset {offset} of {channel}");

    public Task ClosedAsync() => Transport.UntilAsync(transport => transport.Closes.Count > 0, "the close");
}
