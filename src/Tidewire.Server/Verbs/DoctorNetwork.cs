using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Tidewire.Server.Verbs;

/// <summary>The way to the server: proxy, name, connection, TLS.</summary>
internal static class DoctorNetwork
{
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(14);
    private static readonly string[] Variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

    /// <summary>The proxy that requests to an address go through; null for none.</summary>
    public static Uri? ProxyFor(Uri url) => HttpClient.DefaultProxy.GetProxy(url) is { } proxy && proxy.Authority != url.Authority ? proxy : null;

    public static Finding Proxy(Uri url, Uri? proxy)
    {
        if (proxy is not null)
        {
            return Finding.Warning("proxy", $"Requests go through the proxy {proxy.Host}:{proxy.Port} (from the environment).",
                $"If the server can be reached without it, set NO_PROXY={url.Host}. Else see below which wires it lets through; clients find one by themselves.");
        }

        var set = Variables.Any(static name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name) ?? Environment.GetEnvironmentVariable(name.ToLowerInvariant())));
        return Finding.Ok("proxy", set ? "A proxy is set in the environment and does not apply to this address." : "None is set in the environment.");
    }

    /// <summary>Name and connection.</summary>
    public static async Task<IReadOnlyList<Finding>> ReachAsync(Uri to, bool isProxy, TimeProvider time, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var who = isProxy ? "the proxy" : "the server";
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(to.Host, either.Token);
            findings.Add(Finding.Ok("name", $"{to.Host} is {string.Join(", ", addresses.Take(4).Select(static address => address.ToString()))}."));
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && limit.IsCancellationRequested))
        {
            findings.Add(Finding.Fault("name", $"The name {to.Host} cannot be resolved.", $"Check the spelling of the address of {who} and this machine's DNS."));
            return findings;
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var started = time.GetTimestamp();
        try
        {
            await socket.ConnectAsync(addresses, to.Port, either.Token);
            findings.Add(Finding.Ok("connection", string.Create(CultureInfo.InvariantCulture, $"{to.Host}:{to.Port} accepts connections, in {time.GetElapsedTime(started).TotalMilliseconds:0.0} ms.")));
        }
        catch (SocketException exception)
        {
            findings.Add(Finding.Fault("connection", $"{to.Host}:{to.Port} does not accept connections: {exception.SocketErrorCode}.",
                isProxy ? "Check the proxy's address in the environment." : "Is the server running? Look for its line 'Tidewire ready on URL', and at the port. It listens on 127.0.0.1 only unless it is told otherwise."));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            findings.Add(Finding.Fault("connection", $"{to.Host}:{to.Port} did not answer within {Doctor.Patience.TotalSeconds:0} s.", "A firewall may drop what is sent. Ask for this port to be opened."));
        }

        return findings;
    }

    /// <summary>The certificate: whether it is trusted, for this name, and for how long.</summary>
    public static async Task<Finding> TlsAsync(Uri url, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Doctor.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(url.Host, url.Port, either.Token);
            Finding? finding = null;
            await using var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = url.Host,
#pragma warning disable CA5359 // The certificate is what is looked at; nothing is sent over this connection.
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        finding = Judge(url, certificate as X509Certificate2, chain, errors, time.GetUtcNow());
                        return true;
                    },
#pragma warning restore CA5359
                },
                either.Token);
            return finding!;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException || (exception is OperationCanceledException && limit.IsCancellationRequested))
        {
            return Finding.Fault("tls", "No TLS connection comes about.", "Does the port speak TLS? If not, use http:// in the address.");
        }
    }

    internal static Finding Judge(Uri url, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return Finding.Fault("tls", "The server shows no certificate.", "Give it one.");
        }

        var until = certificate.NotAfter.ToUniversalTime();
        var end = until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (now.UtcDateTime > until)
        {
            return Finding.Fault("tls", $"The certificate ended on {end}.", "Renew it on the server.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return Finding.Fault("tls", $"The certificate is not for {url.Host} but for {certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)}.", "Use the name of the certificate in the address, or get a certificate for this name.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var why = chain?.ChainStatus.Select(static status => status.Status.ToString()).Distinct() ?? [];
            return Finding.Fault("tls", $"The certificate is not trusted here: {string.Join(", ", why)}.", "Serve the whole chain, or trust its root on this machine (SSL_CERT_FILE names a file of further roots).");
        }

        return until - now.UtcDateTime < SoonOver
            ? Finding.Warning("tls", $"The certificate is trusted and ends soon, on {end}.", "Renew it on the server.")
            : Finding.Ok("tls", $"The certificate is trusted, for {url.Host}, until {end}.");
    }
}
