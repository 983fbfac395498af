using System.Text;
using System.Text.Json;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What a frame of the provider is.</summary>
internal enum FrameKind
{
    /// <summary><c>[channel, payload]</c>.</summary>
    Data,

    /// <summary><c>[channel, {"response":{},"status":"ok"}]</c>: a join was taken.</summary>
    Acknowledged,

    /// <summary><c>[channel, {"response":…,"status":"error"}]</c> or <c>[channel, {"error":…}]</c>: a join was refused.</summary>
    Refused,

    /// <summary>None of these; the fault says what.</summary>
    Fault,
}

/// <summary>A frame taken apart: what it is and where its parts stand.</summary>
internal readonly ref struct DecodedFrame
{
    public FrameKind Kind { get; init; }

    /// <summary>The channel's name, UTF-8; empty for a fault without one.</summary>
    public ReadOnlySpan<byte> Channel { get; init; }

    /// <summary>Where the payload stands in the frame, for data.</summary>
    public Range Payload { get; init; }

    /// <summary>Where the value of the field stands in the frame that identifies the payload; empty when there is none.</summary>
    public Range Id { get; init; }

    /// <summary>Why the frame is none, for a fault.</summary>
    public FrameFault Fault { get; init; }

    public static DecodedFrame Of(FrameFault fault) => new() { Kind = FrameKind.Fault, Fault = fault };
}

/// <summary>
/// Takes the provider's frames apart: one pass over the bytes that also proves them valid JSON, since the payload is
/// later spliced into other JSON as it is. Allocates nothing for a good frame.
/// </summary>
/// <remarks>
/// The shapes are those of the provider's public socket, which is not the Phoenix serialisation: a two-element array
/// for data and acknowledgements, and for the channel limit a text that is no array at all.
/// </remarks>
internal static class UnusualWhalesDecoder
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    /// <summary>Takes a frame apart.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="seen">Knows which field of a channel's payloads identifies them; null to look for none.</param>
    public static DecodedFrame Decode(ReadOnlySpan<byte> frame, SeenPublications? seen = null)
    {
        if (frame.IsEmpty)
        {
            return DecodedFrame.Of(FrameFault.Empty);
        }

        try
        {
            return DecodeJson(frame, seen);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape in the channel's name that is no character.
            return DecodedFrame.Of(SaysLimit(frame) ? FrameFault.ChannelLimit : FrameFault.MalformedJson);
        }
    }

    private static DecodedFrame DecodeJson(ReadOnlySpan<byte> frame, SeenPublications? seen)
    {
        var json = new Utf8JsonReader(frame, Options);
        json.Read();
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return NotAnArray(ref json, frame);
        }

        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            return Other(ref json, frame);
        }

        ReadOnlySpan<byte> channel = json.ValueIsEscaped ? Unescaped(ref json) : json.ValueSpan;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return Other(ref json, frame);
        }

        var start = (int)json.TokenStartIndex;
        var answer = ReadObject(ref json, seen is null ? default : seen.FieldOf(channel), out var id);
        var end = (int)json.BytesConsumed;
        json.Read();
        if (json.TokenType != JsonTokenType.EndArray)
        {
            return Other(ref json, frame);
        }

        End(ref json);
        return answer switch
        {
            Answer.None when channel.IsEmpty => DecodedFrame.Of(FrameFault.UnknownShape),
            Answer.None => new DecodedFrame { Kind = FrameKind.Data, Channel = channel, Payload = start..end, Id = id },
            Answer.Ok => new DecodedFrame { Kind = FrameKind.Acknowledged, Channel = channel },
            _ when SaysLimit(frame[start..end]) => DecodedFrame.Of(FrameFault.ChannelLimit),
            _ => new DecodedFrame { Kind = FrameKind.Refused, Channel = channel, Fault = FrameFault.ErrorFrame },
        };
    }

    private enum Answer
    {
        None,
        Ok,
        Error,
    }

    /// <summary>
    /// Reads the payload to its end. An answer has both a <c>response</c> and a <c>status</c>, which no feed has, or begins
    /// with an <c>error</c>; it may have further fields.
    /// </summary>
    private static Answer ReadObject(scoped ref Utf8JsonReader json, scoped ReadOnlySpan<byte> idField, out Range id)
    {
        id = default;
        var response = false;
        var error = false;
        var isFirst = true;
        bool? ok = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // Compared by length first, as most names of most payloads are told apart by it; none of the three is written with escapes.
            var name = json.ValueIsEscaped ? default : json.ValueSpan;
            var isStatus = name.Length == 6 && name.SequenceEqual("status"u8);
            response |= name.Length == 8 && name.SequenceEqual("response"u8);
            error |= isFirst && name.Length == 5 && name.SequenceEqual("error"u8);
            isFirst = false;
            var isId = name.Length == idField.Length && name.Length > 0 && name.SequenceEqual(idField);
            json.Read();
            if (isId && json.TokenType is JsonTokenType.String or JsonTokenType.Number)
            {
                id = (int)json.TokenStartIndex..(int)json.BytesConsumed;
            }

            if (isStatus && json.TokenType == JsonTokenType.String)
            {
                ok = json.ValueSpan.SequenceEqual("ok"u8);
            }

            json.Skip();
        }

        return (response, ok, error) switch
        {
            (true, true, _) => Answer.Ok,
            (true, false, _) => Answer.Error,
            (_, _, true) => Answer.Error,
            _ => Answer.None,
        };
    }

    private static DecodedFrame NotAnArray(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> frame)
    {
        var isObject = json.TokenType == JsonTokenType.StartObject;
        var error = isObject && ReadObject(ref json, default, out _) == Answer.Error;
        End(ref json);
        return DecodedFrame.Of(SaysLimit(frame) ? FrameFault.ChannelLimit : error ? FrameFault.ErrorFrame : FrameFault.UnknownShape);
    }

    private static DecodedFrame Other(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> frame)
    {
        // Whether it is JSON at all decides the reason it is counted under.
        End(ref json);
        return DecodedFrame.Of(SaysLimit(frame) ? FrameFault.ChannelLimit : FrameFault.UnknownShape);
    }

    private static void End(scoped ref Utf8JsonReader json)
    {
        while (json.Read())
        {
        }
    }

    private static bool SaysLimit(ReadOnlySpan<byte> frame) => frame[..Math.Min(frame.Length, 1024)].IndexOf("subscription limit"u8) >= 0;

    private static ReadOnlySpan<byte> Unescaped(scoped ref Utf8JsonReader json) => Encoding.UTF8.GetBytes(json.GetString()!);
}
