namespace Tidewire.Protocol;

/// <summary>The parts of one publication, as the writers need them. All spans are UTF-8.</summary>
public readonly ref struct PublicationParts
{
    /// <summary>The canonical channel name.</summary>
    public required ReadOnlySpan<byte> Channel { get; init; }

    /// <summary>The epoch of the log.</summary>
    public required ReadOnlySpan<byte> Epoch { get; init; }

    /// <summary>The entry's offset.</summary>
    public required long Offset { get; init; }

    /// <summary>When Tidewire received it.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The payload: one JSON object, spliced in as it is.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The source, in lower case.</summary>
    public required ReadOnlySpan<byte> Source { get; init; }

    /// <summary>The offset of the entry that this one corrects; 0 for none.</summary>
    public long Replaces { get; init; }

    /// <summary>How many entries of this channel were merged into this one for this reader.</summary>
    public long Merged { get; init; }

    /// <summary>How many entries before this one this reader's filter kept from it.</summary>
    public long Filtered { get; init; }
}

/// <summary>The parts of one gap entry.</summary>
public readonly ref struct GapParts
{
    /// <summary>The canonical channel name, UTF-8.</summary>
    public required ReadOnlySpan<byte> Channel { get; init; }

    /// <summary>The epoch of the log, UTF-8.</summary>
    public required ReadOnlySpan<byte> Epoch { get; init; }

    /// <summary>The entry's offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Something may be missing from here.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Nothing is missing from here on.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>How many are missing; null when that is not known.</summary>
    public long? Count { get; init; }

    /// <summary>The reason in snake case, UTF-8.</summary>
    public required ReadOnlySpan<byte> Reason { get; init; }

    /// <summary>Whether what was missing follows from elsewhere.</summary>
    public bool Backfilled { get; init; }

    /// <summary>How many entries of this channel were merged before this one for this reader, and how many lost ones it stands for.</summary>
    public long Merged { get; init; }

    /// <summary>How many entries before this one this reader's filter kept from it.</summary>
    public long Filtered { get; init; }
}

/// <summary>
/// Splices a publication's raw payload into the envelope of a wire, into a span of at least
/// <see cref="Room"/> bytes. Nothing is parsed and nothing is allocated.
/// </summary>
public static class PublicationWriter
{
    /// <summary>Bytes that are enough for any envelope around a payload.</summary>
    /// <param name="channelLength">Length of the channel name.</param>
    /// <param name="payloadLength">Length of the payload.</param>
    public static int Room(int channelLength, int payloadLength) => channelLength + payloadLength + 512;

    /// <summary><c>{"type":"message","channel",…,"data":{…},"source"}</c> of <c>/api/ws</c>.</summary>
    /// <param name="parts">The publication.</param>
    /// <param name="to">Where to write.</param>
    /// <returns>Bytes written.</returns>
    public static int Message(in PublicationParts parts, Span<byte> to)
    {
        var json = new JsonSpan(to);
        json.Raw("{\"type\":\"message\",\"channel\":\""u8);
        json.Raw(parts.Channel);
        json.Raw("\",\"offset\":"u8);
        json.Number(parts.Offset);
        PassedOver(ref json, parts.Merged, parts.Filtered);
        Replaces(ref json, parts.Replaces);
        json.Raw(",\"timestamp\":"u8);
        json.Instant(parts.ReceivedAt);
        json.Raw(",\"data\":"u8);
        json.Raw(parts.Payload);
        json.Raw(",\"source\":\""u8);
        json.Raw(parts.Source);
        json.Raw("\"}"u8);
        return json.Length;
    }

    /// <summary>A message whose payload's own fields stand at the top, such as <c>{"type":"price_update","ticker",…}</c>.</summary>
    /// <param name="type">The message's type, UTF-8.</param>
    /// <param name="parts">The publication; its payload is an object with at least one field and without a <c>type</c>.</param>
    /// <param name="to">Where to write.</param>
    /// <returns>Bytes written.</returns>
    public static int Flat(ReadOnlySpan<byte> type, in PublicationParts parts, Span<byte> to)
    {
        var json = new JsonSpan(to);
        json.Raw("{\"type\":\""u8);
        json.Raw(type);
        json.Raw("\","u8);
        json.Raw(parts.Payload[1..^1]);
        json.Raw(",\"timestamp\":"u8);
        json.Instant(parts.ReceivedAt);
        json.Raw(",\"channel\":\""u8);
        json.Raw(parts.Channel);
        json.Raw("\",\"offset\":"u8);
        json.Number(parts.Offset);
        PassedOver(ref json, parts.Merged, parts.Filtered);
        Replaces(ref json, parts.Replaces);
        json.Raw(",\"source\":\""u8);
        json.Raw(parts.Source);
        json.Raw("\"}"u8);
        return json.Length;
    }

    /// <summary><c>{"channel","timestamp","data":{…},"offset","epoch","source"}</c> of <c>/api/stream</c>.</summary>
    /// <param name="parts">The publication.</param>
    /// <param name="to">Where to write.</param>
    /// <returns>Bytes written.</returns>
    public static int Envelope(in PublicationParts parts, Span<byte> to)
    {
        var json = new JsonSpan(to);
        json.Raw("{\"channel\":\""u8);
        json.Raw(parts.Channel);
        json.Raw("\",\"timestamp\":"u8);
        json.Instant(parts.ReceivedAt);
        json.Raw(",\"data\":"u8);
        json.Raw(parts.Payload);
        json.Raw(",\"offset\":"u8);
        json.Number(parts.Offset);
        json.Raw(",\"epoch\":\""u8);
        json.Raw(parts.Epoch);
        json.Raw("\""u8);
        PassedOver(ref json, parts.Merged, parts.Filtered);
        Replaces(ref json, parts.Replaces);
        json.Raw(",\"source\":\""u8);
        json.Raw(parts.Source);
        json.Raw("\"}"u8);
        return json.Length;
    }

    /// <summary><c>{"type":"gap",…}</c>, the same on every Tidewire wire.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="to">Where to write.</param>
    /// <returns>Bytes written.</returns>
    public static int Gap(in GapParts gap, Span<byte> to)
    {
        var json = new JsonSpan(to);
        json.Raw("{\"type\":\"gap\",\"channel\":\""u8);
        json.Raw(gap.Channel);
        json.Raw("\",\"offset\":"u8);
        json.Number(gap.Offset);
        PassedOver(ref json, gap.Merged, gap.Filtered);
        json.Raw(",\"epoch\":\""u8);
        json.Raw(gap.Epoch);
        json.Raw("\",\"from_time\":"u8);
        json.Instant(gap.From);
        json.Raw(",\"to_time\":"u8);
        json.Instant(gap.To);
        json.Raw(",\"count\":"u8);
        if (gap.Count is { } count)
        {
            json.Number(count);
        }
        else
        {
            json.Raw("null"u8);
        }

        json.Raw(",\"reason\":\""u8);
        json.Raw(gap.Reason);
        json.Raw(gap.Backfilled ? "\",\"backfilled\":true}"u8 : "\",\"backfilled\":false}"u8);
        return json.Length;
    }

    private static void PassedOver(ref JsonSpan json, long merged, long filtered)
    {
        if (merged > 0)
        {
            json.Raw(",\"merged\":"u8);
            json.Number(merged);
        }

        if (filtered > 0)
        {
            json.Raw(",\"filtered\":"u8);
            json.Number(filtered);
        }
    }

    private static void Replaces(ref JsonSpan json, long replaces)
    {
        if (replaces > 0)
        {
            json.Raw(",\"replaces\":"u8);
            json.Number(replaces);
        }
    }
}
