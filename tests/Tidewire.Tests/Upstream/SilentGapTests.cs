using Tidewire.Fanout;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Tests.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Invariant 6: a channel that falls silent has a gap, from its last data to its next.</summary>
[Collection(nameof(Alone))]
public sealed class SilentGapTests
{
    /// <summary>One that goes on by itself and that REST does not have.</summary>
    private const string Channel = "gex_strike_expiry:SPY";

    [Fact]
    public void The_gap_is_from_the_last_data_to_the_next_and_stands_before_it()
    {
        using var world = Fed();
        var last = world.Time.GetUtcNow();
        world.Pass(100);
        Assert.Equal(ChannelState.Silent, StateOf(world));
        Assert.Empty(world.Gaps(Channel)); // it is not over
        world.Send(Channel, Row(99));
        Assert.Equal(new Gap(last, world.Time.GetUtcNow(), null, GapReason.Silent, false), Assert.Single(world.Gaps(Channel)));
        Assert.Equal(["gap lost", $"socket {Row(99)}"], world.Entries(Channel).TakeLast(2));
    }

    [Fact]
    public void Acknowledgements_that_it_is_joined_again_end_no_silence()
    {
        using var world = Fed();
        world.Pass(600); // asked for again every minute, and taken each time
        Assert.True(world.Socket.JoinsOf(Channel) > 3);
        world.Break();
        world.Return();
        world.Pass(60);
        Assert.Empty(world.Gaps(Channel));
        world.Send(Channel, Row(1));
        Assert.Equal(GapReason.Silent, Assert.Single(world.Gaps(Channel)).Reason);
    }

    [Fact]
    public void A_channel_that_never_showed_anything_has_a_gap_from_its_join()
    {
        using var world = new RestWorld(socket: true);
        world.Pass(1);
        var joined = world.Time.GetUtcNow();
        world.Subscribe(Channel);
        world.Pass(60);
        world.Send(Channel, Row(1));
        var gap = Assert.Single(world.Gaps(Channel));
        Assert.Equal(GapReason.Silent, gap.Reason);
        Assert.InRange(gap.From - joined, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public void Each_silence_has_its_own_gap()
    {
        using var world = Fed();
        for (var silence = 1; silence <= 3; silence++)
        {
            world.Pass(100);
            world.Send(Channel, Row(silence));
            Assert.Equal(silence, world.Gaps(Channel).Count);
        }
    }

    [Fact]
    public void Where_REST_stands_in_the_gap_ends_with_its_first_answer_and_there_is_no_other()
    {
        static string Print(int second) => FormattableString.Invariant($$"""{"symbol":"SPY","ticker":"SPY","executed_at":"2026-09-18T13:{{30 + (second / 60)}}:{{second % 60:00}}Z","price":"1","size":1}""");
        using var world = new RestWorld(socket: true);
        world.Rest = _ => RestWorld.Data([.. Enumerable.Range(0, (int)(world.Time.GetUtcNow() - FanoutWorld.Start).TotalSeconds).Select(Print).Reverse()]);
        world.Subscribe("off_lit_trades");
        for (var second = 0; second < 70; second++)
        {
            world.Pass(1);
            world.Send("off_lit_trades", Print(second));
        }

        world.Pass(200);
        world.Send("off_lit_trades", Print(270));
        world.Pass(3);
        var gap = Assert.Single(world.Gaps("off_lit_trades"));
        Assert.Equal((GapReason.Silent, true), (gap.Reason, gap.Backfilled));
        world.Pass(6); // the last answer, and the next silence
        var payloads = world.Payloads("off_lit_trades");
        Assert.Equal(payloads.Distinct(), payloads);
        Assert.Empty(Enumerable.Range(0, 271).Select(Print).Except(payloads));
    }

    [Fact]
    public void What_is_derived_from_it_has_the_gap_too()
    {
        using var world = new RestWorld(socket: true);
        world.Rest = _ => RestScript.Failure;
        world.Subscribe("ticker:SPY");
        for (var second = 0; second < 70; second++)
        {
            world.Pass(1);
            world.Send("price:SPY", """{"close":"1","time":1,"vol":1}""");
        }

        world.Pass(60);
        world.Send("price:SPY", """{"close":"2","time":2,"vol":2}""");
        Assert.Equal(GapReason.Silent, Assert.Single(world.Gaps("ticker:SPY")).Reason);
    }

    [Fact]
    public void Outside_market_hours_there_is_none()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 19, 14, 0, 0, TimeSpan.Zero), socket: true);
        world.Subscribe(Channel, "news");
        world.Pass(1);
        world.Send(Channel, Row(1));
        world.Pass(3600);
        world.Send(Channel, Row(2));
        world.Send("news", "{}");
        Assert.Empty(world.Gaps(Channel));
        Assert.Empty(world.Gaps("news"));
    }

    private static string Row(int n) => $$"""{"ticker":"SPY","expiry":"2026-09-18","strike":"{{n}}"}""";

    /// <summary>A world whose channel has spoken every second for more than a minute.</summary>
    private static RestWorld Fed()
    {
        var world = new RestWorld(socket: true);
        world.Subscribe(Channel);
        for (var i = 0; i < 70; i++)
        {
            world.Pass(1);
            world.Send(Channel, Row(i));
        }

        return world;
    }

    private static ChannelState StateOf(RestWorld world) => Assert.Single(world.Demand.Channels, static view => view.Form == Channel).State;
}
