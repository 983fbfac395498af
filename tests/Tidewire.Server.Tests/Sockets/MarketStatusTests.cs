using System.Text.Json;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.Sockets;

/// <summary><c>market_status</c> as clients see it.</summary>
public sealed class MarketStatusTests : ServerTest
{
    [Fact]
    public async Task Who_subscribes_is_told_the_status_and_then_its_change()
    {
        // The Wednesday before Thanksgiving 2026; the Friday after it closes at 13:00 in New York.
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 20, 59, 55, TimeSpan.Zero));
        await StartAsync(time);
        var client = await ConnectAsync();
        await client.SubscribedAsync("market_status");
        var first = (await client.NextOfTypeAsync("history")).GetProperty("messages").EnumerateArray().Single();
        Assert.Equal(("open", "2026-11-27T14:30:00.000Z", "2026-11-25T21:00:00.000Z"), Told(first));

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(("after_hours", "2026-11-27T14:30:00.000Z", "2026-11-27T18:00:00.000Z"), Told(await client.NextOfTypeAsync("market_status")));
    }

    [Fact]
    public async Task A_simulated_market_is_always_open()
    {
        await StartSimulatedAsync();
        var client = await ConnectAsync();
        await client.SubscribedAsync("market_status");
        var told = (await client.NextOfTypeAsync("history")).GetProperty("messages").EnumerateArray().Single();
        Assert.Equal(("open", null, null), Told(told));
    }

    private static (string? Status, string? NextOpen, string? NextClose) Told(JsonElement message)
        => (message.GetProperty("status").GetString(), message.GetProperty("next_open").GetString(), message.GetProperty("next_close").GetString());
}
