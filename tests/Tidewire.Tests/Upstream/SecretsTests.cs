using Tidewire.Upstream;

namespace Tidewire.Tests.Upstream;

/// <summary>Invariant 11: no token in anything that is seen.</summary>
public sealed class SecretsTests
{
    private const string Token = "s3cr+t/tök=en&%20";

    [Theory]
    [InlineData("connect to wss://host/socket?token=abc failed", "connect to wss://host/socket?token=*** failed")]
    [InlineData("wss://host/socket?token=abc&vsn=2", "wss://host/socket?token=***&vsn=2")]
    [InlineData("?TOKEN=abc", "?TOKEN=***")]
    [InlineData("?access_token=abc", "?access_token=***")]
    [InlineData("?ticket=abc", "?ticket=***")]
    [InlineData("api_key=abc apikey=def", "api_key=*** apikey=***")]
    [InlineData("url=wss%3A%2F%2Fhost%3Ftoken%3Dabc%26x", "url=wss%3A%2F%2Fhost%3Ftoken%3D***")]
    [InlineData("Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***")]
    [InlineData("bearer  abc", "bearer  ***")]
    [InlineData("<a href=\"?token=abc\">", "<a href=\"?token=***\">")]
    [InlineData("nothing to hide", "nothing to hide")]
    [InlineData("", "")]
    public void What_follows_token_or_bearer_is_masked(string text, string seen) => Assert.Equal(seen, Secrets.Redact(text));

    [Fact]
    public void A_secret_is_masked_wherever_it_stands()
    {
        Assert.Equal("a *** b ***", Secrets.Redact($"a {Token} b {Token}", Token));
        Assert.Equal("a *** b", Secrets.Redact($"a {Uri.EscapeDataString(Token)} b", Token));
#pragma warning disable CA1308 // percent-encoding in lower case is what some proxies write
        Assert.Equal("a *** b", Secrets.Redact($"a {Uri.EscapeDataString(Token).ToLowerInvariant()} b", Token));
#pragma warning restore CA1308
    }

    [Fact]
    public void Of_two_secrets_that_begin_alike_nothing_is_left()
    {
        Assert.Equal("***", Secrets.Redact("secret-longer", "secret", "secret-longer"));
        Assert.Equal("***", Secrets.Redact("secret-longer", "secret-longer", "secret"));
    }

    [Fact]
    public void A_secret_too_short_to_be_one_garbles_nothing() => Assert.Equal("ticker", Secrets.Redact("ticker", "t", ""));
}
