using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>The order of events that no provider can be made to keep to: asked step by step, without a session.</summary>
public sealed class DemandStepsTests : IDisposable
{
    private const string Channel = "gex:SPY";
    private readonly FanoutWorld _fanout = new();
    private readonly Demand _demand;

    public DemandStepsTests() => _demand = Of(_fanout, new UpstreamOptions { Keep = "", KeepPositions = TimeSpan.Zero });

    public void Dispose()
    {
        _demand.Dispose();
        _fanout.Dispose();
    }

    [Fact]
    public void Data_in_flight_when_a_channel_is_left_does_not_pass_for_a_join()
    {
        var client = _fanout.Connect();
        client.Subscribe(Channel);
        _demand.SessionOpened();
        Assert.Equal((null, Channel), _demand.Next());
        Answer(Channel, ChannelState.Live);
        client.Unsubscribe(Channel);
        _fanout.Time.Advance(TimeSpan.FromSeconds(31));
        _demand.Look(); // the linger is over: the leave is to be sent
        client.Subscribe(Channel); // someone comes back before the provider has taken it
        Answer(Channel, ChannelState.Live); // and a frame sent before it arrives

        Assert.Equal((Channel, null), _demand.Next());
        Assert.Equal((null, Channel), _demand.Next());
    }

    [Fact]
    public void A_late_answer_of_a_channel_that_made_room_does_not_pass_for_a_join()
    {
        using var fanout = new FanoutWorld();
        using var demand = Of(fanout, new UpstreamOptions { Keep = "", MaxChannels = 1 });
        var client = fanout.Connect();
        client.Subscribe("gex:A");
        demand.SessionOpened();
        Assert.Equal("gex:A", demand.Next().Join);
        fanout.Time.Advance(TimeSpan.FromSeconds(11));
        demand.Look();
        client.Subscribe("gex:B");
        Assert.Equal("gex:A", demand.Next().Leave); // silent: it makes room
        demand.Answered(demand.Find("gex:A")!, ChannelState.Joined, PublicationSource.Socket, fanout.Time.GetUtcNow());
        Assert.Equal("gex:B", demand.Next().Join);
        demand.Answered(demand.Find("gex:B")!, ChannelState.Joined, PublicationSource.Socket, fanout.Time.GetUtcNow());

        client.Unsubscribe("gex:B"); // now there is room again
        var steps = new[] { demand.Next(), demand.Next() };
        Assert.Equal([("gex:B", null), (null, "gex:A")], steps);
    }

    [Fact]
    public void Late_answers_never_raise_the_number_of_channels_joined_at_once()
    {
        using var fanout = new FanoutWorld();
        using var demand = Of(fanout, new UpstreamOptions { Keep = "", MaxChannels = 2 });
        var client = fanout.Connect();
        for (var i = 0; i < 6; i++)
        {
            client.Subscribe($"gex:T{i}");
        }

        demand.SessionOpened();
        var joined = new HashSet<string>();
        var most = 0;
        for (var step = 0; step < 100; step++)
        {
            while (demand.Next() is var (leave, join) && (leave ?? join) is not null)
            {
                _ = join is not null ? joined.Add(join) : joined.Remove(leave!);
                most = Math.Max(most, joined.Count);
                if (leave is not null && demand.Find(leave) is { } late)
                {
                    demand.Answered(late, ChannelState.Joined, PublicationSource.Socket, fanout.Time.GetUtcNow());
                }
            }

            fanout.Time.Advance(TimeSpan.FromSeconds(11)); // nothing is ever answered in time
            demand.Look();
        }

        Assert.Equal(2, most);
    }

    [Fact]
    public void Frames_we_dropped_do_not_end_the_gap_of_a_channel_that_is_not_back_yet()
    {
        _fanout.Connect().Subscribe("gex:SPY");
        _demand.SessionOpened();
        Assert.Equal((null, "gex:SPY"), _demand.Next());
        _demand.Answered(_demand.Find("gex:SPY")!, ChannelState.Live, PublicationSource.Socket, FanoutWorld.Start);
        _fanout.Publish("gex:SPY");
        _demand.SessionEnded(FanoutWorld.Start.AddSeconds(1));
        _demand.SessionOpened();
        Assert.Equal((null, "gex:SPY"), _demand.Next());
        _demand.Dropped(FanoutWorld.Start.AddSeconds(5), FanoutWorld.Start.AddSeconds(6), PublicationSource.Socket);
        _demand.Answered(_demand.Find("gex:SPY")!, ChannelState.Joined, PublicationSource.Socket, FanoutWorld.Start.AddSeconds(9));

        var last = _fanout.Log("gex:SPY").Recent(10)[^1].Gap;
        Assert.Equal((GapReason.UpstreamDown, FanoutWorld.Start.AddSeconds(9)), (last!.Reason, last.To));
    }

    [Fact]
    public void Channels_that_come_and_go_while_there_is_no_session_are_not_kept()
    {
        using var keeping = Of(_fanout, new UpstreamOptions { Keep = "" }); // for a day, as many as there are slots
        var client = _fanout.Connect();
        for (var i = 0; i < 5_000; i++)
        {
            client.Subscribe($"gex:T{i}");
            client.Unsubscribe($"gex:T{i}");
            _fanout.Time.Advance(TimeSpan.FromSeconds(1)); // over an hour: no linger lasts as long
        }

        Assert.InRange(_demand.Channels.Count, 0, 100);
        Assert.InRange(keeping.Channels.Count, 1, 100);
    }

    [Fact]
    public void Channels_that_come_and_go_behind_one_that_waits_for_a_slot_are_not_kept()
    {
        using var fanout = new FanoutWorld();
        using var demand = Of(fanout, new UpstreamOptions { Keep = "", MaxChannels = 1 });
        var client = fanout.Connect();
        client.Subscribe("gex:A");
        demand.SessionOpened();
        Assert.Equal("gex:A", demand.Next().Join);
        demand.Answered(demand.Find("gex:A")!, ChannelState.Joined, PublicationSource.Socket, fanout.Time.GetUtcNow());
        client.Subscribe("gex:B");
        Assert.Equal((null, null), demand.Next());
        var gone = ComeAndGo(fanout, demand, client);
        demand.Look();
        demand.Next();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(gone.Count(channel => channel.IsAlive), 0, 5);
    }

    private static List<WeakReference> ComeAndGo(FanoutWorld fanout, Demand demand, FanoutClient client)
    {
        var gone = new List<WeakReference>();
        for (var i = 0; i < 100; i++)
        {
            client.Subscribe($"gex:T{i}");
            gone.Add(new WeakReference(demand.Find($"gex:T{i}")));
            client.Unsubscribe($"gex:T{i}");
            fanout.Time.Advance(TimeSpan.FromMinutes(1));
            demand.Look();
            demand.Next();
        }

        return gone;
    }

    private static Demand Of(FanoutWorld fanout, UpstreamOptions options) => new(fanout.Hub, FanoutWorld.Catalogue, Options.Create(options), fanout.Time);

    private void Answer(string form, ChannelState state)
    {
        if (_demand.Find(form) is { } channel)
        {
            _demand.Answered(channel, state, PublicationSource.Socket, _fanout.Time.GetUtcNow());
        }
    }
}
