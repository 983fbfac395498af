using System.Text;
using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

public class FuzzTests : ServerTest
{
    private const int Messages = 2_000;

    private static readonly string[] Seeds =
    [
        """{"type":"subscribe","channel":"ticker","ticker":"AAPL"}""",
        """{"type":"subscribe","channel":"flow-alerts","history":20,"id":1}""",
        """{"type":"subscribe","channel":"gex","ticker":"SPY","since":{"epoch":"e1","offset":42}}""",
        """{"type":"unsubscribe","channel":"ticker","ticker":"AAPL"}""",
        """{"type":"history","channel":"flow-alerts","before":100,"limit":50}""",
        """{"type":"ping","id":"a"}""",
        """{"type":"auth","token":"0123456789"}""",
        """{"channel":"flow-alerts","msg_type":"join"}""",
        """{"channel":"gex:SPY","msg_type":"leave"}""",
    ];

    private static readonly string[] Pieces =
        ["{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "-1", "1e999", "0.0000001", "99999999999999999999", "\\ud83d", "\\u0000", "é", "😀", "\u202e", "\u0001", "type", "channel", "since", "@x/", "::", new string('9', 300), new string('[', 64)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_random_text_on_api_ws_gets_an_answer_in_json(int seed)
    {
        await StartWithoutUpstreamAsync();
        var random = new Random(seed);
        var client = await ConnectAsync();
        for (var i = 0; i < Messages / 2; i++)
        {
            var text = Next(random);
            await client.SendTextAsync(text);
            await client.SendTextAsync($$"""{"type":"ping","id":"end {{i}}"}""");
            var answers = 0;
            while (true)
            {
                var item = await client.NextAsync();
                if (item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() == $"end {i}")
                {
                    break;
                }

                answers++;
            }

            if (answers == 0)
            {
                // What has to be looked up on the disk is answered behind what came after it.
                await client.NextAsync(_ => true, $"an answer, seed {seed}, message {i}: {text}");
            }
        }

        Assert.Equal(1, Server.Hub.ConnectionsOpen);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_random_text_on_the_providers_wire_gets_an_answer_in_json(int seed)
    {
        await StartWithoutUpstreamAsync();
        var random = new Random(seed);
        var client = await SocketAsync();
        for (var i = 0; i < Messages / 2; i++)
        {
            var text = Next(random);
            await client.SendTextAsync(text);
            using var answer = JsonDocument.Parse(await client.NextTextAsync($"an answer, seed {seed}, message {i}: {text}"));
            Assert.True(answer.RootElement.ValueKind is JsonValueKind.Array or JsonValueKind.Object);
        }

        Assert.Equal(1, Server.Hub.ConnectionsOpen);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_bytes_below_the_level_of_messages_end_their_own_connection_at_most(int seed)
    {
        await StartWithoutUpstreamAsync();
        var random = new Random(seed);
        var bystander = await ConnectAsync();
        string[] paths = ["/api/ws", "/api/stream/ws/flow", "/socket?token=x"];
        for (var i = 0; i < 150; i++)
        {
            await using var client = await RawSocket.ConnectAsync(Server.Url, paths[i % paths.Length]);
            var bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                bytes = RawSocket.Frame(random.Next(16), bytes, fin: random.Next(4) > 0);
            }

            await client.WriteAsync(bytes);
        }

        Assert.Empty(await bystander.UntilPongAsync());
        await ServerUnderTest.UntilAsync(() => Server.Hub.ConnectionsOpen == 1, "all others to be released");
    }

    private static string Next(Random random)
    {
        var text = new StringBuilder(Seeds[random.Next(Seeds.Length)]);
        for (var edits = random.Next(0, 6); edits > 0; edits--)
        {
            var at = random.Next(text.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 1 when text.Length > 0:
                    text.Remove(at == text.Length ? 0 : at, 1);
                    break;
                case 2:
                    text.Length = at;
                    break;
                default:
                    text.Insert(at, (char)random.Next(32, 127));
                    break;
            }
        }

        // Whole characters only: a lone half would be sent as U+FFFD.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
