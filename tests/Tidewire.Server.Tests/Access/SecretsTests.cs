using System.Text.Json;
using System.Text;
using Tidewire.Server.Tests.Upstream;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.Access;

public sealed class SecretsTests : ServerTest
{
    private const string ProviderToken = "tokenHead7q+/=&?#%:é\"'< tokenTail9z";
    private const string ClientToken = "clientHead7q%2B%2F%3D%26%3C+clientTail9z";
    private static readonly string[] Marks = ["tokenHead7q", "tokenTail9z", "clientHead7q", "clientTail9z"];
    private static readonly string[] Pages = ["/", "/health", "/api/stream/status", "/api/stream/channels", "/api/ws/stats", "/no/such/page", "/socket", "/api/ws"];

    private readonly FakeTimeProvider _time = new(new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task No_token_is_printed_or_answered_whatever_the_provider_does()
    {
        var answers = new List<string>();
        await StartWithAsync(
            _time,
            ("UW_API_TOKEN", ProviderToken),
            ("UW_SOCKET_URL", Provider.SocketUrl.ToString()),
            ("UW_REST_URL", "none"),
            ("Upstream:Keep", ""),
            ("Logging:LogLevel:Default", "Trace"),
            ("Logging:LogLevel:Microsoft", "Trace"));
        await Server.UntilConnectedAsync();
        Assert.Equal(ProviderToken, Provider.Handshakes[0].Token);
        var client = await ConnectAsync();
        await client.SubscribedAsync("gex:SPY");
        await Provider.WaitForJoinAsync("gex:SPY");
        await Provider.SendAsync("garbage");
        await Provider.SendAsync($$"""{"error":"bad token"}""");
        foreach (var name in (string[])[ProviderToken, new string('x', 40) + ProviderToken])
        {
            await Provider.SendAsync(JsonSerializer.Serialize(new object[] { name, new { } })); // shown as a channel that no one knows
        }

        await ServerUnderTest.UntilAsync(() => Server.Upstream.UnknownChannels.All.Count == 2, "the unknown channels");
        await AskAllAsync(answers);

        Refusal[] refusals =
        [
            Refusal.TooManyRequests,
            Refusal.ServerError,
            Refusal.Redirect(new Uri($"http://127.0.0.1:9/login?token={Uri.EscapeDataString(ProviderToken)}")),
            new(500, "Error", $"token={ProviderToken} {Uri.EscapeDataString(ProviderToken)}"),
            Refusal.Forbidden,
            Refusal.Unauthorized,
        ];
        await Provider.PartAsync(Parting.Reset);
        foreach (var refusal in refusals)
        {
            Provider.Misbehaviour.Refusal = refusal;
            await _time.ToNextAttemptAsync(Server);
            await _time.UntilParkedAsync(Server);
            await AskAllAsync(answers);
        }

        Provider.Misbehaviour.Refusal = null;
        Provider.Misbehaviour.WrongAcceptKey = true;
        await _time.ToNextAttemptAsync(Server);
        await _time.UntilParkedAsync(Server);
        await AskAllAsync(answers);
        Provider.Misbehaviour.WrongAcceptKey = false;
        Provider.Misbehaviour.ShedsLeft = 1;
        Provider.Misbehaviour.ShedBy = Parting.Close(1011, $"bad token {ProviderToken}");
        await _time.ToNextAttemptAsync(Server);
        await _time.UntilParkedAsync(Server);
        await AskAllAsync(answers);
        await Provider.StopAsync();
        await _time.ToNextAttemptAsync(Server);
        await _time.UntilParkedAsync(Server);
        await AskAllAsync(answers);

        // Text is matched in upper case, so that every spelling of a percent-encoded letter counts.
        Assert.True(answers.Count > 50);
        Assert.All(answers, answer => Assert.DoesNotContain(Marks, mark => answer.Contains(mark, StringComparison.OrdinalIgnoreCase)));
        Assert.True(Server.Logs.Count > 100);
        Assert.All(Server.Logs, line => Assert.DoesNotContain(Marks, mark => line.Printed.Contains(mark, StringComparison.OrdinalIgnoreCase)));
        Assert.All(
            Server.Logs.Where(line => line.Category.StartsWith("Tidewire", StringComparison.Ordinal)),
            line => Assert.DoesNotContain(Marks, mark => line.Text.Contains(mark, StringComparison.OrdinalIgnoreCase)));
        Assert.Contains(Server.Logs, line => line.Text.Contains("/socket", StringComparison.Ordinal)); // the requests were logged at all
    }

    /// <summary>Every page, and every wire with a client's token and with a mistake.</summary>
    private async Task AskAllAsync(List<string> answers)
    {
        foreach (var page in Pages)
        {
            foreach (var query in new[] { "", $"?token={ClientToken}", $"?access_token={ClientToken}" })
            {
                using var response = await Server.SendAsync(page + query, null, ("Authorization", $"Bearer {ClientToken}"));
                answers.Add($"{response.Headers} {await response.Content.ReadAsStringAsync()}");
            }
        }

        await using (var socket = await Sockets.RawSocket.ConnectAsync(Server.Url, $"/socket?token={ClientToken}"))
        {
            await socket.SendTextAsync("""{"channel":"nope","msg_type":"join"}""");
            answers.Add((await socket.NextAsync())!.Value.Text);
        }

        await using (var socket = await Sockets.RawSocket.ConnectAsync(Server.Url, $"/api/ws?access_token={ClientToken}"))
        {
            await socket.NextAsync();
            foreach (var text in new[] { $$"""{"type":"auth","token":"{{ClientToken}}"}""", $$"""{"type":"auth","token":["{{ClientToken}}"]}""", $$"""{"type":"auth","token":"{{ClientToken}}" """ })
            {
                await socket.SendTextAsync(text);
                answers.Add((await socket.NextAsync())!.Value.Text);
            }
        }

        await using (var socket = await Sockets.RawSocket.ConnectAsync(Server.Url, $"/api/stream/ws/nope?access_token={ClientToken}"))
        {
            answers.Add(Encoding.UTF8.GetString((await socket.NextAsync())!.Value.Payload));
        }
    }
}
