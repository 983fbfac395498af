using System.Text;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

[Trait("Promise", "bad-frames")]
public sealed class BadFrameTests : ServerTest
{
    private const int GoodFrames = 10_000;
    private static readonly BadFrame[] Survivable = [.. BadFrames.All.Where(frame => !frame.IsGood && !frame.BreaksConnection)];
    private static readonly BadFrame[] Odd = [.. BadFrames.All.Where(frame => frame.IsGood)];

    [Fact]
    public async Task Bad_frames_of_every_kind_among_ten_thousand_good_ones_cost_none_of_them_and_are_counted()
    {
        await StartAsync();
        var checks = new SequenceCheck[] { new(), new(), new() };
        var clients = new[]
        {
            await LoadAsync("/api/stream/ws/gex/SPY", message => checks[0].Observe(message)),
            await LoadAsync("/api/ws", message => checks[1].Observe(message)),
            await LoadAsync("/socket?token=x", message => checks[2].Observe(message)),
        };
        clients[1].SendText("""{"type":"subscribe","channel":"gex:SPY","max_rate":0}""");
        clients[2].SendText("""{"channel":"gex:SPY","msg_type":"join"}""");
        await JoinBothAsync();
        await clients[1].WaitForMessagesAsync(2);
        await clients[2].WaitForMessagesAsync(1);

        var mixed = Survivable.Concat(Odd).ToArray();
        new Random(20261120).Shuffle(mixed);
        var sent = 0;
        for (var i = 0; i < mixed.Length; i++)
        {
            var until = GoodFrames * (i + 1) / mixed.Length;
            await Provider.SendBurstAsync(Enumerable.Range(sent, until - sent).Select(Good));
            sent = until;
            await Provider.SendAsync(mixed[i]);
            await Task.WhenAll(clients.Select(client => client.WaitForMessagesAsync(sent))); // of a state feed, a reader that lags would not be given all
        }

        await Provider.SendAsync(Good(sent));
        await Task.WhenAll(
            clients[0].WaitForMessagesAsync(GoodFrames + Odd.Length + 1),
            clients[1].WaitForMessagesAsync(GoodFrames + Odd.Length + 1 + 2),
            clients[2].WaitForMessagesAsync(GoodFrames + Odd.Length + 1 + 1));

        foreach (var check in checks)
        {
            Assert.True(check is { IsPerfect: true, Received: GoodFrames + 1, First: 0, Last: GoodFrames }, check.ToString());
        }

        var status = (await Server.StatusAsync()).GetProperty("uw_connection");
        Assert.Equal((1, 1), (status.GetProperty("sessions").GetInt32(), Provider.ConnectionsAccepted));
        var skipped = status.GetProperty("frames").GetProperty("skipped").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetInt32());
        Assert.Equal(Survivable.Length, skipped.Values.Sum());
        foreach (var (reason, count) in skipped)
        {
            var least = Survivable.Count(frame => frame.Reason == reason && frame.OtherReason is null);
            Assert.InRange(count, least, Survivable.Count(frame => frame.Allows(reason)));
        }

