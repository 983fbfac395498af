using System.Text;
using System.Text.Json;
using Tidewire.Protocol;

namespace Tidewire.Tests.Protocol;

public sealed class MessageReaderTests
{
    [Fact]
    public void A_subscribe_holds_everything_that_may_be_asked()
    {
        var frame = Read("""{"type":"subscribe","channel":"flow-alerts","ticker":"spy","id":"a","since":{"epoch":"e1","offset":42},"history":50,"filter":"premium >= 1","max_rate":2.5}""");

        Assert.Equal(
            new ClientFrame
            {
                Type = ClientFrameType.Subscribe,
                Channel = "flow-alerts",
                Ticker = "spy",
                Id = "\"a\"",
                Since = new StreamPosition("e1", 42),
                History = 50,
                Filter = "premium >= 1",
                MaxRate = 2.5,
            },
            frame);
    }

    [Fact]
    public void Each_type_is_read()
    {
        Assert.Equal(new ClientFrame { Type = ClientFrameType.Ping }, Read("""{"type":"ping"}"""));
        Assert.Equal(new ClientFrame { Type = ClientFrameType.Auth, Token = "t" }, Read("""{"type":"auth","token":"t"}"""));
        Assert.Equal(new ClientFrame { Type = ClientFrameType.Unsubscribe, Channel = "gex:SPY" }, Read("""{"type":"unsubscribe","channel":"gex:SPY"}"""));
        Assert.Equal(
            new ClientFrame { Type = ClientFrameType.History, Channel = "news", Before = 7, Limit = 1000 },
            Read("""{"type":"history","channel":"news","before":7,"limit":1000}"""));
    }

