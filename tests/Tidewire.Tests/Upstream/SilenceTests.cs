using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>When silence means something: the calendar, halts, and a channel's own gaps.</summary>
[Collection(nameof(Alone))]
public sealed class SilenceTests
{
    private static readonly DateTimeOffset Saturday = new(2026, 9, 19, 14, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Before_the_open_nothing_is_silent_and_after_it_soon()
    {
        using var world = new RestWorld(new DateTimeOffset(2026, 9, 18, 13, 28, 0, TimeSpan.Zero), socket: true);
        world.Subscribe("gex:SPY");
        world.Pass(119);
        Assert.Equal(ChannelState.Joined, StateOf(world, "gex:SPY"));
        world.Pass(12);
        Assert.Equal(ChannelState.Joined, StateOf(world, "gex:SPY"));
        world.Pass(3);
        Assert.Equal(ChannelState.Silent, StateOf(world, "gex:SPY"));
    }

    [Fact]
    public void A_channel_of_the_night_and_of_a_weekend_is_never_silent()
    {
        using var world = new RestWorld(Saturday, socket: true);
        world.Subscribe("gex:SPY", "price:SPY");
        world.Pass(3600);
        Assert.Equal(ChannelState.Joined, StateOf(world, "gex:SPY"));
        Assert.Empty(world.Asked);
    }

    [Fact]
    public void A_halted_symbol_is_quiet_until_it_is_resumed()
    {
        using var world = Halted();
        world.Pass(600);
        Assert.Equal(ChannelState.Live, StateOf(world, "price:GME"));
        Assert.Equal(ChannelState.Silent, StateOf(world, "price:SPY")); // halted is one symbol
        world.Send("trading_halts", """{"ticker":"GME","state":"resumed"}""");
        world.Pass(3);
        Assert.Equal(ChannelState.Live, StateOf(world, "price:GME"));
        world.Pass(4);
        Assert.Equal(ChannelState.Silent, StateOf(world, "price:GME"));
    }

    [Fact]
    public void A_halt_that_is_never_resumed_is_over_after_half_an_hour()
    {
        using var world = Halted();
        world.Pass(1700);
        Assert.Equal(ChannelState.Live, StateOf(world, "price:GME"));
        world.Pass(120);
        Assert.Equal(ChannelState.Silent, StateOf(world, "price:GME"));
    }

    [Theory]
    [InlineData("""{"ticker":7,"state":"halted"}""")]
    [InlineData("""{"state":"halted"}""")]
    [InlineData("""{"ticker":"\ud800","state":"halted"}""")]
    [InlineData("""{"nested":{"ticker":"SPY","state":"halted"}}""")]
    [InlineData("""{}""")]
    public void A_halt_of_nothing_halts_nothing(string payload)
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("trading_halts", "price:SPY");
        Feed(world, "price:SPY");
        world.Send("trading_halts", payload);
        world.Pass(8);
        Assert.Equal(ChannelState.Silent, StateOf(world, "price:SPY"));
    }

    [Fact]
    public void Bursts_have_the_gap_between_them()
    {
        var usual = new UsualGap();
        Assert.Null(usual.Value);
        for (var burst = 0; burst < 30; burst++)
        {
            usual.Add(TimeSpan.FromSeconds(10));
            for (var row = 0; row < 1000; row++)
            {
                usual.Add(TimeSpan.FromMilliseconds(0.02));
            }
        }

        Assert.InRange(usual.Value!.Value.TotalSeconds, 10, 11);
    }

