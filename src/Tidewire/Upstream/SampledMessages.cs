using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Upstream;

/// <summary>
/// Looks closely at a few messages of each feed, its first ones and then one a second at most, where looking at all would cost too
/// much: which fields they have, how old they were when they came, and, at log level <c>Debug</c>, the way of each through the upstream. Thread-safe.
/// </summary>
public sealed partial class SampledMessages
{
    /// <summary>Of each feed the first so many are looked at, so that its shape is known soon.</summary>
    private const int First = 20;

    private const int LongestText = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<string, Sampled> _feeds;
    private readonly ILogger _logger;
    private readonly UpstreamMetrics? _metrics;

    /// <summary>Begins with nothing seen.</summary>
    /// <param name="catalogue">The feeds.</param>
    /// <param name="logger">Where messages are traced and changes of their shape are told.</param>
    /// <param name="metrics">Where delays are measured; null for nowhere.</param>
    public SampledMessages(FeedCatalogue catalogue, ILogger<SampledMessages> logger, UpstreamMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        (_logger, _metrics) = (logger, metrics);
        _feeds = catalogue.Feeds.Where(static feed => feed.Origin == FeedOrigin.Join).ToFrozenDictionary(static feed => feed.Name, static feed => new Sampled(feed), StringComparer.Ordinal);
        metrics?.Observe(this);
    }

    /// <summary>The shape of a feed's payloads; null while none was looked at, and for feeds that do not come over the socket.</summary>
    /// <param name="feed">The feed.</param>
    public ShapeView? ShapeOf(Feed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return _feeds.GetValueOrDefault(feed.Name)?.Shape.View;
    }

    /// <summary>Every feed of which a payload was looked at.</summary>
    internal IEnumerable<(string Feed, ShapeView Shape)> Shapes
        => _feeds.Select(static feed => (feed.Key, feed.Value.Shape.View)).Where(static feed => feed.View is not null).Select(static feed => (feed.Key, feed.View!));

    /// <summary>Whether a message is to be looked at. Costs a look-up where it is not.</summary>
    /// <param name="feed">Its feed.</param>
    /// <param name="receivedAt">When it was received.</param>
    internal bool IsDue(Feed feed, DateTimeOffset receivedAt) => _feeds.TryGetValue(feed.Name, out var sampled) && sampled.IsDue(receivedAt);

    /// <summary>Looks at a message that was just published.</summary>
    /// <param name="log">Its channel.</param>
    /// <param name="publication">The message.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="decodedAt">When it had been decoded.</param>
    /// <param name="publishedAt">When it had been published.</param>
    internal void Look(ChannelLog log, Publication publication, StreamPosition position, DateTimeOffset decodedAt, DateTimeOffset publishedAt)
    {
        var feed = log.Feed;
        var sampled = _feeds[feed.Name];
        foreach (var drift in sampled.Shape.Look(publication.Payload))
        {
            if (drift.Documented is { } documented)
            {
                Log.OtherType(_logger, feed.Name, drift.Field, drift.Kind, documented);
            }
            else
            {
                Log.Undocumented(_logger, feed.Name, drift.Field, drift.Kind);
            }
        }

        var sentAt = Field(publication.Payload, sampled.TimeField) is { } text ? VendorTime.Read(text) : null;
        _metrics?.Sampled(feed.Name, sentAt is null ? null : publication.ReceivedAt - sentAt, decodedAt - publication.ReceivedAt);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            Log.Message(
                _logger, log.Name.ToString(), position.Offset, Field(publication.Payload, sampled.IdField) ?? "none", publication.Received.Length, publication.ReceivedAt,
                sentAt is { } sent ? Milliseconds(publication.ReceivedAt - sent) : "unknown", Milliseconds(decodedAt - publication.ReceivedAt), Milliseconds(publishedAt - decodedAt));
        }
    }

    private static string Milliseconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.000} ms");

    /// <summary>A field of a payload as text; null where it is absent or neither text nor a number.</summary>
    private static string? Field(ReadOnlySpan<byte> payload, byte[]? name)
    {
        if (name is null)
        {
            return null;
        }

        var json = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = !json.ValueIsEscaped && json.ValueSpan.SequenceEqual(name);
            json.Read();
            if (isIt)
            {
                return json.TokenType is JsonTokenType.String or JsonTokenType.Number ? Printable(json.ValueSpan) : null;
            }

            json.Skip();
        }

        return null;
    }

    // As it stands in the payload, escapes included: no control character can be in it. Not cut: half a secret would not be masked.
    private static string Printable(ReadOnlySpan<byte> text) => text.Length > LongestText ? string.Create(CultureInfo.InvariantCulture, $"({text.Length} bytes)") : Encoding.UTF8.GetString(text);

    /// <summary>What is kept of one feed.</summary>
    private sealed class Sampled(Feed feed)
    {
        private long _looked;
        private long _again;

        public PayloadShape Shape { get; } = new(DocumentedFields.Of(feed.Name));

        public byte[]? TimeField { get; } = feed.TimeField is { } time ? Encoding.UTF8.GetBytes(time) : null;

        public byte[]? IdField { get; } = feed.IdField is { } id ? Encoding.UTF8.GetBytes(id) : null;

        public bool IsDue(DateTimeOffset at)
        {
            // A clock that was set back makes it due, so that it does not stop.
            var left = Volatile.Read(ref _again) - at.UtcTicks;
            if (Volatile.Read(ref _looked) >= First && left > 0 && left <= Interval.Ticks)
            {
                return false;
            }

            Interlocked.Increment(ref _looked);
            Volatile.Write(ref _again, at.UtcTicks + Interval.Ticks);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Information, "The provider sends a field of {Feed} that its documentation does not name: {Field}, {Kind}. It is passed on like the others.", EventName = "UndocumentedField")]
        public static partial void Undocumented(ILogger logger, string feed, string field, string kind);

        [LoggerMessage(71, LogLevel.Warning, "The provider sends {Field} of {Feed} as {Kind}; documented is {Documented}. It is passed on as it is; programs that read it, filters among them, may not expect that.", EventName = "OtherFieldType")]
        public static partial void OtherType(ILogger logger, string feed, string field, string kind, string documented);

        [LoggerMessage(72, LogLevel.Debug, "Message of {Channel} at offset {Offset}, id {Id}, {Length} bytes, received {ReceivedAt:O}: on the way {OnTheWay}, decoded after {Decoded}, published after {Published} more.", EventName = "SampledMessage")]
        public static partial void Message(ILogger logger, string channel, long offset, string id, int length, DateTimeOffset receivedAt, string onTheWay, string decoded, string published);
    }
}
