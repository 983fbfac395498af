using System.Text.Json;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class BadFramesTests
{
    private static readonly string[] Reasons =
        ["malformed_json", "unknown_shape", "unknown_channel", "error_frame", "channel_limit", "unknown_acknowledgement", "binary_frame", "too_large", "empty"];

    public static TheoryData<string> Names => [.. BadFrames.Names];

    [Fact]
    public void Every_reason_is_in_the_catalogue_and_no_name_twice()
    {
        Assert.Equal(Reasons.Order(), BadFrames.All.Select(frame => frame.Reason).OfType<string>().Distinct().Order());
        Assert.Equal(BadFrames.All.Count, BadFrames.Names.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_frame_is_what_its_reason_says(string name)
    {
        var frame = BadFrames.Named(name);
        if (frame.IsGood)
        {
            using var json = JsonDocument.Parse(frame.Bytes);
            Assert.Equal((2, BadFrames.JoinedForm), (json.RootElement.GetArrayLength(), json.RootElement[0].GetString()));
            Assert.Equal(JsonValueKind.Object, json.RootElement[1].ValueKind);
        }
        else if (frame.Reason == "malformed_json" && !frame.BreaksConnection)
        {
            Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(frame.Bytes));
        }
        else if (frame.Reason is "unknown_shape" or "unknown_channel" or "error_frame" or "unknown_acknowledgement" or "too_large")
        {
            using var json = JsonDocument.Parse(frame.Bytes);
            Assert.NotEqual(JsonValueKind.Undefined, json.RootElement.ValueKind);
        }
    }
}
