namespace Tidewire.Server.Verbs;

/// <summary>Looks at one server from here, from the wire up: what needs a lower layer is looked at only when that works.</summary>
internal sealed class Doctor(Uri url, string? tokenFile, TimeProvider time)
{
    /// <summary>How long each look may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Uri _url = new UriBuilder(url.Scheme switch { "ws" => "http", "wss" => "https", var scheme => scheme }, url.Host, url.Port, url.AbsolutePath.TrimEnd('/') + "/").Uri;

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var (token, ofToken) = await DoctorToken.LookAsync(tokenFile, time, cancellation);
        var proxy = DoctorNetwork.ProxyFor(_url);
        findings.Add(DoctorNetwork.Proxy(_url, proxy));
        // Through a proxy it is the proxy that is reached, and it resolves the name.
        var reach = await DoctorNetwork.ReachAsync(proxy ?? _url, isProxy: proxy is not null, time, cancellation);
        findings.AddRange(reach);
        if (reach.All(static finding => finding.Level != Level.Fault))
        {
            if (_url.Scheme == "https" && proxy is null)
            {
                findings.Add(await DoctorNetwork.TlsAsync(_url, time, cancellation));
            }

            using var http = new HttpClient { BaseAddress = _url, Timeout = Timeout.InfiniteTimeSpan };
            if (token is not null)
            {
                http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            }

            var server = new DoctorServer(http, time);
            var health = await server.HealthAsync(cancellation);
            findings.AddRange(health);
            if (health[0].Level != Level.Fault)
            {
                var wires = new DoctorWires(_url, http, token, time);
                findings.Add(await wires.WebSocketAsync(cancellation));
                findings.Add(await wires.EventsAsync(cancellation));
                findings.Add(await wires.PollAsync(cancellation));
                findings.AddRange(await server.StatusAsync(cancellation));
            }
        }

        findings.Add(ofToken);
        findings.AddRange(DoctorMachine.Look());
        return findings;
    }
}
