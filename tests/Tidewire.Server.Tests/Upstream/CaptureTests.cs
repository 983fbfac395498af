using System.Text;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

[Trait("Promise", "captures-exact")]
public sealed class CaptureTests : ServerTest
{
    private const string End = """{"end":true}""";

    public enum Spelling
    {
        AsCaptured,
        Compact,
        SpacedOut,
    }

    [Theory]
    [InlineData(Spelling.AsCaptured)]
    [InlineData(Spelling.Compact)]
    [InlineData(Spelling.SpacedOut)]
    public async Task Each_captured_data_frame_arrives_once_and_in_order_on_every_wire_and_whole_on_the_providers(Spelling spelling)
    {
        Assert.SkipWhen(!Captures.TryFind(out var captures), "the captures are not beside the repository");
        await StartAsync();
        var forms = captures.Channels.ToArray();
        var streams = new Dictionary<string, StreamClient>();
        foreach (var form in forms)
        {
            streams[form] = await StreamAsync(form.Replace(':', '/'));
        }

        var tidewire = await ConnectAsync();
        var socket = await SocketAsync();
        foreach (var form in forms)
        {
            await tidewire.SubscribedAsync(form, maxRate: 0);
            await socket.JoinAsync(form);
            Assert.Equal(Ack(form), await socket.NextTextAsync());
        }

        await UntilJoinedAsync(forms);
        foreach (var frame in captures.Frames)
        {
            await Provider.SendAsync(Spell(frame, spelling));
        }

        foreach (var form in forms)
        {
            await Provider.SendDataAsync(form, End);
        }

        var data = captures.Frames.Where(frame => !frame.IsAck).ToArray();
        var frames = await FramesAsync(socket, forms.Length);
        var received = await MessagesAsync(tidewire, forms.Length);
        Assert.Equal((data.Length, data.Length), (frames.Count, received.Count));
        foreach (var form in forms)
        {
            // In order within the channel; channels share a connection in turns.
            var sent = data.Where(frame => frame.Channel == form).ToArray();
            Assert.Equal(sent.Select(frame => Encoding.UTF8.GetString(Spell(frame, spelling))), frames.Where(text => text.Contains($"\"{form}\"", StringComparison.Ordinal)));
            var payloads = sent.Select(frame => PayloadOf(frame, spelling)).ToArray();
            Assert.Equal(payloads, received.Where(message => message.Channel == form).Select(message => message.Payload));
            Assert.Equal(payloads, await EnvelopesAsync(streams[form], form));
        }

        var counts = (await Server.StatusAsync()).GetProperty("uw_connection").GetProperty("frames");
        Assert.Equal(data.Length + forms.Length, counts.GetProperty("data").GetInt64());
        Assert.Equal(captures.Frames.Count - data.Length + forms.Length, counts.GetProperty("acknowledgements").GetInt64());
        Figure("data frames played", $"{data.Length} of {forms.Length} channels, in 3 spellings");
        Figure("acknowledgements played", captures.Frames.Count - data.Length);
        Figure("clients", $"{forms.Length} on /api/stream/ws, 1 on /api/ws, 1 on /socket");
    }

    private static string Ack(string form) => $$$"""["{{{form}}}",{"response":{},"status":"ok"}]""";

    private static byte[] Spell(CapturedFrame frame, Spelling spelling) => spelling switch
    {
        Spelling.AsCaptured => frame.Frame,
        Spelling.Compact => frame.Compact,
        _ => Encoding.UTF8.GetBytes($"[ \"{frame.Channel}\" ,\n {Encoding.UTF8.GetString(PayloadBytes(frame, frame.Frame))} ] "),
    };

    private static string PayloadOf(CapturedFrame frame, Spelling spelling) =>
        Encoding.UTF8.GetString(PayloadBytes(frame, spelling == Spelling.Compact ? frame.Compact : frame.Frame));

    /// <summary>What stands between <c>["channel",</c> and <c>]</c>.</summary>
    private static byte[] PayloadBytes(CapturedFrame frame, byte[] bytes) => bytes[(frame.Channel.Length + 4)..^1];

    private static async Task<List<string>> FramesAsync(UnusualWhalesClient client, int ends)
    {
        var frames = new List<string>();
        while (ends > 0)
        {
            var text = await client.NextTextAsync();
            if (text.EndsWith($",{End}]", StringComparison.Ordinal))
            {
                ends--;
            }
            else
            {
                frames.Add(text); // an acknowledgement that came as data would be one too many
            }
        }

        return frames;
    }

    private static async Task<List<(string Channel, string Payload)>> MessagesAsync(TidewireClient client, int ends)
    {
        var messages = new List<(string, string)>();
        while (ends > 0)
        {
            var item = await client.NextAsync();
            Assert.Equal("message", item.GetProperty("type").GetString());
            Assert.Equal("socket", item.GetProperty("source").GetString());
            var payload = item.GetProperty("data").GetRawText();
            if (payload == End)
            {
                ends--;
            }
            else
            {
                messages.Add((item.GetProperty("channel").GetString()!, payload));
            }
        }

        return messages;
    }

    private static async Task<List<string>> EnvelopesAsync(StreamClient client, string form)
    {
        var payloads = new List<string>();
        while (true)
        {
            var item = await client.NextAsync();
            Assert.False(item.TryGetProperty("type", out _), client.LastText);
            Assert.Equal(form, item.GetProperty("channel").GetString());
            var payload = item.GetProperty("data").GetRawText();
            if (payload == End)
            {
                return payloads;
            }

            payloads.Add(payload);
        }
    }
}
