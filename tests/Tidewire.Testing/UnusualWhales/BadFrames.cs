using System.Text;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>A frame of the provider that a gateway must survive.</summary>
/// <param name="Name">A short name, unique in the catalogue.</param>
/// <param name="Bytes">The payload of one WebSocket message.</param>
/// <param name="Reason">The reason it must be counted under; null when it is a good frame that must become a publication.</param>
public sealed record BadFrame(string Name, byte[] Bytes, string? Reason)
{
    /// <summary>A second reason that would be right too, where the frame can be read in two ways.</summary>
    public string? OtherReason { get; init; }

    /// <summary>Sent as a binary message.</summary>
    public bool IsBinary { get; init; }

    /// <summary>A violation of RFC 6455: a client must end the connection, so no reason need be counted.</summary>
    public bool BreaksConnection { get; init; }

    /// <summary>Looks odd, yet is a data frame of <see cref="BadFrames.JoinedForm"/>.</summary>
    public bool IsGood => Reason is null && !BreaksConnection;

    /// <summary>Whether a frame counted under this reason was counted rightly.</summary>
    public bool Allows(string reason) => reason == Reason || reason == OtherReason;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Every kind of frame that is not the data of a joined channel, and the odd ones that are. They assume that
/// <see cref="JoinedForm"/> and <see cref="RefusedForm"/> were joined and <see cref="UnknownForm"/> was not.
/// </summary>
public static class BadFrames
{
    /// <summary>The form to join before sending these.</summary>
    public const string JoinedForm = "gex:SPY";

    /// <summary>The form whose join is refused by <c>refused_join</c> and that errors are about; join it too.</summary>
    public const string RefusedForm = "gex:QQQ";

    /// <summary>A form that no one joins.</summary>
    public const string UnknownForm = "gex:ZZZZ";

    private const string Limit = ProviderFrames.LimitText;

    /// <summary>The whole catalogue, good frames included.</summary>
    public static IReadOnlyList<BadFrame> All { get; } =
    [
        .. NotJson(), .. NotAPair(), .. Errors(), .. Misplaced(), .. TooMuch(), .. Odd(),
    ];

    /// <summary>The names, for a theory.</summary>
    public static IEnumerable<string> Names => All.Select(frame => frame.Name);

    /// <summary>The frame of this name.</summary>
    public static BadFrame Named(string name) => All.Single(frame => frame.Name == name);

    private static IEnumerable<BadFrame> NotJson() =>
    [
        Text("truncated", """["gex:SPY",{"ticker":"SPY","price":"591.""", "malformed_json"),
        Text("truncated_before_bracket", """["gex:SPY",{"ticker":"SPY"}""", "malformed_json"),
        Text("trailing_garbage", """["gex:SPY",{"ticker":"SPY"}]x""", "malformed_json"),
        Text("two_values", """["gex:SPY",{"ticker":"SPY"}]["gex:SPY",{"ticker":"SPY"}]""", "malformed_json"),
        Text("trailing_comma", """["gex:SPY",{"ticker":"SPY",}]""", "malformed_json"),
        Text("single_quotes", "['gex:SPY', {'ticker': 'SPY', 'has_sweep': False}]", "malformed_json"),
        Text("comment", """["gex:SPY",/* as of */{"ticker":"SPY"}]""", "malformed_json"),
        Text("nan_number", """["gex:SPY",{"ticker":"SPY","price":NaN}]""", "malformed_json"),
        Text("infinite_number", """["gex:SPY",{"ticker":"SPY","price":-Infinity}]""", "malformed_json"),
        Text("leading_zeros", """["gex:SPY",{"ticker":"SPY","price":0591}]""", "malformed_json"),
        Text("raw_line_break_in_string", "[\"gex:SPY\",{\"ticker\":\"S\nPY\"}]", "malformed_json"),
        Text("nul_bytes", "\0\0\0\0", "malformed_json"),
        Text("plain_words", "upstream connect error or disconnect/reset before headers", "malformed_json"),
        Text("html", "<html><body>502 Bad Gateway</body></html>", "malformed_json"),
        Text("empty", "", "empty"),
    ];

    private static IEnumerable<BadFrame> NotAPair() =>
    [
        Text("null", "null", "unknown_shape"),
        Text("number", "42", "unknown_shape"),
        Text("string", "\"hello\"", "unknown_shape"),
        Text("object", """{"status":"ok"}""", "unknown_shape"),
        Text("empty_object", "{}", "unknown_shape"),
        Text("empty_array", "[]", "unknown_shape"),
        Text("one_element", """["gex:SPY"]""", "unknown_shape"),
        Text("three_elements", """["gex:SPY",{"ticker":"SPY"},{"ticker":"SPY"}]""", "unknown_shape"),
        Text("phoenix_five_elements", """["1","1","gex:SPY","phx_reply",{"response":{},"status":"ok"}]""", "unknown_shape"),
        Text("phoenix_object", """{"topic":"gex:SPY","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}""", "unknown_shape"),
        Text("channel_is_number", """[1,{"ticker":"SPY"}]""", "unknown_shape"),
        Text("channel_is_null", """[null,{"ticker":"SPY"}]""", "unknown_shape"),
        Text("channel_is_object", """[{"channel":"gex:SPY"},{"ticker":"SPY"}]""", "unknown_shape"),
        Text("channel_is_empty", """["",{"ticker":"SPY"}]""", "unknown_channel") with { OtherReason = "unknown_shape" },
        Text("payload_is_null", """["gex:SPY",null]""", "unknown_shape"),
        Text("payload_is_number", """["gex:SPY",591.2]""", "unknown_shape"),
        Text("payload_is_string", """["gex:SPY","591.2"]""", "unknown_shape"),
        Text("payload_is_array", """["gex:SPY",[{"ticker":"SPY"},{"ticker":"SPY"}]]""", "unknown_shape"),
        Text("payload_is_true", """["gex:SPY",true]""", "unknown_shape"),
        Text("pair_reversed", """[{"ticker":"SPY"},"gex:SPY"]""", "unknown_shape"),
    ];

