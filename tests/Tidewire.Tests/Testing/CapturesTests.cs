using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class CapturesTests
{
    private readonly Captures? _captures;

    public CapturesTests() => Captures.TryFind(out _captures);

    [Fact]
    public void All_frames_of_the_three_files_are_there_in_order_of_receipt()
    {
        var frames = Frames();
        Assert.Equal((60, 5), (frames.Count, frames.Count(frame => frame.IsAck)));
        Assert.Equal(frames.OrderBy(frame => frame.ReceivedAt), frames);
        Assert.Equal(["flow-alerts", "gex:IWM", "gex:QQQ", "gex:SPY", "option_trades:TSLA"], frames.Select(frame => frame.Channel).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Both_spellings_are_the_same_frame_with_the_numbers_untouched()
    {
        foreach (var frame in Frames())
        {
            var (spelled, compact) = (JsonNode.Parse(frame.Frame), JsonNode.Parse(frame.Compact));
            Assert.True(JsonNode.DeepEquals(spelled, compact));
            Assert.Equal(frame.Channel, spelled![0]!.GetValue<string>());

            // Raw number texts survive in a JsonElement, so writing it anew gives the compact form but for string escapes.
            using var json = JsonDocument.Parse(frame.Frame);
            Assert.Equal(JsonSerializer.Serialize(json.RootElement, Plain), Encoding.UTF8.GetString(frame.Compact));
        }
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private IReadOnlyList<CapturedFrame> Frames()
    {
        Assert.SkipWhen(_captures is null, "The captures are not beside the repository.");
        return _captures.Frames;
    }
}
