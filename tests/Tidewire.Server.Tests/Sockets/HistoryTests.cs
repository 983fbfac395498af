using System.Text.Json;

namespace Tidewire.Server.Tests.Sockets;

public sealed class HistoryTests : ServerTest
{
    [Fact]
    public async Task History_tells_the_past_oldest_first_within_its_bounds()
    {
        await StartAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY", maxRate: 0);
        await UntilJoinedAsync("gex:SPY");
        for (var n = 1; n <= 120; n++)
        {
            await Provider.SendDataAsync("gex:SPY", $$"""{"n":{{n}}}""");
        }

        long last = 0;
        for (var n = 1; n <= 120; n++)
        {
            last = (await client.NextOfTypeAsync("message")).GetProperty("offset").GetInt64();
        }

        Assert.Equal(Enumerable.Range(21, 100), await AskAsync("""{"type":"history","channel":"gex","ticker":"SPY"}"""));
        Assert.Equal(Enumerable.Range(118, 3), await AskAsync("""{"type":"history","channel":"gex:SPY","limit":3}"""));
        Assert.Equal(Enumerable.Range(58, 2), await AskAsync($$"""{"type":"history","channel":"gex:SPY","limit":2,"before":{{last - 60}}}"""));
        Assert.Equal(Enumerable.Range(1, 120), await AskAsync("""{"type":"history","channel":"gex:SPY","limit":1000}"""));
        Assert.Empty(await AskAsync("""{"type":"history","channel":"gex:SPY","limit":0}"""));
        Assert.Empty(await AskAsync("""{"type":"history","channel":"gex:QQQ"}"""));

        async Task<int[]> AskAsync(string text)
        {
            await client.SendTextAsync(text);
            var history = await client.NextAsync();
            Assert.Equal("history", history.GetProperty("type").GetString());
            Assert.Equal(Server.Hub.Epoch, history.GetProperty("epoch").GetString());
            return [.. history.GetProperty("messages").EnumerateArray().Select(message =>
            {
                Assert.Equal(("message", "gex:SPY"), (message.GetProperty("type").GetString(), message.GetProperty("channel").GetString()));
                var n = message.GetProperty("data").GetProperty("n").GetInt32();
                Assert.Equal(last - 120 + n, message.GetProperty("offset").GetInt64());
                return n;
            })];
        }
    }

    [Fact]
    public async Task One_answer_holds_the_newest_that_fit_and_the_rest_can_be_asked_for()
    {
        await StartAsync(("Fanout:MaxHistoryBytes", "1024"));
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY", maxRate: 0);
        await UntilJoinedAsync("gex:SPY");
        var pad = new string('x', 280);
        for (var n = 1; n <= 10; n++)
        {
            await Provider.SendDataAsync("gex:SPY", $$"""{"n":{{n}},"pad":"{{pad}}"}""");
            await client.NextOfTypeAsync("message");
        }

        var seen = new List<int>();
        var before = "";
        for (var part = 0; part < 4; part++)
        {
            await client.SendTextAsync($$"""{"type":"history","channel":"gex:SPY"{{before}}}""");
            var messages = (await client.NextAsync()).GetProperty("messages").EnumerateArray().ToArray();
            Assert.InRange(messages.Length, 1, 3);
            seen.InsertRange(0, messages.Select(Number));
            before = $",\"before\":{messages[0].GetProperty("offset").GetInt64()}";
        }

        Assert.Equal(Enumerable.Range(1, 10), seen);

        static int Number(JsonElement message) => message.GetProperty("data").GetProperty("n").GetInt32();
    }
}
