using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

[Trait("Promise", "upstream-return")]
public sealed class BackoffTests : ServerTest
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task While_the_provider_is_away_waits_double_from_a_quarter_of_a_second_to_one_and_a_half()
    {
        await Provider.StopAsync();
        await StartAsync(_time);
        double[] longest = [0.25, 0.5, 1, 1.5, 1.5, 1.5, 1.5, 1.5];
        for (var i = 0; i < longest.Length; i++)
        {
            Assert.InRange((await _time.UntilParkedAsync(Server)).TotalSeconds, longest[i] * 0.5, longest[i]);
            Assert.Equal("disconnected", (await Server.StatusAsync()).GetProperty("status").GetString());
            Assert.Equal(i + 1, Server.Upstream.View.Attempt);
            await _time.ToNextAttemptAsync(Server);
        }
    }

    [Fact]
    public async Task In_ten_minutes_of_outage_it_never_waits_longer_than_a_second_and_a_half_and_never_gives_up()
    {
        await Provider.StopAsync();
        await StartAsync(_time);
        var until = _time.GetUtcNow() + TimeSpan.FromMinutes(10);
        while (_time.GetUtcNow() < until)
        {
            Assert.InRange(await _time.UntilParkedAsync(Server), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
            await _time.ToNextAttemptAsync(Server);
        }

        Assert.InRange(Server.Upstream.View.Attempt, 400, 1000);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_provider_that_turns_us_away_is_asked_after_five_seconds_and_then_more_rarely(int status)
    {
        Provider.Misbehaviour.Refusal = new Refusal(status, "No", "not now");
        await StartAsync(_time);
        double[] around = [5, 10, 20, 25, 25];
        for (var i = 0; i < around.Length; i++)
        {
            Assert.InRange((await _time.UntilParkedAsync(Server)).TotalSeconds, around[i] * 0.75, around[i] * 1.25);
            Assert.Equal(i + 1, Provider.Handshakes.Count);
            await _time.ToNextAttemptAsync(Server);
        }
    }

    [Fact]
    public async Task A_provider_that_sheds_each_session_at_once_is_not_hammered()
    {
        Provider.Misbehaviour.ShedsLeft = int.MaxValue;
        await StartAsync(_time);
        var until = _time.GetUtcNow() + TimeSpan.FromMinutes(10);
        while (_time.GetUtcNow() < until)
        {
            await _time.UntilParkedAsync(Server);
            await _time.ToNextAttemptAsync(Server);
        }

        Assert.InRange(Provider.ConnectionsAccepted, 20, 40);
    }

    [Fact]
    public async Task An_upgrade_that_is_never_answered_is_given_up_after_ten_seconds()
    {
        Provider.Misbehaviour.UpgradeUnanswered = true;
        await StartAsync(_time);
        await Provider.WaitForHandshakeAsync();
        Assert.Equal(UpstreamState.Connecting, Server.Upstream.View.State);
        _time.Advance(TimeSpan.FromSeconds(10));
        await _time.UntilParkedAsync(Server);
        Assert.Contains("within 10 s", Server.Upstream.View.Reason, StringComparison.Ordinal);
    }
}
