using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tidewire.Server.Verbs;
using Tidewire.Testing;
using Tidewire.Testing.Peers;

namespace Tidewire.Server.Tests.Verbs;

/// <summary>What `tidewire doctor` finds, at real servers and at peers that are none.</summary>
[Trait("Promise", "doctor")]
public sealed class DoctorTests : ServerTest
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_server_that_is_well_has_no_fault_on_any_wire()
    {
        var server = await StartSimulatedAsync();
        var findings = await new Doctor(server.Url, null, TimeProvider.System).LookAsync(CancellationToken.None);
        Assert.DoesNotContain(findings, static finding => finding.Level == Level.Fault);
        Assert.All((string[])["name", "connection", "health", "clock", "websocket", "sse", "poll", "recording"], check => Assert.Equal(Level.Ok, Of(findings, check).Level));
        Assert.Equal(Level.Warning, Of(findings, "provider").Level); // simulated
        Figure("findings at a server that is well", findings.Count);
    }

    [Fact]
    public async Task Where_nothing_listens_the_connection_is_the_fault()
    {
        var findings = await new Doctor(new Uri($"http://127.0.0.1:{FreePort.Next()}"), null, TimeProvider.System).LookAsync(CancellationToken.None);
        var fault = Of(findings, "connection");
        Assert.Equal(Level.Fault, fault.Level);
        Assert.Contains("Is the server running?", fault.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, static finding => finding.Check == "websocket");
    }

    [Fact]
    public async Task A_proxy_that_strips_upgrades_and_answers_in_place_of_events_is_a_warning_with_advice()
    {
        await using var peer = new ScriptedPeer { Blocked = "/api/ws" };
        var looking = new Doctor(peer.Url, null, TimeProvider.System).LookAsync(CancellationToken.None);
        for (var i = 0; i < 4; i++)
        {
            var request = await peer.NextAsync();
            await request.RespondAsync("200 OK", request.Target.Contains("/sse/", StringComparison.Ordinal) ? "text/html" : "application/json",
                request.Target switch
                {
                    "/health" => $$"""{"status":"ok","version":"0.1.0","timestamp":"{{TimeProvider.System.GetUtcNow().AddSeconds(-90):O}}"}""",
                    "/api/stream/status" => """{"status":"not_entitled","message":"The provider refuses this token.","recording":{"state":"degraded","message":"The disk refuses.","reason":"full"}}""",
                    var target when target.Contains("/poll/", StringComparison.Ordinal) => """{"position_text":"e1:1"}""",
                    _ => "<h1>hello</h1>",
                });
        }

        var findings = await looking.WithinBound("the doctor");
        Assert.Equal(Level.Warning, Of(findings, "websocket").Level);
        Assert.Contains("answered with 404", Of(findings, "websocket").Says, StringComparison.Ordinal);
        Assert.Equal(Level.Warning, Of(findings, "sse").Level);
        Assert.Equal(Level.Ok, Of(findings, "poll").Level);
        Assert.Equal(Level.Fault, Of(findings, "clock").Level);
        Assert.Equal(Level.Fault, Of(findings, "provider").Level);
        Assert.Equal(Level.Fault, Of(findings, "recording").Level);
        Assert.All(findings.Where(static finding => finding.Level != Level.Ok), static finding => Assert.NotNull(finding.Advice));
    }

    [Theory]
    [InlineData("", nameof(Level.Fault), "empty")]
    [InlineData("a b", nameof(Level.Fault), "spaces")]
    [InlineData("abc", nameof(Level.Fault), "malformed")]
    [InlineData("e30.!!.x", nameof(Level.Fault), "malformed")]
    public void A_token_that_is_none_is_a_fault_and_is_not_shown(string token, string level, string says)
    {
        var finding = DoctorToken.Judge(token, Now);
        Assert.Equal(level, finding.Level.ToString());
        Assert.Contains(says, finding.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, nameof(Level.Fault), "expired")]
    [InlineData(60, nameof(Level.Warning), "expires soon")]
    [InlineData(3600, nameof(Level.Ok), "has not expired")]
    public void A_token_is_judged_by_its_own_end(int seconds, string level, string says)
    {
        var claims = Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"sub":"someone-secret","exp":{{Now.AddSeconds(seconds).ToUnixTimeSeconds()}}}"""));
        var token = $"{System.Buffers.Text.Base64Url.EncodeToString("{\"alg\":\"HS256\"}"u8)}.{System.Buffers.Text.Base64Url.EncodeToString(claims)}.signature";
        var finding = DoctorToken.Judge(token, Now);
        Assert.Equal(level, finding.Level.ToString());
        Assert.Contains(says, finding.Says, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", finding.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("signature", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_judged_by_its_end_its_name_and_its_chain()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=tidewire.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddDays(-30), Now.AddDays(60));
        var url = new Uri("https://other.example");
        Assert.Contains("ended on", DoctorNetwork.Judge(url, certificate, null, SslPolicyErrors.None, Now.AddDays(61)).Says, StringComparison.Ordinal);
        Assert.Contains("but for tidewire.example", DoctorNetwork.Judge(url, certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch, Now).Says, StringComparison.Ordinal);
        Assert.Contains("not trusted", DoctorNetwork.Judge(url, certificate, null, SslPolicyErrors.RemoteCertificateChainErrors, Now).Says, StringComparison.Ordinal);
        Assert.Equal(Level.Warning, DoctorNetwork.Judge(url, certificate, null, SslPolicyErrors.None, Now.AddDays(50)).Level);
        Assert.Equal(Level.Ok, DoctorNetwork.Judge(url, certificate, null, SslPolicyErrors.None, Now).Level);
    }

    [Fact]
    public void Limits_of_the_machine_that_are_low_are_warnings()
    {
        Assert.Equal(Level.Warning, DoctorMachine.OpenFiles("1024").Level);
        Assert.Equal(Level.Ok, DoctorMachine.OpenFiles("65536").Level);
        Assert.Equal(Level.Ok, DoctorMachine.OpenFiles("unlimited").Level);
        Assert.Equal(Level.Warning, DoctorMachine.Backlog("128").Level);
        Assert.Equal(Level.Ok, DoctorMachine.Backlog("4096").Level);
    }

    private static Finding Of(IReadOnlyList<Finding> findings, string check) => Assert.Single(findings, finding => finding.Check == check);
}
