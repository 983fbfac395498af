using Tidewire.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Sockets;

[Collection(Alone.Name)]
public sealed class StrikeBurstTests : ServerTest
{
    private const string Channel = $"gex_strike_expiry:{StrikeRows.Ticker}";
    private const int Rows = 5_000;

    /// <summary>Clients by wire, and how many of them read nothing before the burst is over.</summary>
    private static readonly (string Wire, int Count, int Slow)[] Clients = [("json", 80, 10), ("envelope", 60, 10), ("sse", 30, 5), ("poll", 30, 5), ("socket", 6, 2)];

    /// <summary>Clients, server and provider share this process and the machine's processors; a reader that waits for any of them shows far more.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    [Fact]
    [Trait("Promise", "strike-burst")]
    public async Task Five_thousand_rows_in_half_a_second_reach_two_hundred_clients_and_no_final_value_is_wrong()
    {
        await StartAsync();
        var rows = new StrikeRows(Rows);
        var readers = new List<StrikeReader>();
        foreach (var (wire, count, slow) in Clients)
        {
            for (var i = 0; i < count; i++)
            {
                readers.Add(Keep(await StrikeReader.ConnectAsync(Server.Url, wire, isSlow: i < slow, tail: 0)));
            }
        }

        await UntilJoinedAsync(Channel);
        var log = Server.Hub.Logs.Single(known => known.Name.ToString() == Channel);
        var subscribed = readers.Count(static reader => reader is not { Wire: "poll", IsSlow: true });
        await ServerUnderTest.UntilAsync(() => log.Subscribers >= subscribed, $"{subscribed} subscribers");
        Assert.Equal(0, log.Tail);

        var pump = await Provider.PumpAsync(Channel, Rows / 0.5, TimeSpan.FromSeconds(0.5), rows.Payload);
        await ServerUnderTest.UntilAsync(() => log.Recent(1) is [var last] && NumberOf(last) == Rows - 1, "the last row in the log");
        await ServerUnderTest.UntilAsync(() => readers.TrueForAll(reader => reader.IsSlow || reader.LastRow == Rows - 1 || reader.HasEnded), "the last row at every client that reads");
        readers.ForEach(reader => reader.Go());
        await ServerUnderTest.UntilAsync(() => readers.TrueForAll(reader => reader.LastRow == Rows - 1 || reader.HasEnded), "the last row at every client");

        var received = log.Recent(Rows + 1);
        var steps = received.Zip(received.Skip(1), static (one, next) => next.ReceivedAt - one.ReceivedAt).Max();
        var sends = rows.SentAt.Zip(rows.SentAt.Skip(1), static (one, next) => next - one).Max();
        var wait = received.Max(row => row.ReceivedAt - rows.SentAt[NumberOf(row)]);
        var numbers = received.Select(NumberOf).ToArray();
        var tidewire = readers.FindAll(reader => reader.IsTidewire);
        var merging = tidewire.FindAll(reader => reader.Merged > 0);
        var wrong = readers.Sum(reader => rows.Finals.Count(final => reader.Finals.GetValueOrDefault(final.Key, -1) != final.Value));

        Figure("clients", $"{tidewire.Count} on the four wires of Tidewire, {readers.Count - tidewire.Count} on /socket; {readers.Count(reader => reader.IsSlow)} of them read nothing until the burst was over");
        Figure("rows", FormattableString.Invariant($"{pump.Sent} of {received[0].Payload.Length} bytes and {rows.Finals.Count} keys within {pump.Elapsed.TotalSeconds:0.00} s"));
        Figure("rows in the log", $"{received.Length} (promised: {Rows})");
        Figure("largest gap between two reads", FormattableString.Invariant($"{steps.TotalMilliseconds:0.0} ms (the provider's own between two rows: {sends.TotalMilliseconds:0.0} ms)"));
        Figure("longest from the provider's send to the read", FormattableString.Invariant($"{wait.TotalMilliseconds:0.0} ms (promised: under {LongestWait.TotalMilliseconds:0} ms); longest write of the provider {pump.LongestWrite.TotalMilliseconds:0.0} ms"));
        Figure("wrong final values", $"{wrong} of {(long)rows.Finals.Count * readers.Count} (promised: 0)");
        Figure("deliveries, merged", $"{readers.Sum(reader => (long)reader.Received)}, {merging.Sum(reader => reader.Merged)} at {merging.Count} clients: {string.Join(", ", merging.GroupBy(reader => reader.Wire).Select(wire => $"{wire.Count()} {wire.Key}"))}");
        Figure("messages whose offset is not the one before + 1 + merged", $"{tidewire.Sum(reader => reader.Broken)} (promised: 0)");

        Assert.Equal(Rows, pump.Sent);
        Assert.Equal(Enumerable.Range(0, Rows), numbers);
        Assert.Equal(Rows, await OffsetAsync());
        Assert.Equal(0, Server.Upstream.CountOf(FrameFault.DroppedByUs));
        Assert.InRange(wait, TimeSpan.MinValue, LongestWait);
        Assert.Equal(0, readers.Count(reader => reader.HasEnded));
        Assert.Equal(0, wrong);
        Assert.All(readers, reader => Assert.Equal(rows.Finals.Count, reader.Finals.Count));
        Assert.Equal(0, tidewire.Sum(reader => reader.Broken));
        Assert.All(tidewire, reader => Assert.Equal(Rows, reader.Received + reader.Merged));
        Assert.All(tidewire, reader => Assert.True(reader is { IsSlow: false } or { Wire: "poll" } || reader.Merged > 0, $"a slow reader on {reader.Wire} was spared nothing"));
    }

    private static int NumberOf(Publication row) => StrikeRows.TryRead(row.Payload, out _, out var number) ? number : -1;

    private async Task<long> OffsetAsync()
    {
        var channels = (await Server.JsonAsync("/api/stream/channels")).GetProperty("channels").EnumerateArray();
        return channels.SelectMany(channel => channel.GetProperty("active").EnumerateArray())
            .Single(active => active.GetProperty("channel").GetString() == Channel).GetProperty("offset").GetInt64();
    }
}
