using System.Net;
using System.Text;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class LoadClientTests : IAsyncLifetime
{
    private readonly SequenceCheck _check = new();
    private FakeUnusualWhales _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await FakeUnusualWhales.StartNewAsync();

    public async ValueTask DisposeAsync() => await _provider.DisposeAsync();

    [Fact]
    public async Task Twenty_thousand_messages_a_second_arrive_whole_and_on_schedule()
    {
        await using var client = await JoinedAsync();

        var report = await _provider.PumpAsync("gex:SPY", 20_000, TimeSpan.FromSeconds(1), Payload);
        await client.WaitForMessagesAsync(20_001);

        Assert.Equal((20_000, 0, 0), (report.Sent, report.LeftOut, report.Interrupted));
        Assert.True(_check.IsPerfect, _check.ToString());
        Assert.Equal((20_000, 1), (_check.Received, _check.Unnumbered));
        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Rate:0} messages/s, longest write {report.LongestWrite}");
    }

    [Fact]
    public async Task The_pump_numbers_only_what_it_sent_through_a_restart()
    {
        await using var first = await JoinedAsync();
        using var enough = new CancellationTokenSource();
        var pump = _provider.PumpAsync("gex:SPY", 5_000, TimeSpan.FromMinutes(5), Payload, enough.Token);
        await first.WaitForMessagesAsync(500);
        await _provider.StopAsync();
        await first.WaitForCloseAsync();
        var seenBefore = _check.Last;
        var meanwhile = await _provider.PumpAsync("gex:SPY", 1_000, TimeSpan.FromMilliseconds(50), Payload);
        Assert.Equal((0, 50), (meanwhile.Sent, meanwhile.LeftOut));

        await _provider.StartAsync();
        await using var second = await JoinedAsync();
        await second.WaitForMessagesAsync(500);
        await enough.CancelAsync();
        var report = await pump;
        await second.WaitForMessagesAsync(report.Sent - 1 - FirstAfter(seenBefore));

        Assert.True(report.LeftOut > 0);
        Assert.Equal((0, 0), (_check.Duplicates, _check.Reordered));
        Assert.Equal(report.Sent - _check.Missing, _check.Received);
        Assert.True(_check.Holes.Count <= 1 && _check.Holes.All(hole => hole.From == seenBefore + 1), _check.ToString());
    }

    [Fact]
    public async Task Fragments_with_pings_between_them_are_one_message_and_each_ping_is_answered()
    {
        var texts = new List<string>();
        await using var client = await ConnectAsync(message => texts.Add(Encoding.UTF8.GetString(message)));
        _provider.Misbehaviour.FragmentBytes = 1;
        _provider.Misbehaviour.PingsBetweenFragments = true;

        await _provider.SendAsync("""["gex:SPY",{"seq":1}]""");
        await client.WaitForMessagesAsync(1);

        Assert.Equal(["""["gex:SPY",{"seq":1}]"""], texts);
        await _provider.WaitForPongAsync(19);
    }

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(5_000_000)]
    public async Task Messages_of_every_length_form_fit(int length)
    {
        var lengths = new List<int>();
        await using var client = await ConnectAsync(message => lengths.Add(message.Length));
        await _provider.SendAsync(new byte[length]);
        await _provider.SendAsync(new byte[length]);
        await client.WaitForMessagesAsync(2);
        Assert.Equal([length, length], lengths);
    }

    [Fact]
    public async Task A_paused_client_holds_the_provider_back_and_loses_nothing()
    {
        await using var client = await JoinedAsync(socketBufferBytes: 4096);
        await client.WaitForMessagesAsync(1);
        client.Pause();
        var note = new string('x', 100_000);
        var frames = Enumerable.Range(0, 200).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($$"""["gex:SPY",{"seq":{{i}},"note":"{{note}}"}]""")).ToArray();

        var burst = _provider.SendBurstAsync(frames);
        Assert.False(burst.IsCompleted);
        client.Resume();
        await burst;
        await client.WaitForMessagesAsync(201);

        Assert.True(_check.IsPerfect, _check.ToString());
    }

    [Fact]
    public async Task The_close_code_is_read_and_a_refusal_is_a_status()
    {
        await using var client = await JoinedAsync();
        await _provider.PartAsync(Parting.Close(4008, "reader too slow"));
        await client.WaitForCloseAsync();
        Assert.Equal((4008, "reader too slow"), (client.CloseCode, client.CloseReason));

        _provider.Misbehaviour.Refusal = Refusal.Unavailable;
        await using var refused = await ConnectAsync(_ => { });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.UpgradeStatus);
        Assert.True(refused.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_handler_that_throws_fails_the_completion()
    {
        var client = await ConnectAsync(_ => throw new InvalidOperationException("bad message"));
        await _provider.SendAsync("[1]");
        await Assert.ThrowsAsync<InvalidOperationException>(client.WaitForCloseAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.DisposeAsync().AsTask());
    }

    private static ReadOnlyMemory<byte> Payload(long number) => Encoding.UTF8.GetBytes($$"""{"ticker":"SPY","price":"591.2","seq":{{number}}}""");

    private long FirstAfter(long seen) => _check.Holes is [var hole] ? hole.To : seen;

    private Task<LoadClient> ConnectAsync(MessageHandler onMessage, int? socketBufferBytes = null) =>
        LoadClient.ConnectAsync(new($"{_provider.SocketUrl}?token=t"), onMessage, socketBufferBytes: socketBufferBytes);

    private async Task<LoadClient> JoinedAsync(int? socketBufferBytes = null)
    {
        var client = await ConnectAsync(message => _check.Observe(message), socketBufferBytes);
        client.SendText("""{"channel":"gex:SPY","msg_type":"join"}""");
        await _provider.WaitForJoinAsync("gex:SPY");
        return client;
    }
}
