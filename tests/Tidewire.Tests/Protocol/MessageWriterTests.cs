using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class MessageWriterTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 18, 9, 30, 0, 7, TimeSpan.FromHours(-4));
    private static readonly ChannelName Gex = ChannelName.Of("gex", "SPY");
    private static readonly ChannelName Flow = ChannelName.Of("flow-alerts");

    [Fact]
    public void A_connection_tells_who_it_is_and_what_is_allowed() => Same(
        """{"type":"connection","status":"connected","connection_id":"c1","simulated":true,"limits":{"message_bytes":16384,"channels":128},"timestamp":"2026-09-18T13:30:00.007Z"}""",
        MessageWriter.Connection("c1", simulated: true, 16384, 128, Now));

    [Fact]
    public void A_subscription_is_confirmed_with_its_position() => Same(
        """{"type":"subscription","action":"subscribed","channel":"gex:SPY","ticker":"SPY","epoch":"e","offset":42,"recovered":true,"timestamp":"2026-09-18T13:30:00.007Z","id":7}""",
        MessageWriter.Subscribed(Gex, new StreamPosition("e", 42), recovered: true, reason: null, "7", Now));

    [Fact]
    public void A_recovery_that_failed_says_why() => Same(
        """{"type":"subscription","action":"subscribed","channel":"flow-alerts","epoch":"e","offset":0,"recovered":false,"reason":"too old","timestamp":"2026-09-18T13:30:00.007Z"}""",
        MessageWriter.Subscribed(Flow, new StreamPosition("e", 0), recovered: false, "too old", id: null, Now));

    [Fact]
    public void The_end_of_a_subscription_is_confirmed() => Same(
        """{"type":"subscription","action":"unsubscribed","channel":"gex:SPY","ticker":"SPY","timestamp":"2026-09-18T13:30:00.007Z","id":"x"}""",
        MessageWriter.Unsubscribed(Gex, "\"x\"", Now));

    [Fact]
    public void Pings_and_tokens_are_answered()
    {
        Same("""{"type":"pong","timestamp":"2026-09-18T13:30:00.007Z","id":"x"}""", MessageWriter.Pong("\"x\"", Now));
        Same("""{"type":"auth","status":"ok","required":false,"timestamp":"2026-09-18T13:30:00.007Z"}""", MessageWriter.Authenticated(required: false, id: null, Now));
    }

    [Fact]
    public void An_error_holds_number_name_field_and_id() => Same(
        """{"type":"error","message":"Say \"SPY\".","code":107,"error":"bad_ticker","retryable":false,"field":"ticker","timestamp":"2026-09-18T13:30:00.007Z","id":1}""",
        MessageWriter.Error(new ProtocolError(ErrorCode.BadTicker, "Say \"SPY\".", "ticker", "1"), Now));

    [Fact]
    public void A_position_and_a_closing_are_told()
    {
        Same("""{"type":"position","channel":"gex:SPY","epoch":"e","offset":9223372036854775807}""", MessageWriter.Position(Gex, new StreamPosition("e", long.MaxValue)));
        Same("""{"type":"closing","code":4008,"reason":"reader too slow, resume by position","reconnect":true}""", MessageWriter.Closing(Disconnect.Slow));
    }

    [Fact]
    public void History_holds_its_messages_verbatim()
    {
        var message = """{ "data":{"price" : 1.50, "note":"\ud800"} }"""u8.ToArray();
        var written = MessageWriter.History(Gex, "e", [message, message], id: null, Now);

        Assert.Contains($"[{Encoding.UTF8.GetString(message)},{Encoding.UTF8.GetString(message)}]", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(written);
        Assert.Equal(("history", "gex:SPY", "SPY", "e"), (Text(json, "type"), Text(json, "channel"), Text(json, "ticker"), Text(json, "epoch")));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.0060000+00:00", "2026-01-02T03:04:05.006Z")]
    [InlineData("2026-01-02T03:04:05.9999999+05:30", "2026-01-01T21:34:05.999Z")]
    [InlineData("0001-01-01T00:00:00.0000000+00:00", "0001-01-01T00:00:00.000Z")]
    [InlineData("9999-12-31T23:59:59.9999999+00:00", "9999-12-31T23:59:59.999Z")]
    public void Instants_are_ISO_8601_in_UTC_with_milliseconds(string at, string written)
        => Assert.Equal(written, MessageWriter.Instant(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));

    private static string? Text(JsonDocument json, string field) => json.RootElement.GetProperty(field).GetString();

    private static void Same(string expected, byte[] written)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(written));
        JsonDocument.Parse(written).Dispose();
    }
}