    private static IEnumerable<BadFrame> Errors() =>
    [
        Text("error_object", """{"error":"internal server error"}""", "error_frame"),
        Text("error_object_nested", """{"error":{"code":500,"message":"internal server error"}}""", "error_frame"),
        Text("error_of_channel", """["gex:QQQ",{"error":"subscription failed"}]""", "error_frame"),
        Text("refused_join", """["gex:QQQ",{"response":{"reason":"not available"},"status":"error"}]""", "error_frame"),
        Text("limit_as_text", Limit, "channel_limit"),
        Text("limit_as_string", $"\"{Limit}\"", "channel_limit"),
        Text("limit_as_object", $$"""{"error":"{{Limit}}"}""", "channel_limit"),
        Text("limit_as_one_element", $"[\"{Limit}\"]", "channel_limit"),
    ];

    private static IEnumerable<BadFrame> Misplaced() =>
    [
        Text("unknown_channel", """["gex:ZZZZ",{"ticker":"ZZZZ","price":"1.0"}]""", "unknown_channel"),
        Text("underscore_form", """["flow_alerts",{"id":"5ce5ec11-087c-4c00-b164-08106b015856"}]""", "unknown_channel"),
        Text("unknown_acknowledgement", """["gex:ZZZZ",{"response":{},"status":"ok"}]""", "unknown_acknowledgement"),
        Text("refusal_not_asked_for", """["gex:ZZZZ",{"response":{},"status":"error"}]""", "unknown_acknowledgement") with { OtherReason = "error_frame" },
        Text("error_of_unknown_channel", """["gex:ZZZZ",{"error":"no such channel"}]""", "error_frame") with { OtherReason = "unknown_channel" },
        Text("binary_data", """["gex:SPY",{"ticker":"SPY","price":"591.2"}]""", "binary_frame") with { IsBinary = true },
        new("binary_noise", [0x00, 0xFF, 0x80, 0x7F, 0xC3, 0x28], "binary_frame") { IsBinary = true },
        Bytes("invalid_utf8", """["gex:SPY",{"ticker":"SP"""u8, [0xC3, 0x28], "\"}]"u8, "malformed_json") with { BreaksConnection = true },
    ];

    private static IEnumerable<BadFrame> TooMuch() =>
    [
        Text("deep_nesting", $$"""["gex:SPY",{"ticker":"SPY","deep":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}]""", "malformed_json"),
        Text("deep_nesting_unclosed", new string('[', 100_000), "malformed_json"),
        Text("over_4_MiB", $$"""["gex:SPY",{"ticker":"SPY","note":"{{new string('x', (4 * 1024 * 1024) + 1)}}"}]""", "too_large"),
    ];

    private static IEnumerable<BadFrame> Odd() =>
    [
        Good("duplicate_keys", """{"ticker":"SPY","price":"1","price":"2"}"""),
        Good("unknown_fields", """{"ticker":"SPY","price":"591.2","brand_new":{"a":[1,2,{"b":null}]}}"""),
        Good("empty_string_number", """{"ticker":"SPY","delta_per_one_percent_move_oi":"","price":"591.2"}"""),
        Good("empty_payload", "{}"),
        Good("long_decimals", """{"ticker":"SPY","price":591.20000000000000000001,"gamma_per_one_percent_move_oi":"-712055982563.424"}"""),
        Good("huge_exponent", """{"ticker":"SPY","price":1E400}"""),
        Good("huge_integer", """{"ticker":"SPY","timestamp":17264703960001726470396000}"""),
        Good("lone_surrogate", """{"ticker":"SPY","note":"\ud800"}"""),
        Good("escaped_field_name", """{"\u0074icker":"SPY","price":"591.2"}"""),
        Good("status_field_of_data", """{"ticker":"SPY","status":"open","price":"591.2"}"""),
        Good("null_fields", """{"ticker":null,"timestamp":null,"price":null}"""),
        Good("time_in_the_future", """{"ticker":"SPY","timestamp":4102444800000,"price":"591.2"}"""),
        Text("spaced", """ [ "gex:SPY" , { "ticker" : "SPY" , "price" : "591.2" } ] """, null),
        Text("escaped_channel", """["gex\u003aSPY",{"ticker":"SPY"}]""", null),
    ];

    private static BadFrame Good(string name, string payload) => Text(name, $"[\"{JoinedForm}\",{payload}]", null);

    private static BadFrame Text(string name, string text, string? reason) => new(name, Encoding.UTF8.GetBytes(text), reason);

    private static BadFrame Bytes(string name, ReadOnlySpan<byte> before, byte[] bad, ReadOnlySpan<byte> after, string? reason) =>
        new(name, [.. before, .. bad, .. after], reason);
}
