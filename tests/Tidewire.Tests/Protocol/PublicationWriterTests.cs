using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class PublicationWriterTests
{
    private static readonly DateTimeOffset At = new(2026, 9, 18, 13, 30, 0, 7, TimeSpan.Zero);

    [Fact]
    public void A_message_is_the_documented_object()
        => Same("""{"type":"message","channel":"gex:SPY","offset":42,"timestamp":"2026-09-18T13:30:00.007Z","data":{"a":1},"source":"socket"}""", Message(Parts("""{"a":1}""")));

    [Fact]
    public void A_message_counts_what_was_merged_into_it()
        => Same("""{"type":"message","channel":"gex:SPY","offset":42,"merged":41,"timestamp":"2026-09-18T13:30:00.007Z","data":{},"source":"socket"}""", Message(Parts("{}", merged: 41)));

    [Fact]
    public void An_envelope_is_the_documented_object()
    {
        Same("""{"channel":"gex:SPY","timestamp":"2026-09-18T13:30:00.007Z","data":{"a":1},"offset":42,"epoch":"e1","source":"socket"}""", Envelope(Parts("""{"a":1}""")));
        Same("""{"channel":"gex:SPY","timestamp":"2026-09-18T13:30:00.007Z","data":{},"offset":42,"epoch":"e1","merged":3,"source":"socket"}""", Envelope(Parts("{}", merged: 3)));
    }

    [Fact]
    public void A_flat_message_has_the_fields_of_its_payload_at_the_top()
    {
        var to = new byte[1024];
        var written = to[..PublicationWriter.Flat("price_update"u8, Parts("""{"ticker":"SPY","price":1.50}""", merged: 2), to)];
        Same("""{"type":"price_update","ticker":"SPY","price":1.50,"timestamp":"2026-09-18T13:30:00.007Z","channel":"gex:SPY","offset":42,"merged":2,"source":"socket"}""", written);
    }

    [Theory]
    [InlineData("""{ "price" : 591.20000000000000000001,  "note":"\ud800\u0041" }""")]
    [InlineData("""{"price":1E400,"price":-0.0,"é":"ü"}""")]
    [InlineData("{\n\t\"a\": [1, 2]\r\n}")]
    public void Payload_bytes_stand_as_they_are(string payload)
    {
        Assert.Contains($"\"data\":{payload},", Encoding.UTF8.GetString(Message(Parts(payload))), StringComparison.Ordinal);
        Assert.Contains($"\"data\":{payload},", Encoding.UTF8.GetString(Envelope(Parts(payload))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false, "null", "false")]
    [InlineData(0L, true, "0", "true")]
    [InlineData(long.MaxValue, true, "9223372036854775807", "true")]
    public void A_gap_tells_how_many_are_missing_if_that_is_known(long? count, bool backfilled, string countText, string backfilledText)
    {
        var to = new byte[PublicationWriter.Room(7, 0)];
        var gap = new GapParts { Channel = "gex:SPY"u8, Epoch = "e1"u8, Offset = 43, From = At, To = At.AddSeconds(1.5), Count = count, Reason = "upstream_down"u8, Backfilled = backfilled };
        Same(
            $$"""{"type":"gap","channel":"gex:SPY","offset":43,"epoch":"e1","from_time":"2026-09-18T13:30:00.007Z","to_time":"2026-09-18T13:30:01.507Z","count":{{countText}},"reason":"upstream_down","backfilled":{{backfilledText}}}""",
            to[..PublicationWriter.Gap(gap, to)]);
    }

    [Fact]
    public void A_gap_counts_what_was_merged_before_it()
    {
        var to = new byte[PublicationWriter.Room(7, 0)];
        var gap = new GapParts { Channel = "gex:SPY"u8, Epoch = "e1"u8, Offset = 43, From = At, To = At, Reason = "not_joined"u8, Merged = 42 };
        Same(
            """{"type":"gap","channel":"gex:SPY","offset":43,"merged":42,"epoch":"e1","from_time":"2026-09-18T13:30:00.007Z","to_time":"2026-09-18T13:30:00.007Z","count":null,"reason":"not_joined","backfilled":false}""",
            to[..PublicationWriter.Gap(gap, to)]);
    }

    [Fact]
    public void The_room_is_enough_for_the_longest_of_everything()
    {
        var channel = Encoding.UTF8.GetBytes($"@{new string('s', 32)}/{new string('f', 64)}:{new string('S', 24)}");
        var epoch = Encoding.UTF8.GetBytes(new string('e', 64));
        var parts = new PublicationParts { Channel = channel, Epoch = epoch, Offset = long.MaxValue, ReceivedAt = DateTimeOffset.MaxValue, Payload = "{\"a\":1}"u8, Source = "simulated"u8, Merged = long.MaxValue };
        var to = new byte[PublicationWriter.Room(channel.Length, parts.Payload.Length)];
        JsonDocument.Parse(to.AsMemory(0, PublicationWriter.Message(parts, to))).Dispose();
        JsonDocument.Parse(to.AsMemory(0, PublicationWriter.Envelope(parts, to))).Dispose();
        JsonDocument.Parse(to.AsMemory(0, PublicationWriter.Flat("price_update"u8, parts, to))).Dispose();

        var gap = new GapParts { Channel = channel, Epoch = epoch, Offset = long.MaxValue, From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue, Count = long.MaxValue, Reason = "dropped_by_us"u8, Merged = long.MaxValue };
        JsonDocument.Parse(to.AsMemory(0, PublicationWriter.Gap(gap, to))).Dispose();
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.0069999+05:30")]
    [InlineData("0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("2024-02-29T12:00:00.5000000-08:00")]
    public void Instants_are_written_as_in_every_other_message(string at)
    {
        var instant = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        using var json = JsonDocument.Parse(Message(Parts("{}") with { ReceivedAt = instant }));
        Assert.Equal(MessageWriter.Instant(instant), json.RootElement.GetProperty("timestamp").GetString());
    }

    private static PublicationParts Parts(string payload, long merged = 0) => new()
    {
        Channel = "gex:SPY"u8,
        Epoch = "e1"u8,
        Offset = 42,
        ReceivedAt = At,
        Payload = Encoding.UTF8.GetBytes(payload),
        Source = "socket"u8,
        Merged = merged,
    };

    private static byte[] Message(in PublicationParts parts)
    {
        var to = new byte[PublicationWriter.Room(parts.Channel.Length, parts.Payload.Length)];
        return to[..PublicationWriter.Message(parts, to)];
    }

    private static byte[] Envelope(in PublicationParts parts)
    {
        var to = new byte[PublicationWriter.Room(parts.Channel.Length, parts.Payload.Length)];
        return to[..PublicationWriter.Envelope(parts, to)];
    }

    private static void Same(string expected, byte[] written)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(written));
        JsonDocument.Parse(written).Dispose();
    }
}
