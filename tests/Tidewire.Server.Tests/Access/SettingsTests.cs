namespace Tidewire.Server.Tests.Access;

public sealed class SettingsTests : ServerTest
{
    [Theory]
    [InlineData("TIDEWIRE_URLS", "http://0.0.0.0:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://*:0", "TIDEWIRE_URLS", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://+:0", "TIDEWIRE_URLS", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://[::]:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://192.168.1.5:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://gateway.example:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://localhost.evil.example:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "http://127.0.0.1:0;http://0.0.0.0:0", "public address", "127.0.0.1")]
    [InlineData("TIDEWIRE_URLS", "https://127.0.0.1:0", "https://127.0.0.1:0", "http://")]
    [InlineData("TIDEWIRE_URLS", "8000", "8000", "http://ADDRESS:PORT")]
    [InlineData("TIDEWIRE_ALLOWED_ORIGINS", "https://example.com", "no authentication", "loopback")]
    [InlineData("TIDEWIRE_ALLOWED_ORIGINS", "http://localhost:5173,https://example.com", "no authentication", "loopback")]
    [InlineData("TIDEWIRE_ALLOWED_ORIGINS", "*", "'*'", "SCHEME://HOST")]
    [InlineData("TIDEWIRE_ALLOWED_ORIGINS", "http://localhost:5173/page", "/page", "SCHEME://HOST")]
    [InlineData("TIDEWIRE_UPSTREAM", "fake", "'fake'", "auto, uw, simulated, none")]
    [InlineData("TIDEWIRE_UPSTREAM", "uw", "needs a token", "UW_API_TOKEN")]
    [InlineData("UW_SOCKET_URL", "wss://api.unusualwhales.com/api/socket", "/api/socket", "/socket")]
    [InlineData("UW_SOCKET_URL", "wss://api.unusualwhales.com/API/Socket?x=1", "/api/socket", "/socket")]
    [InlineData("UW_SOCKET_URL", "wss://api.unusualwhales.com/socket?token=abc", "token", "UW_API_TOKEN")]
    [InlineData("UW_SOCKET_URL", "wss://api.unusualwhales.com/socket?x=1&TOKEN=abc", "token", "UW_API_TOKEN")]
    [InlineData("UW_SOCKET_URL", "https://api.unusualwhales.com/socket", "ws://", "wss://")]
    [InlineData("UW_SOCKET_URL", "/socket", "absolute", "wss://")]
    public async Task A_setting_that_cannot_be_used_is_named_with_what_to_do(string name, string value, string fault, string remedy)
    {
        var exception = await Assert.ThrowsAsync<SettingsException>(() => ServerUnderTest.BuildAsync(new Dictionary<string, string?> { [name] = value }));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("=abc", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "simulated")]
    [InlineData("", null, "simulated")]
    [InlineData("auto", null, "simulated")]
    [InlineData("auto", Token, "uw")]
    [InlineData(null, Token, "uw")]
    [InlineData("UW", Token, "uw")]
    [InlineData("simulated", Token, "simulated")]
    [InlineData("none", Token, "none")]
    [InlineData("None", null, "none")]
    [InlineData("auto", "  ", "simulated")]
    public async Task The_upstream_follows_its_setting_and_auto_the_token(string? setting, string? token, string upstream)
    {
        await StartWithAsync(null, ("TIDEWIRE_UPSTREAM", setting), ("UW_API_TOKEN", token), ("UW_SOCKET_URL", Provider.SocketUrl.ToString()));
        Assert.Equal(upstream, Server.Upstream.Name);
        if (upstream != "uw")
        {
            await Server.StopAsync();
            Assert.Empty(Provider.Handshakes);
        }
    }

    [Theory]
    [InlineData("UW_API_TOKEN")]
    [InlineData("UW_KEY")]
    [InlineData("UW_API_TOKEN_FILE")]
    public async Task The_token_comes_from_any_of_its_three_variables(string variable)
    {
        const string Value = "tok+en/=&?#%: with a space";
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $" {Value}\n");
        await StartWithAsync(null, (variable, variable.EndsWith("FILE", StringComparison.Ordinal) ? file : $" {Value} "), ("UW_SOCKET_URL", $"{Provider.SocketUrl}?region=us"));
        await Provider.WaitForConnectionAsync();
        File.Delete(file);
        Assert.Equal(Value, Provider.Handshakes[0].Token);
        Assert.StartsWith("region=us&token=", Provider.Handshakes[0].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_token_that_is_set_wins()
    {
        await StartWithAsync(null, ("UW_API_TOKEN", " "), ("UW_KEY", "the second"), ("UW_API_TOKEN_FILE", "/no/such/file"), ("UW_SOCKET_URL", Provider.SocketUrl.ToString()));
        await Provider.WaitForConnectionAsync();
        Assert.Equal("the second", Provider.Handshakes[0].Token);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("a folder")]
    [InlineData("empty")]
    public async Task A_token_file_that_cannot_be_read_is_named(string kind)
    {
        using var folder = new TemporaryFolder();
        var file = kind == "a folder" ? folder.Path : Path.Combine(folder.Path, "token");
        if (kind == "empty")
        {
            await File.WriteAllTextAsync(file, "\n");
        }

        var exception = await Assert.ThrowsAsync<SettingsException>(() => ServerUnderTest.BuildAsync(new Dictionary<string, string?> { ["UW_API_TOKEN_FILE"] = file }));
        Assert.Contains("UW_API_TOKEN_FILE", exception.Message, StringComparison.Ordinal);
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_other_setting_says_where_to_listen()
    {
        await StartWithAsync(null, ("TIDEWIRE_UPSTREAM", "none"), ("urls", "http://0.0.0.0:0"), ("http_ports", "0"), ("preferHostingUrls", "true"));
        Assert.Equal("127.0.0.1", Assert.Single(Server.Addresses).Host);

        var settings = new Dictionary<string, string?> { ["Kestrel:Endpoints:Other:Url"] = "http://0.0.0.0:0" };
        var exception = await Assert.ThrowsAsync<SettingsException>(() => ServerUnderTest.BuildAsync(settings));
        Assert.Contains("Kestrel:Endpoints", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TIDEWIRE_URLS", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upstream:MaxChannels", "0")]
    [InlineData("Upstream:Linger", "-00:00:01")]
    [InlineData("Upstream:KeepPositions", "-00:00:01")]
    [InlineData("Fanout:MaxMessageBytes", "1")]
    [InlineData("Fanout:SlowReaderLimit", "00:00:00")]
    [InlineData("Simulation:Rate", "0")]
    public async Task An_option_out_of_its_range_stops_the_start_and_is_named(string name, string value)
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => ServerUnderTest.StartAsync(new Dictionary<string, string?> { ["TIDEWIRE_UPSTREAM"] = "simulated", [name] = value }));
        Assert.Contains(name.Split(':')[1], exception.Message, StringComparison.Ordinal);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("tidewire-tests-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
