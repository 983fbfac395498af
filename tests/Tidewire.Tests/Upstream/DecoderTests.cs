using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

public sealed class DecoderTests
{
    public static TheoryData<string> Bad => [.. BadFrames.All.Where(frame => frame is { IsGood: false, BreaksConnection: false, IsBinary: false } && frame.Reason != "too_large").Select(frame => frame.Name)];

    public static TheoryData<string> Good => [.. BadFrames.All.Where(frame => frame.IsGood).Select(frame => frame.Name)];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_frame_is_no_data_and_has_its_reason(string name)
    {
        var frame = BadFrames.Named(name);
        var decoded = UnusualWhalesDecoder.Decode(frame.Bytes);
        var channel = Encoding.UTF8.GetString(decoded.Channel);
        var known = channel is BadFrames.JoinedForm or BadFrames.RefusedForm;
        var reason = decoded.Kind switch
        {
            FrameKind.Data => known ? "data" : "unknown_channel",
            FrameKind.Acknowledged => known ? "acknowledged" : "unknown_acknowledgement",
            FrameKind.Refused => "error_frame",
            _ => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{decoded.Fault}"),
        };
        Assert.True(frame.Allows(reason), $"{name} was taken for {reason}, not {frame.Reason}");
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void An_odd_but_good_frame_is_data(string name)
    {
        var frame = BadFrames.Named(name);
        var decoded = UnusualWhalesDecoder.Decode(frame.Bytes);
        Assert.Equal(FrameKind.Data, decoded.Kind);
        Assert.Equal(BadFrames.JoinedForm, Encoding.UTF8.GetString(decoded.Channel));
        using var payload = JsonDocument.Parse(frame.Bytes[decoded.Payload]);
        Assert.Equal(JsonValueKind.Object, payload.RootElement.ValueKind);
    }

    [Theory]
    [InlineData("""["gex:SPY",{"a":1}]""", "gex:SPY", """{"a":1}""")]
    [InlineData("""  [  "gex:SPY" , { "a" : 1.50 } ]  """, "gex:SPY", """{ "a" : 1.50 }""")]
    [InlineData("[\n\t\"gex:SPY\",\r\n{\t}\n]\n", "gex:SPY", "{\t}")]
    [InlineData("""["\u0067ex\u003aSPY",{"a":"]}"}]""", "gex:SPY", """{"a":"]}"}""")]
    [InlineData("""["gex:SPY",{"a":{"b":[{}]}}]""", "gex:SPY", """{"a":{"b":[{}]}}""")]
    [InlineData("""["gex:SPY",{"é":"😀"}]""", "gex:SPY", """{"é":"😀"}""")]
    [InlineData("""["gex:SPY",{"status":"ok"}]""", "gex:SPY", """{"status":"ok"}""")]
    [InlineData("""["gex:SPY",{"response":{}}]""", "gex:SPY", """{"response":{}}""")]
    [InlineData("""["gex:SPY",{"a":1,"b":2,"c":3,"error":"in a data field"}]""", "gex:SPY", """{"a":1,"b":2,"c":3,"error":"in a data field"}""")]
    [InlineData("""["gex:SPY",{"a":1,"error":"in a data field"}]""", "gex:SPY", """{"a":1,"error":"in a data field"}""")]
    public void The_payload_of_data_is_its_very_bytes(string frame, string channel, string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        var decoded = UnusualWhalesDecoder.Decode(bytes);
        Assert.Equal((FrameKind.Data, channel, payload), (decoded.Kind, Encoding.UTF8.GetString(decoded.Channel), Encoding.UTF8.GetString(bytes[decoded.Payload])));
    }

    [Theory]
    [InlineData("""["gex:SPY",{"response":{},"status":"ok"}]""")]
    [InlineData("""["gex:SPY",{"status":"ok","response":{}}]""")]
    [InlineData(""" [ "gex:SPY" , { "response" : { "a" : 1 } , "status" : "ok" } ] """)]
    [InlineData("""["gex:SPY",{"response":"joined","status":"ok"}]""")]
    public void An_acknowledgement_is_never_data(string frame)
    {
        var decoded = UnusualWhalesDecoder.Decode(Encoding.UTF8.GetBytes(frame));
        Assert.Equal((FrameKind.Acknowledged, "gex:SPY"), (decoded.Kind, Encoding.UTF8.GetString(decoded.Channel)));
    }

    [Theory]
    [InlineData("""["gex:SPY",{"response":{},"status":"ok","ref":"1"}]""")]
    [InlineData("""["gex:SPY",{"event":"phx_reply","response":{},"status":"ok"}]""")]
    public void An_acknowledgement_with_a_field_we_do_not_know_is_never_data(string frame)
        => Assert.Equal(FrameKind.Acknowledged, UnusualWhalesDecoder.Decode(Encoding.UTF8.GetBytes(frame)).Kind);

    [Theory]
    [InlineData("""["gex:SPY",{"response":{"reason":"x"},"status":"error"}]""")]
    [InlineData("""["gex:SPY",{"response":{},"status":"error","ref":"1"}]""")]
    [InlineData("""["gex:SPY",{"error":"x"}]""")]
    [InlineData("""["gex:SPY",{"error":{"code":1},"code":5}]""")]
    public void A_refusal_is_never_data(string frame)
    {
        var decoded = UnusualWhalesDecoder.Decode(Encoding.UTF8.GetBytes(frame));
        Assert.Equal((FrameKind.Refused, "gex:SPY"), (decoded.Kind, Encoding.UTF8.GetString(decoded.Channel)));
    }

    [Fact]
    public void A_status_that_is_no_text_is_still_data()
    {
        var decoded = UnusualWhalesDecoder.Decode("""["gex:SPY",{"status":"\ud800"}]"""u8);
        Assert.Equal(FrameKind.Data, decoded.Kind);
    }

    [Fact]
    public void Real_frames_are_data_or_acknowledgements()
    {
        Assert.SkipUnless(Captures.TryFind(out var captures), "there are no captures beside the repository");
        Assert.All(captures!.Frames, captured => Assert.All((byte[][])[captured.Frame, captured.Compact], bytes =>
        {
            var decoded = UnusualWhalesDecoder.Decode(bytes);
            Assert.Equal((captured.IsAck ? FrameKind.Acknowledged : FrameKind.Data, captured.Channel), (decoded.Kind, Encoding.UTF8.GetString(decoded.Channel)));
        }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_called_data_is_valid_JSON_whatever_is_sent(int seed)
    {
        var random = new Random(seed);
        var frames = BadFrames.All.Where(frame => frame is { Bytes.Length: < 1_000, BreaksConnection: false }).Select(frame => frame.Bytes).ToArray();
        var data = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var frame = Mutated(frames[random.Next(frames.Length)], random);
            var decoded = UnusualWhalesDecoder.Decode(frame);
            if (decoded.Kind == FrameKind.Fault || !Utf8.IsValid(frame)) // what is not UTF-8 ends the connection before it gets here
            {
                continue;
            }

            using var json = JsonDocument.Parse(frame);
            Assert.Equal((JsonValueKind.Array, 2), (json.RootElement.ValueKind, json.RootElement.GetArrayLength()));
            Assert.Equal(json.RootElement[0].GetString(), Encoding.UTF8.GetString(decoded.Channel));
            if (decoded.Kind == FrameKind.Data)
            {
                Assert.Equal(json.RootElement[1].GetRawText(), Encoding.UTF8.GetString(frame[decoded.Payload]));
                data++;
            }
        }

        Assert.InRange(data, 500, 59_000);
    }

    [Fact]
    public void Random_bytes_are_a_fault()
    {
        var random = new Random(5);
        for (var round = 0; round < 50_000; round++)
        {
            var frame = new byte[random.Next(0, 64)];
            random.NextBytes(frame);
            Assert.Equal(FrameKind.Fault, UnusualWhalesDecoder.Decode(frame).Kind);
        }
    }

    private static byte[] Mutated(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (var changes = random.Next(0, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(32, 127);
                    break;
                case 1:
                    bytes.Insert(at, (byte)"[]{}\",:\\ue0d8 "[random.Next(13)]);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                default:
                    var length = random.Next(1, Math.Min(10, bytes.Count - at) + 1);
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }
}