    [Fact]
    public void A_channel_that_becomes_slower_is_believed_and_an_outage_in_between_is_not()
    {
        using var world = new RestWorld(socket: true);
        world.Subscribe("price:SPY");
        Feed(world, "price:SPY"); // every second
        Assert.InRange(View(world, "price:SPY").SilentAfter!.Value.TotalSeconds, 4, 5);
        world.Pass(600); // an outage
        Assert.Equal(ChannelState.Silent, StateOf(world, "price:SPY"));
        Feed(world, "price:SPY");
        Assert.InRange(View(world, "price:SPY").SilentAfter!.Value.TotalSeconds, 4, 11);
        for (var i = 0; i < 60; i++)
        {
            world.Pass(9);
            world.Send("price:SPY", """{"close":"1","time":1,"vol":1}""");
        }

        Assert.InRange(View(world, "price:SPY").SilentAfter!.Value.TotalSeconds, 9, 30);
        world.Pass(8);
        Assert.Equal(ChannelState.Live, StateOf(world, "price:SPY"));
    }

    [Fact]
    public void A_mute_connection_is_given_up_after_fifteen_seconds_of_market_hours()
    {
        using var world = new RestWorld(socket: true, configure: static options => (options.Keep, options.MuteAfter) = ("market_tide", new UpstreamOptions().MuteAfter));
        world.Pass(1);
        world.Send("market_tide", """{"timestamp":1}""");
        world.Pass(14);
        Assert.Equal(1, world.Status.View.Sessions);
        world.Pass(4);
        Assert.Equal(2, world.Status.View.Sessions);
        Assert.Contains("mute", world.Status.View.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_carries_only_a_ticker_that_trades_rarely_is_kept()
    {
        using var world = new RestWorld(socket: true, configure: static options => options.MuteAfter = new UpstreamOptions().MuteAfter);
        world.Subscribe("price:THIN");
        world.Pass(1);
        world.Send("price:THIN", """{"close":"1","vol":1}""");
        world.Pass(120);
        Assert.Equal(1, world.Status.View.Sessions);
    }

    [Fact]
    public void A_mute_connection_is_kept_where_nothing_is_expected()
    {
        using var world = new RestWorld(Saturday, socket: true, configure: static options => (options.Keep, options.MuteAfter) = ("market_tide,trading_halts", new UpstreamOptions().MuteAfter));
        world.Pass(7200);
        Assert.Equal(1, world.Status.View.Sessions);
    }

    [Fact]
    public void What_is_only_kept_gives_way_and_comes_back()
    {
        using var world = new RestWorld(socket: true, configure: static options => (options.Keep, options.MaxChannels, options.Linger) = ("market_tide", 1, TimeSpan.Zero));
        world.Pass(1);
        Assert.Equal(["market_tide"], world.Socket.Joined);
        var reader = world.Subscribe("news");
        world.Pass(1);
        Assert.Equal(["news"], world.Socket.Joined);
        Assert.Equal(1, world.Socket.MostJoined);
        world.Leave(reader);
        world.Pass(2);
        Assert.Equal(["market_tide"], world.Socket.Joined);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("gex")]
    [InlineData("ticker:SPY")]
    [InlineData("market_movers")]
    [InlineData("news:SPY")]
    public void A_kept_name_that_is_no_channel_of_the_socket_is_refused(string keep)
        => Assert.Contains($"'{keep}'", Assert.Throws<InvalidDataException>(() => new RestWorld(configure: options => options.Keep = keep)).Message, StringComparison.Ordinal);

    private static RestWorld Halted()
    {
        var world = new RestWorld(socket: true);
        world.Subscribe("trading_halts", "price:GME", "price:SPY");
        for (var i = 0; i < 70; i++)
        {
            world.Pass(1);
            world.Send("price:GME", """{"close":"1","time":1,"vol":1}""");
            world.Send("price:SPY", """{"close":"1","time":1,"vol":1}""");
        }

        world.Send("trading_halts", """{"ticker":"GME","state":"halted"}""");
        return world;
    }

    private static void Feed(RestWorld world, string channel)
    {
        for (var i = 0; i < 70; i++)
        {
            world.Pass(1);
            world.Send(channel, """{"close":"1","time":1,"vol":1}""");
        }
    }

    private static ChannelView View(RestWorld world, string form) => Assert.Single(world.Demand.Channels, view => view.Form == form);

    private static ChannelState StateOf(RestWorld world, string form) => View(world, form).State;
}