    [Theory]
    [InlineData("\"a-1\"", "\"a-1\"")]
    [InlineData("7", "7")]
    [InlineData("-7", "-7")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"7\"", "\"7\"")]
    [InlineData("null", null)]
    public void An_id_is_kept_as_it_will_be_echoed(string id, string? kept) => Assert.Equal(kept, Read($$"""{"type":"ping","id":{{id}}}""").Id);

    [Theory]
    [InlineData("\"quote \\\" and \\\\ and \\u0001\"")]
    [InlineData("\"\\u00e9 \\ud83d\\ude00 <b>\"")]
    public void An_id_that_needs_escaping_is_still_JSON_when_echoed(string id)
    {
        var echoed = Read($$"""{"type":"ping","id":{{id}}}""").Id!;
        Assert.Equal(JsonSerializer.Deserialize<string>(id), JsonSerializer.Deserialize<string>(echoed));
    }

    [Theory]
    [InlineData("""{}""", 103, "type", "subscribe, unsubscribe, ping, auth, history")]
    [InlineData("""{"type":null}""", 103, "type", "subscribe, unsubscribe, ping, auth, history")]
    [InlineData("""{"type":"SUBSCRIBE"}""", 103, "type", "'SUBSCRIBE'")]
    [InlineData("""{"type":"join","channel":"gex"}""", 103, "type", "subscribe, unsubscribe, ping, auth, history")]
    [InlineData("""{"type":5}""", 105, "type", "a string")]
    [InlineData("""{"type":"subscribe"}""", 104, "channel", "flow-alerts")]
    [InlineData("""{"type":"subscribe","channel":""}""", 104, "channel", "flow-alerts")]
    [InlineData("""{"type":"subscribe","channel":null}""", 104, "channel", "flow-alerts")]
    [InlineData("""{"type":"unsubscribe"}""", 104, "channel", "channel")]
    [InlineData("""{"type":"history"}""", 104, "channel", "channel")]
    [InlineData("""{"type":"auth"}""", 104, "token", "token")]
    [InlineData("""{"type":"subscribe","channel":7}""", 105, "channel", "a string")]
    [InlineData("""{"type":"subscribe","channel":["gex"]}""", 105, "channel", "a string")]
    [InlineData("""{"type":"subscribe","channel":"gex","ticker":{"a":1}}""", 105, "ticker", "a string")]
    [InlineData("""{"type":"subscribe","channel":"gex","filter":true}""", 105, "filter", "a string")]
    [InlineData("""{"type":"auth","token":1}""", 105, "token", "a string")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":"e:1"}""", 105, "since", "\"epoch\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":{"epoch":"e"}}""", 105, "since", "\"offset\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":{"offset":1}}""", 105, "since", "\"epoch\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":{"epoch":"e","offset":-1}}""", 105, "since", "\"offset\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":{"epoch":"e","offset":1.5}}""", 105, "since", "\"offset\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":{"epoch":"e e","offset":1}}""", 105, "since", "\"epoch\"")]
    [InlineData("""{"type":"subscribe","channel":"gex","since":[]}""", 105, "since", "position")]
    [InlineData("""{"type":"subscribe","channel":"gex","history":-1}""", 105, "history", "0 to 1000")]
    [InlineData("""{"type":"subscribe","channel":"gex","history":1001}""", 105, "history", "0 to 1000")]
    [InlineData("""{"type":"subscribe","channel":"gex","history":"50"}""", 105, "history", "0 to 1000")]
    [InlineData("""{"type":"history","channel":"gex","limit":99999999999}""", 105, "limit", "0 to 1000")]
    [InlineData("""{"type":"history","channel":"gex","before":0}""", 105, "before", "above 0")]
    [InlineData("""{"type":"subscribe","channel":"gex","max_rate":-1}""", 105, "max_rate", "0 for no throttle")]
    [InlineData("""{"type":"subscribe","channel":"gex","max_rate":1e400}""", 105, "max_rate", "0 for no throttle")]
    [InlineData("""{"type":"ping","id":1.5}""", 105, "id", "64 characters")]
    [InlineData("""{"type":"ping","id":{"a":1}}""", 105, "id", "64 characters")]
    public void A_fault_names_its_field_and_what_is_allowed(string message, int code, string field, string says)
    {
        var error = Refuse(message);
        Assert.Equal((code, field), (error.Code.Number, error.Field));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("ping")]
    [InlineData("[]")]
    [InlineData("\"ping\"")]
    [InlineData("null")]
    [InlineData("{\"type\":\"ping\"")]
    [InlineData("{\"type\":\"ping\",}")]
    [InlineData("{\"type\":\"ping\"}x")]
    [InlineData("{\"type\":\"ping\"}{\"type\":\"ping\"}")]
    [InlineData("{'type':'ping'}")]
    [InlineData("{\"type\":\"ping\"/**/}")]
    [InlineData("{\"type\":\"ping\",\"id\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1,\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"subscribe\",\"channel\":\"\\udfff\"}")]
    [InlineData("{\"type\":\"subscribe\",\"channel\":\"gex\",\"since\":{\"epoch\":\"\\ud800\",\"offset\":1}}")]
    public void What_is_no_JSON_object_of_text_is_malformed(string message)
    {
        var error = Refuse(message);
        Assert.Equal(ErrorCode.MalformedJson, error.Code);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void A_message_may_nest_eight_deep_and_no_deeper()
    {
        static string Nested(int depth) => $$"""{"type":"ping","more":{{new string('[', depth)}}{{new string(']', depth)}}}""";

        Assert.Equal(ClientFrameType.Ping, Read(Nested(ProtocolLimits.MaxJsonDepth - 1)).Type);
        Assert.Equal(ErrorCode.MalformedJson, Refuse(Nested(ProtocolLimits.MaxJsonDepth)).Code);
        Assert.Equal(ErrorCode.MalformedJson, Refuse(Nested(8_000)).Code);
        Assert.Equal(ErrorCode.MalformedJson, Refuse(new string('[', 16_000)).Code);
        Assert.Equal(ErrorCode.MalformedJson, Refuse($$"""{"type":"subscribe","channel":"gex","since":{{new string('[', 100)}}""").Code);
    }

    [Fact]
    public void Unknown_fields_are_passed_over() =>
        Assert.Equal(ClientFrameType.Ping, Read("""{"newer":{"a":[1,{"b":null}]},"type":"ping","also":"\"}"}""").Type);

    [Fact]
    public void Of_a_field_given_twice_the_last_stands()
    {
        Assert.Equal("price", Read("""{"type":"ping","channel":"gex","type":"subscribe","channel":"price"}""").Channel);
        Assert.Equal("channel", Refuse("""{"type":"subscribe","channel":"gex","channel":5}""").Field);
    }

    [Fact]
    public void The_first_fault_is_told_with_the_id_that_comes_after_it()
    {
        var error = Refuse("""{"type":"subscribe","history":-1,"max_rate":-1,"channel":"gex","id":"late"}""");
        Assert.Equal(("history", "\"late\""), (error.Field, error.Id));
        Assert.Equal("7", Refuse("""{"id":7,"type":"no such type"}""").Id);
        Assert.Equal("7", Refuse("""{"id":7,"type":"ping"}x""").Id);
        Assert.Null(Refuse("""{"type":"ping","id":1.5}""").Id);
    }

    [Fact]
    public void An_id_has_a_longest_length()
    {
        Assert.NotNull(Read($$"""{"type":"ping","id":"{{new string('i', 64)}}"}""").Id);
        Assert.Equal("id", Refuse($$"""{"type":"ping","id":"{{new string('i', 65)}}"}""").Field);
    }

    [Fact]
    public void A_very_long_type_is_cut_in_the_answer() =>
        Assert.InRange(Refuse($$"""{"type":"{{new string('t', 10_000)}}"}""").Message.Length, 64, 300);

    [Fact]
    public void The_answer_to_a_type_cut_in_the_middle_of_a_character_can_be_written()
    {
        var error = Refuse($$"""{"type":"{{new string('t', 63)}}😀"}""");
        using var written = JsonDocument.Parse(MessageWriter.Error(error, DateTimeOffset.UnixEpoch));
        Assert.Equal(103, written.RootElement.GetProperty("code").GetInt32());
    }

    private static ClientFrame Read(string message)
    {
        Assert.True(MessageReader.TryRead(Encoding.UTF8.GetBytes(message), out var frame, out var error), error?.Message);
        Assert.Null(error);
        return frame!;
    }

    private static ProtocolError Refuse(string message)
    {
        Assert.False(MessageReader.TryRead(Encoding.UTF8.GetBytes(message), out var frame, out var error), message);
        Assert.Null(frame);
        return error!;
    }
}
