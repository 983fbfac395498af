using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

public sealed class BadFramesThroughSocketTests
{
    [Fact]
    public async Task Among_bad_frames_no_good_one_is_lost_and_each_bad_one_is_counted_by_its_reason()
    {
        await using var provider = await FakeUnusualWhales.StartNewAsync();
        using var fanout = new FanoutWorld();
        var options = Options.Create(new UpstreamOptions { Keep = "" });
        using var demand = new Demand(fanout.Hub, FanoutWorld.Catalogue, options, TimeProvider.System);
        var status = new UpstreamStatus("uw", PublicationSource.Socket, TimeProvider.System);
        var socket = new UnusualWhalesSocket(new UnusualWhalesOptions { SocketUrl = provider.SocketUrl, Token = "a token" }, options.Value, TimeProvider.System);
        var pump = new UpstreamPump(socket, fanout.Hub, demand, new TickerFeed(fanout.Hub, FanoutWorld.Catalogue, null), status, new ReconnectBackoff(new Random(1)), options, TimeProvider.System, new PumpLog());
        var client = fanout.Connect();
        client.Subscribe(BadFrames.JoinedForm);
        client.Subscribe(BadFrames.RefusedForm);
        using var stop = new CancellationTokenSource();
        var running = pump.RunAsync(stop.Token);
        await provider.WaitForJoinAsync(BadFrames.JoinedForm);
        await provider.WaitForJoinAsync(BadFrames.RefusedForm);

        var good = new List<string>();
        foreach (var frame in BadFrames.All.Where(frame => !frame.BreaksConnection))
        {
            await provider.SendAsync(frame);
            if (frame.IsGood)
            {
                using var json = JsonDocument.Parse(frame.Bytes);
                good.Add(json.RootElement[1].GetRawText());
            }

            for (var i = 0; i < 50; i++)
            {
                good.Add(string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{good.Count}}}"""));
                await provider.SendDataAsync(BadFrames.JoinedForm, good[^1]);
            }

            await client.ShownAsync(BadFrames.JoinedForm, good.Count); // of a state feed, a reader that lags would not be given all
        }

        await client.ShownAsync(BadFrames.JoinedForm, good.Count);
        await stop.CancelAsync();
        await running.WithinBound("the pump to stop");

        Assert.Equal(good, client.Transport.Entries(BadFrames.JoinedForm).Select(entry => entry.Text));
        Assert.Empty(client.Transport.Entries(BadFrames.RefusedForm));
        Assert.Equal(1, provider.ConnectionsAccepted);
        foreach (var fault in UpstreamStatus.Reasons.Where(fault => fault != FrameFault.DroppedByUs))
        {
            var reason = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{fault}");
            var bad = BadFrames.All.Where(frame => frame is { IsGood: false, BreaksConnection: false }).ToList();
            Assert.InRange(status.CountOf(fault), bad.Count(frame => frame.Reason == reason && frame.OtherReason is null), bad.Count(frame => frame.Allows(reason)));
        }
    }
}
