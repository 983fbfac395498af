using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Client;

/// <summary>One message of a channel.</summary>
public sealed record Publication : Entry
{
    internal Publication(string channel)
        : base(channel)
    {
    }

    /// <summary>Its place in the log: what to resume from to get what follows it.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>When Tidewire received it.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The payload as the provider sent it: one JSON object in UTF-8. Stays valid.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Where it came from: <c>socket</c>, <c>rest</c>, <c>derived</c>, <c>simulated</c> or <c>replay</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>How many entries before it are not shown because newer ones of their key have replaced them.</summary>
    public long Merged { get; init; }

    /// <summary>How many entries before it the subscription's filter kept back.</summary>
    public long Filtered { get; init; }

    /// <summary>The offset of the publication that this one corrects; null when it is no correction.</summary>
    public long? Replaces { get; init; }

    /// <summary>
    /// Whether it is of the past that <see cref="SubscriptionOptions.History"/> asked for, at or before the position where the
    /// subscription begins. Over server-sent events and polling such a past comes as ordinary publications.
    /// </summary>
    public bool IsHistory { get; init; }

    /// <summary>Parses the payload. The element keeps its own copy; a program that reads much uses <see cref="Payload"/>.</summary>
    public JsonElement ToJson()
    {
        var reader = new Utf8JsonReader(Payload.Span, new JsonReaderOptions { MaxDepth = 256 });
        return JsonElement.ParseValue(ref reader);
    }
}

/// <summary>Past publications of a channel, oldest first.</summary>
/// <param name="Channel">The canonical name.</param>
/// <param name="Epoch">The epoch of their offsets.</param>
/// <param name="Publications">The publications; empty when there are none before.</param>
public sealed record HistoryPage(string Channel, string Epoch, IReadOnlyList<Publication> Publications);
