using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>A client that wants very many channels at once, and lets them go at once.</summary>
[Collection(Alone.Name)]
public sealed class SubscribeBurstTests : ServerTest
{
    private const int Channels = 10_000;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    [Theory]
    [Trait("Promise", "subscribe-burst")]
    [Trait("Category", "long")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ten_thousand_channels_are_subscribed_to_and_left_within_a_second(bool isProviderThere)
    {
        if (!isProviderThere)
        {
            await Provider.StopAsync(); // what is wanted is then only noted
        }

        await StartAsync(("Fanout:MaxChannelsPerConnection", $"{Channels}"), ("Upstream:MaxChannels", "20000"));
        await using var warm = await BurstClient.ConnectAsync(Server.Url, "W");
        await warm.SubscribeAsync(2_000);
        await warm.UnsubscribeAsync(2_000);

        await using var client = await BurstClient.ConnectAsync(Server.Url, "T");
        var subscribing = await client.SubscribeAsync(Channels);
        Assert.Equal(Channels, Server.Hub.Logs.Sum(static log => log.Subscribers));
        var leaving = await client.UnsubscribeAsync(Channels);
        Assert.Equal(0, Server.Hub.Logs.Sum(static log => log.Subscribers));

        var which = isProviderThere ? "with" : "without";
        Figure($"{Channels} channels subscribed to, {which} a provider", FormattableString.Invariant($"{subscribing.TotalSeconds:0.00} s"));
        Figure($"{Channels} channels left, {which} a provider", FormattableString.Invariant($"{leaving.TotalSeconds:0.00} s"));
        Figure($"both, {which} a provider", FormattableString.Invariant($"{(subscribing + leaving).TotalSeconds:0.00} s (promised: under {Promised.TotalSeconds:0} s)"));
        Assert.InRange(subscribing + leaving, TimeSpan.Zero, Promised);
    }

    /// <summary>Sends all its commands as fast as they are taken, and counts the answers meanwhile.</summary>
    private sealed class BurstClient(RawSocket socket, string prefix) : IAsyncDisposable
    {
        public static async Task<BurstClient> ConnectAsync(Uri server, string prefix)
        {
            var socket = await RawSocket.ConnectAsync(server, "/api/ws");
            Assert.Contains("\"connection\"", (await socket.NextAsync())!.Value.Text, StringComparison.Ordinal);
            return new BurstClient(socket, prefix);
        }

        public Task<TimeSpan> SubscribeAsync(int channels) => SendAsync("subscribe", "subscribed", channels);

        public Task<TimeSpan> UnsubscribeAsync(int channels) => SendAsync("unsubscribe", "unsubscribed", channels);

        public ValueTask DisposeAsync() => socket.DisposeAsync();

        private async Task<TimeSpan> SendAsync(string type, string action, int channels)
        {
            var commands = new MemoryStream();
            for (var i = 0; i < channels; i++)
            {
                commands.Write(RawSocket.Frame(RawSocket.Text, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"type":"{{type}}","channel":"option_trades","ticker":"{{prefix}}{{i}}"}"""))));
            }

            var expected = Encoding.UTF8.GetBytes($"\"action\":\"{action}\"");
            var started = Stopwatch.GetTimestamp();
            var sending = socket.WriteAsync(commands.GetBuffer().AsMemory(0, (int)commands.Length));
            await socket.CountAsync(expected, channels);
            var took = Stopwatch.GetElapsedTime(started);
            await sending;
            return took;
        }
    }
}
