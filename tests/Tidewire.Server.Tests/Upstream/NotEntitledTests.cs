using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

[Trait("Promise", "not-entitled")]
public sealed class NotEntitledTests : ServerTest
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);

    [Theory]
    [InlineData("HTTP 401")]
    [InlineData("HTTP 403")]
    [InlineData("close 1008")]
    [InlineData("close 4401")]
    [InlineData("close 4403")]
    [InlineData("close 1000 with 401 in its reason")]
    public async Task A_refused_token_shows_is_tried_thirteen_times_an_hour_at_most_and_connects_once_healed(string how)
    {
        Refuse(how);
        await StartAsync(_time);
        while (true)
        {
            var wait = await _time.UntilParkedAsync(Server);
            var status = await Server.StatusAsync();
            Assert.Equal("not_entitled", status.GetProperty("status").GetString());
            var connection = status.GetProperty("uw_connection");
            Assert.False(connection.GetProperty("connected").GetBoolean());
            Assert.Equal(Server.Upstream.View.NextAttemptAt!.Value, connection.GetProperty("next_attempt_at").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
            Assert.InRange(wait, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
            if (_time.GetUtcNow() + wait > Start + TimeSpan.FromHours(1))
            {
                break;
            }

            await _time.ToNextAttemptAsync(Server);
        }

        var attempts = Provider.Handshakes.Count;
        Assert.InRange(attempts, 10, 13);
        Assert.Equal("not_entitled", (await Server.JsonAsync("/health")).GetProperty("upstream").GetString());

        Provider.Misbehaviour.Refusal = null;
        Provider.Misbehaviour.ShedsLeft = 0;
        await _time.ToNextAttemptAsync(Server);
        await Server.UntilConnectedAsync();
        Assert.Equal("connected", (await Server.StatusAsync()).GetProperty("status").GetString());
        Figure($"attempts in an hour after {how}", $"{attempts} (promised: at most 13)");
    }

    [Fact]
    public async Task Clients_stay_connected_and_are_served_once_the_token_is_healed()
    {
        Refuse("HTTP 401");
        await StartAsync(_time);
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await _time.UntilParkedAsync(Server);

        Provider.Misbehaviour.Refusal = null;
        await _time.ToNextAttemptAsync(Server);
        await Provider.WaitForJoinAsync("gex:SPY");
        await Provider.SendDataAsync("gex:SPY", """{"healed":true}""");
        var message = await client.NextOfTypeAsync("message");
        Assert.True(message.GetProperty("data").GetProperty("healed").GetBoolean());
    }

    private void Refuse(string how)
    {
        switch (how)
        {
            case "HTTP 401":
                Provider.Misbehaviour.Refusal = Refusal.Unauthorized;
                return;
            case "HTTP 403":
                Provider.Misbehaviour.Refusal = Refusal.Forbidden;
                return;
        }

        Provider.Misbehaviour.ShedsLeft = int.MaxValue;
        Provider.Misbehaviour.ShedBy = how switch
        {
            "close 1008" => Parting.PolicyViolation,
            "close 4401" => Parting.Unauthorized,
            "close 4403" => Parting.Forbidden,
            _ => Parting.UnauthorizedInWords,
        };
    }
}
