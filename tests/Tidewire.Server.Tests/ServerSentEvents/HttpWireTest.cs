using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.ServerSentEvents;

/// <summary>A test of a wire over plain HTTP.</summary>
public abstract class HttpWireTest : ServerTest
{
    protected async Task<SseClient> EventsAsync(string feed, string? lastEventId = null, int? socketBufferBytes = null) =>
        Keep(await SseClient.ConnectAsync(Server.Url, $"/api/stream/sse/{feed}", lastEventId, socketBufferBytes: socketBufferBytes));

    protected PollClient Poller(string feed) => Keep(new PollClient(Server.Url, feed));

    /// <summary>The log of a channel, as if it had been asked for.</summary>
    protected ChannelLog Log(string channel)
    {
        Assert.Null(Server.Get<FeedCatalogue>().Resolve(channel, null, out var feed, out var name));
        return Server.Hub.GetOrAdd(name, feed!);
    }

    /// <summary>Publishes <c>{"n":1}</c> and so on, straight into the log.</summary>
    protected void Publish(string channel, int from, int to, string pad = "")
    {
        for (var n = from; n <= to; n++)
        {
            PublishText(channel, $$"""{"n":{{n}},"pad":"{{pad}}"}""");
        }
    }

    protected StreamPosition PublishText(string channel, string payload) =>
        Server.Publish(Log(channel), Publication.OfPayload(Encoding.UTF8.GetBytes(payload), TimeProvider.System.GetUtcNow(), PublicationSource.Rest));

    /// <summary>Publishes a gap.</summary>
    protected StreamPosition PublishGap(string channel)
    {
        var to = new DateTimeOffset(2026, 11, 20, 14, 30, 9, 480, TimeSpan.Zero);
        return Server.Publish(Log(channel), Publication.OfGap(new Gap(to.AddSeconds(-4), to, Count: null, GapReason.UpstreamDown, Backfilled: false), PublicationSource.Socket));
    }

    /// <summary>Waits until a channel has so many subscriptions.</summary>
    protected Task UntilSubscribedAsync(string channel, int count = 1) =>
        ServerUnderTest.UntilAsync(() => Log(channel).Subscribers == count, $"{count} subscriptions of {channel}");

    protected static int Number(System.Text.Json.JsonElement message) => message.GetProperty("data").GetProperty("n").GetInt32();
}
