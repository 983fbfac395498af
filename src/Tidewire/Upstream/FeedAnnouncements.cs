using System.Buffers;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream;

/// <summary>
/// Tells the readers of <c>system</c> when a channel that is read loses its ordinary way and when it has it back:
/// <c>{"kind":"degraded_feed"|"restored_feed","message":"…"}</c>.
/// </summary>
/// <param name="hub">Where to publish.</param>
/// <param name="catalogue">The feeds.</param>
/// <param name="truth">What is measured.</param>
/// <param name="time">The clock.</param>
public sealed class FeedAnnouncements(Hub hub, FeedCatalogue catalogue, ChannelTruth truth, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Measured> _told = new(StringComparer.Ordinal);

    /// <summary>Tells every change until told to stop.</summary>
    /// <param name="stopping">Ends it quietly.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var look = new PeriodicTimer(LookInterval, time);
        try
        {
            while (await look.WaitForNextTickAsync(stopping))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private void Look()
    {
        var measures = truth.Look();
        foreach (var (channel, measure) in measures)
        {
            if (measure is not { Socket.Subscribed: true }) // what REST alone has is in its ordinary way
            {
                continue;
            }

            var before = _told.GetValueOrDefault(channel);
            switch (measure.Measured)
            {
                case Measured.Silent or Measured.Refused or Measured.Fallback when before != measure.Measured:
                    _told[channel] = measure.Measured;
                    Tell("degraded_feed", $"{channel} is {Name(measure.Measured)}. {measure.Reason}");
                    break;
                case Measured.Verified when before is not (Measured.Verified or Measured.Unknown):
                    _told[channel] = Measured.Verified;
                    Tell("restored_feed", $"{channel} comes from the provider's socket again.");
                    break;
            }
        }

        foreach (var gone in _told.Keys.Where(channel => !measures.TryGetValue(channel, out var measure) || measure is not { Socket.Subscribed: true }).ToArray())
        {
            _told.Remove(gone);
        }
    }

    private static string Name(Measured measured) => measured switch
    {
        Measured.Fallback => "fed over REST",
        Measured.Refused => "refused by the provider",
        _ => "silent",
    };

    private void Tell(string kind, string message)
    {
        if (!catalogue.TryGet("system", out var feed))
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("message", message);
            json.WriteEndObject();
        }

        hub.Publish(hub.GetOrAdd(ChannelName.Of(feed.Name), feed), Publication.OfPayload(buffer.WrittenSpan.ToArray(), time.GetUtcNow(), PublicationSource.Derived));
    }
}
