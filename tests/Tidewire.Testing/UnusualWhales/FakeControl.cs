using System.Net;
using System.Text;
using System.Text.Json;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>
/// Lets a test in another process, such as a browser test, steer a <see cref="FakeUnusualWhales"/> over HTTP:
/// <c>POST /down</c>, <c>/up</c>, <c>/unauthorized</c>, <c>/authorized</c>, <c>/send</c> (the body is one text frame) and
/// <c>GET /state</c>.
/// </summary>
/// <remarks>
/// <c>/down</c> resets the connections and refuses new ones; <c>/unauthorized</c> closes them with 4401 and answers
/// upgrades with 401. Answers come once the change is in effect: 204, or 409 with the reason, or 200 with
/// <c>{"up":true,"connections":1,"accepted":1,"handshakes":1,"joined":["gex:SPY"]}</c>. Disposing it leaves the provider alone.
/// </remarks>
public sealed class FakeControl : IAsyncDisposable
{
    private readonly FakeUnusualWhales _provider;
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    /// <summary>Starts to listen on loopback.</summary>
    /// <param name="provider">The provider to steer, started.</param>
    /// <param name="port">By default one from <see cref="FreePort"/>.</param>
    public FakeControl(FakeUnusualWhales provider, int? port = null)
    {
        _provider = provider;
        Url = new($"http://127.0.0.1:{port ?? FreePort.Next()}/");
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving.WithinBound("the control of the fake provider to stop");
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var (status, body) = await AnswerAsync(context.Request);
            try
            {
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/json";
                context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The caller did not wait for the answer.
            }
        }
    }

    private async Task<(int Status, string Body)> AnswerAsync(HttpListenerRequest request)
    {
        try
        {
            switch (request.HttpMethod, request.Url?.AbsolutePath)
            {
                case ("GET", "/state"):
                    return (200, State());
                case ("POST", "/down"):
                    await _provider.StopAsync();
                    break;
                case ("POST", "/up"):
                    await _provider.StartAsync();
                    break;
                case ("POST", "/unauthorized"):
                    _provider.Misbehaviour.Refusal = Refusal.Unauthorized;
                    await _provider.PartAsync(Parting.Unauthorized);
                    break;
                case ("POST", "/authorized"):
                    _provider.Misbehaviour.Refusal = null;
                    break;
                case ("POST", "/send"):
                    var frame = new MemoryStream();
                    await request.InputStream.CopyToAsync(frame);
                    await _provider.SendAsync(frame.ToArray());
                    break;
                default:
                    return (404, Error("no such command"));
            }

            return (204, "");
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            return (409, Error(e.Message));
        }
    }

    private string State() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["up"] = _provider.IsListening,
        ["connections"] = _provider.ConnectionsOpen,
        ["accepted"] = _provider.ConnectionsAccepted,
        ["handshakes"] = _provider.Handshakes.Count,
        ["joined"] = _provider.Joined,
    });

    private static string Error(string message) => JsonSerializer.Serialize(new Dictionary<string, string> { ["error"] = message });
}
