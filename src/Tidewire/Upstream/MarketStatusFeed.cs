using System.Buffers;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>
/// Publishes <c>market_status</c>: <c>{"status","next_open","next_close"}</c>, where status is <c>closed</c>,
/// <c>pre_market</c>, <c>open</c> or <c>after_hours</c>. Once at the start and at every change.
/// </summary>
/// <param name="hub">Where to publish; when what it carries is simulated, the market is always open and the times are null.</param>
/// <param name="catalogue">The feeds.</param>
/// <param name="calendar">The exchange's calendar.</param>
/// <param name="time">The clock.</param>
public sealed class MarketStatusFeed(Hub hub, FeedCatalogue catalogue, MarketCalendar calendar, TimeProvider time)
{
    /// <summary>A clock that was set, or a machine that slept, is noticed within this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private MarketSession? _told;

    /// <summary>Publishes the status if it is not the one last published.</summary>
    public void Tell()
    {
        var now = time.GetUtcNow();
        var session = hub.Simulated ? MarketSession.Open : calendar.SessionAt(now);
        if (session == _told || !catalogue.TryGet("market_status", out var feed))
        {
            return;
        }

        _told = session;
        hub.Publish(hub.GetOrAdd(ChannelName.Of(feed.Name), feed), Publication.OfPayload(Write(session, now), now, PublicationSource.Derived));
    }

    /// <summary>Publishes every change until told to stop.</summary>
    /// <param name="stopping">Ends it quietly.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                Tell();
                var now = time.GetUtcNow();
                var wait = calendar.NextChange(now) - now;
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private byte[] Write(MarketSession session, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", session switch
            {
                MarketSession.PreMarket => "pre_market",
                MarketSession.Open => "open",
                MarketSession.AfterHours => "after_hours",
                _ => "closed",
            });
            if (hub.Simulated)
            {
                json.WriteNull("next_open");
                json.WriteNull("next_close");
            }
            else
            {
                json.WriteString("next_open", MessageWriter.Instant(calendar.NextOpen(now)));
                json.WriteString("next_close", MessageWriter.Instant(calendar.NextClose(now)));
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
