namespace Tidewire.Testing.Clients;

/// <summary>A client of <c>/socket</c> that speaks as the provider's own clients do.</summary>
public sealed class UnusualWhalesClient : TestClient
{
    private UnusualWhalesClient()
    {
    }

    /// <summary>Connects; whether it was let in is in <see cref="TestClient.UpgradeStatus"/>.</summary>
    /// <param name="server">The base address, http or ws.</param>
    /// <param name="token">The token in the query; null sends none.</param>
    /// <param name="headers">Such as Origin or Host.</param>
    public static async Task<UnusualWhalesClient> ConnectAsync(Uri server, string? token = "test", Dictionary<string, string>? headers = null)
    {
        var client = new UnusualWhalesClient();
        await client.UpgradeAsync(server, token is null ? "/socket" : $"/socket?token={Uri.EscapeDataString(token)}", headers);
        return client;
    }

    /// <summary>Asks to join a form; the ack is the next frame.</summary>
    public Task JoinAsync(string form) => SendTextAsync($$"""{"channel":"{{form}}","msg_type":"join"}""");

    /// <summary>Asks to leave a form.</summary>
    public Task LeaveAsync(string form) => SendTextAsync($$"""{"channel":"{{form}}","msg_type":"leave"}""");

    /// <summary>The bytes of the next frame, exactly as sent.</summary>
    public async Task<byte[]> NextFrameAsync(string what = "a frame") => (await NextMessageAsync(what)).Bytes;

    /// <summary>The next frame as text.</summary>
    public async Task<string> NextTextAsync(string what = "a frame") => (await NextMessageAsync(what)).Text;
}
