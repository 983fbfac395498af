using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

public sealed class ReconnectBackoffTests
{
    private static readonly TimeSpan Never = TimeSpan.Zero;
    private readonly ReconnectBackoff _backoff = new(new Random(7));

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_provider_that_cannot_be_reached_is_tried_again_at_0_25_s_doubling_to_1_5_s(int seed)
    {
        var backoff = new ReconnectBackoff(new Random(seed));
        double[] ladder = [0.25, 0.5, 1, 1.5, 1.5, 1.5];
        foreach (var most in ladder.Concat(Enumerable.Repeat(1.5, 1_000)))
        {
            Assert.InRange(backoff.Next(Of(UpstreamEndKind.CannotConnect), Never, hadData: false).TotalSeconds, most * 0.5, most);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_provider_that_turns_us_away_is_tried_again_at_5_s_doubling_to_30_s(int seed)
    {
        var backoff = new ReconnectBackoff(new Random(seed));
        double[] ladder = [5, 10, 20, 30, 30];
        foreach (var middle in ladder.Concat(Enumerable.Repeat(30.0, 1_000)))
        {
            Assert.InRange(backoff.Next(Of(UpstreamEndKind.TurnedAway), Never, hadData: false).TotalSeconds, middle * 0.8, Math.Min(30, middle * 1.2));
        }
    }

    [Fact]
    public void A_refused_token_waits_five_minutes_each_time()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(Next(UpstreamEndKind.NotEntitled), 300, 330);
        }
    }

    [Fact]
    public void A_session_that_broke_is_opened_again_at_once()
        => Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 3_600, hadData: true), 0.1, 0.25);

    [Fact]
    public void Sessions_that_open_and_are_lost_at_once_slow_down_from_the_second_on()
    {
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 0.1), 0.1, 0.5);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 0.1), 4, 6);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 0.1), 8, 12);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 59), 16, 24);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 59), 24, 30);
    }

    [Fact]
    public void A_session_that_is_turned_away_within_a_minute_slows_down_at_once()
        => Assert.InRange(Next(UpstreamEndKind.TurnedAway, seconds: 30), 4, 6);

    [Fact]
    public void A_session_that_stayed_a_minute_forgives_all()
    {
        for (var i = 0; i < 5; i++)
        {
            Next(UpstreamEndKind.TurnedAway);
        }

        Assert.InRange(Next(UpstreamEndKind.TurnedAway, seconds: 60), 0.1, 0.25);
        Assert.InRange(Next(UpstreamEndKind.TurnedAway), 4, 6);
    }

    [Fact]
    public void A_session_that_only_opened_forgives_nothing()
    {
        Next(UpstreamEndKind.TurnedAway);
        Next(UpstreamEndKind.TurnedAway);
        Assert.InRange(Next(UpstreamEndKind.TurnedAway, seconds: 1), 16, 24);
    }

    [Fact]
    public void Short_sessions_that_carried_data_are_opened_again_at_once_for_a_few_times()
    {
        for (var session = 0; session < 5; session++)
        {
            Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 5, hadData: true), 0.1, 0.25);
        }

        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 5, hadData: true), 4, 6);
    }

    [Fact]
    public void A_provider_that_could_not_be_reached_in_between_was_restarted()
    {
        Next(UpstreamEndKind.Lost, seconds: 0.1);
        Next(UpstreamEndKind.Lost, seconds: 0.1);
        Next(UpstreamEndKind.CannotConnect);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 0.1), 0.1, 1.5);
        Assert.InRange(Next(UpstreamEndKind.Lost, seconds: 0.1), 4, 12);
    }

    [Fact]
    public void Gateways_do_not_return_in_step()
        => Assert.Distinct(Enumerable.Range(0, 50).Select(seed => new ReconnectBackoff(new Random(seed)).Next(Of(UpstreamEndKind.CannotConnect), Never, hadData: false)));

    private static UpstreamEnd Of(UpstreamEndKind kind) => new(kind, "scripted");

    private double Next(UpstreamEndKind kind, double seconds = 0, bool hadData = false) => _backoff.Next(Of(kind), TimeSpan.FromSeconds(seconds), hadData).TotalSeconds;
}