        Assert.Equal(GoodFrames + 1 + Odd.Length, status.GetProperty("frames").GetProperty("data").GetInt32());
        Figure("good frames", $"{GoodFrames}, received by each of {checks.Length} clients: {checks.Min(check => check.Received) - 1}");
        Figure("bad frames", $"{Survivable.Length} kinds, counted by reason: {skipped.Values.Sum()}");
        Figure("odd but good frames passed on", Odd.Length);
        Figure("connections to the provider", Provider.ConnectionsAccepted);
    }

    [Fact]
    public async Task Each_bad_frame_raises_the_count_of_its_own_reason_by_one_and_reaches_no_client()
    {
        await StartAsync();
        var client = await StreamAsync("gex/SPY");
        await JoinBothAsync();
        var wrong = new List<string>();
        for (var i = 0; i < Survivable.Length; i++)
        {
            var before = Counts();
            await Provider.SendAsync(Survivable[i]);
            await Provider.SendAsync(Good(i));
            var next = await client.NextAsync();
            var raised = Counts().Where(pair => pair.Value != before[pair.Key]).Select(pair => $"{pair.Key} by {pair.Value - before[pair.Key]}").ToArray();
            var expected = Counts().Keys.Where(Survivable[i].Allows).Select(reason => $"{reason} by 1");
            if (raised.Length != 1 || !expected.Contains(raised[0]))
            {
                wrong.Add($"{Survivable[i].Name} raised [{string.Join(", ", raised)}], not {Survivable[i].Reason}");
            }

            if (next.GetProperty("data").GetProperty("seq").GetInt32() != i)
            {
                wrong.Add($"{Survivable[i].Name} reached the client");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Odd_frames_that_are_good_arrive_as_they_were_sent()
    {
        await StartAsync();
        var stream = await StreamAsync("gex/SPY");
        var socket = await SocketAsync();
        await socket.JoinAsync("gex:SPY");
        await socket.NextFrameAsync("the acknowledgement");
        await JoinBothAsync();
        foreach (var frame in Odd)
        {
            await Provider.SendAsync(frame);
            Assert.Equal(Encoding.UTF8.GetString(frame.Bytes), await socket.NextTextAsync(frame.Name));
            var item = await stream.NextAsync();
            Assert.Equal("gex:SPY", item.GetProperty("channel").GetString());
            Assert.Contains(item.GetProperty("data").GetRawText(), Encoding.UTF8.GetString(frame.Bytes), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("invalid_utf8")]
    [InlineData("a reserved opcode", 0x83, 0x00)]
    [InlineData("a reserved bit", 0xF1, 0x00)]
    [InlineData("a masked frame", 0x81, 0x80, 0, 0, 0, 0)]
    [InlineData("a continuation of nothing", 0x80, 0x00)]
    [InlineData("a ping in fragments", 0x09, 0x00)]
    [InlineData("a close frame of one byte", 0x88, 0x01, 0x03)]
    [InlineData("a length beyond all bounds", 0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)]
    public async Task A_frame_that_breaks_the_protocol_costs_the_connection_and_nothing_else(string kind, params int[] bytes)
    {
        await StartAsync();
        var client = await StreamAsync("gex/SPY");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendAsync(Good(0));
        await client.NextAsync();

        if (bytes.Length == 0)
        {
            await Provider.SendAsync(BadFrames.Named(kind));
        }
        else
        {
            await Provider.SendFrameBytesAsync(bytes.Select(value => (byte)value).ToArray());
        }

        await Server.UntilUpstreamAsync(view => view.Sessions == 2, $"to connect again after {kind}");
        await UntilJoinedAsync("gex:SPY");
        await Provider.SendAsync(Good(1));
        Assert.Equal("upstream_down", (await client.NextOfTypeAsync("gap")).GetProperty("reason").GetString());
        Assert.Equal(1, (await client.NextAsync()).GetProperty("data").GetProperty("seq").GetInt32());
        Assert.Equal(1, Provider.MaxConnectionsOpen);
    }

    private static ReadOnlyMemory<byte> Good(int number) => Encoding.UTF8.GetBytes($$"""["gex:SPY",{"ticker":"SPY","seq":{{number}}}]""");

    private Dictionary<string, long> Counts() => UpstreamStatus.Reasons.ToDictionary(fault => SnakeCase(fault), Server.Upstream.CountOf);

    private static string SnakeCase(FrameFault fault) =>
        string.Concat(fault.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>Joins what the catalogue of bad frames assumes to be joined.</summary>
    private async Task JoinBothAsync()
    {
        await StreamAsync("gex/QQQ");
        await UntilJoinedAsync(BadFrames.JoinedForm, BadFrames.RefusedForm);
    }
}
