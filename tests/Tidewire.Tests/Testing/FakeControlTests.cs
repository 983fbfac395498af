using System.Net;
using Tidewire.Testing.Clients;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Tests.Testing;

public sealed class FakeControlTests : IAsyncLifetime
{
    private FakeUnusualWhales _provider = null!;
    private FakeControl _control = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeUnusualWhales.StartNewAsync();
        _control = new(_provider);
        _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _control.Url };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _control.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task A_frame_is_sent_and_the_state_is_told()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        await client.JoinAsync("gex:SPY");
        await client.NextTextAsync("the ack");

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("send", """["gex:SPY",{"price":"1"}]"""));
        Assert.Equal("""["gex:SPY",{"price":"1"}]""", await client.NextTextAsync());
        Assert.Equal("""{"up":true,"connections":1,"accepted":1,"handshakes":1,"joined":["gex:SPY"]}""", await _http.GetStringAsync(new Uri("state", UriKind.Relative)));
    }

    [Fact]
    public async Task The_provider_goes_down_and_comes_up()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        await PostAsync("down");
        Assert.Null(await client.WaitForCloseAsync());
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("send", "[]"));

        await PostAsync("up");
        await using var again = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.True(again.IsOpen);
    }

    [Fact]
    public async Task The_entitlement_is_taken_away_and_given_back()
    {
        await using var client = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        await PostAsync("unauthorized");
        Assert.Equal(4401, await client.WaitForCloseAsync());
        await using var refused = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.UpgradeStatus);

        await PostAsync("authorized");
        await using var again = await UnusualWhalesClient.ConnectAsync(_provider.SocketUrl);
        Assert.True(again.IsOpen);
    }

    private async Task<HttpStatusCode> PostAsync(string command, string body = "")
    {
        using var content = new StringContent(body);
        using var answer = await _http.PostAsync(new Uri(command, UriKind.Relative), content);
        return answer.StatusCode;
    }
}
