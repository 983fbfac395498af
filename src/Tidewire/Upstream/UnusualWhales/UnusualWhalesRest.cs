using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The provider's REST side: one GET at a time through the budget, its outcome a value. Nothing is tried twice here.
/// Thread-safe.
/// </summary>
public sealed class UnusualWhalesRest
{
    private const int LargestBody = 32 << 20;
    private const int LongestMessage = 300;

    private readonly Uri _address;
    private readonly string _token;
    private readonly RequestBudget _budget;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly HttpMessageHandler? _inProcess;
    private readonly long[] _ends = new long[Enum.GetValues<RestOutcomeKind>().Length];

    /// <summary>Makes a client.</summary>
    /// <param name="address">The provider's address, such as <c>https://api.unusualwhales.com</c>.</param>
    /// <param name="token">The provider's token; sent as a bearer credential and never printed.</param>
    /// <param name="budget">What every request goes through. Not disposed here.</param>
    /// <param name="options">How long a request may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="inProcess">Answers in place of the network, as the simulated provider does; null for the network. Not disposed here.</param>
    public UnusualWhalesRest(Uri address, string token, RequestBudget budget, RequestBudgetOptions options, TimeProvider time, HttpMessageHandler? inProcess = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0)
        {
            throw new ArgumentException("The provider's REST address must be an absolute http:// or https:// address without user, password or query, such as https://api.unusualwhales.com.", nameof(address));
        }

        (_address, _token, _budget, _timeout, _time, _inProcess) = (address, token, budget, options.Timeout, time, inProcess);
    }

    /// <summary>How many requests have ended so.</summary>
    /// <param name="kind">How.</param>
    public long CountOf(RestOutcomeKind kind) => Volatile.Read(ref _ends[(int)kind]);

    /// <summary>Gets one resource.</summary>
    /// <param name="path">Path and query, beginning with a slash. Never holds the token.</param>
    /// <param name="purpose">What it is for: decides who goes first and whose share pays.</param>
    /// <param name="etag">The entity tag of what is known already; null to get it in any case.</param>
    /// <param name="cancellation">Gives up. Only this throws; every other end is an outcome.</param>
    public async Task<RestOutcome> GetAsync(string path, RequestPurpose purpose, string? etag, CancellationToken cancellation)
    {
        var outcome = await EndAsync(path, purpose, etag, cancellation);
        Interlocked.Increment(ref _ends[(int)outcome.Kind]);
        return outcome;
    }

    private async Task<RestOutcome> EndAsync(string path, RequestPurpose purpose, string? etag, CancellationToken cancellation)
    {
        var url = UrlOf(path);
        using var lease = await _budget.AcquireAsync(purpose, cancellation);
        if (lease is null)
        {
            return new(RestOutcomeKind.NoBudget, "nothing is left of the request budget for now");
        }

        cancellation.ThrowIfCancellationRequested(); // not sent yet: the lease goes back
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }

        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var connection = new SingleConnection();
        using var http = ClientOf(connection);
        try
        {
            lease.Sent();
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            var usage = UsageOf(answer);
            var outcome = OutcomeOf(answer, body);
            lease.Answered(new(usage, outcome.Limit));
            return outcome;
        }
        catch (OperationCanceledException)
        {
            if (_inProcess is null && connection.NeverOpened)
            {
                lease.NeverSent();
            }

            cancellation.ThrowIfCancellationRequested();
            return new(RestOutcomeKind.Network, FormattableString.Invariant($"no answer within {_timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException exception)
        {
            if (_inProcess is null && connection.NeverOpened)
            {
                lease.NeverSent();
            }

            return new(RestOutcomeKind.Network, connection.WasLost ? "the connection was lost before an answer" : Redacted(exception.InnerException?.Message ?? exception.Message));
        }
    }

    private HttpClient ClientOf(SingleConnection connection)
    {
        var http = new HttpClient(
            _inProcess ?? new SocketsHttpHandler
            {
                UseCookies = false,
                AllowAutoRedirect = false, // a redirect would be a second request, and could carry the token elsewhere
                AutomaticDecompression = DecompressionMethods.All,
                ConnectCallback = connection.OpenAsync,
            },
            disposeHandler: _inProcess is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LargestBody,
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", UnusualWhalesSocket.UserAgent);
        http.DefaultRequestHeaders.ConnectionClose = true;
        return http;
    }

    private VendorUsage UsageOf(HttpResponseMessage answer)
    {
        var usage = VendorUsage.Read(name => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null, _time.GetUtcNow());
        return answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? usage : usage with { RetryAfter = null };
    }

    private RestOutcome OutcomeOf(HttpResponseMessage answer, byte[] body)
    {
        var status = (int)answer.StatusCode;
        switch (status)
        {
            case 200:
                return new(RestOutcomeKind.Ok, "ok") { Body = body, ETag = answer.Headers.ETag?.ToString() };
            case 304:
                return new(RestOutcomeKind.NotModified, "not modified");
            case 401 or 403:
                return new(RestOutcomeKind.NotEntitled, $"the provider refused the token (HTTP {status}); check the token and that its plan includes this resource");
            case 404:
                return new(RestOutcomeKind.NotFound, "the provider knows no such path");
            case 422 or 400:
                return new(RestOutcomeKind.BadRequest, MessageOf(body) ?? $"the provider refused the parameters (HTTP {status})");
            case 429:
                var limit = VendorAnswer.LimitOf(Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 4096)));
                return new(RestOutcomeKind.RateLimited, limit switch
                {
                    RequestLimit.InFlight => "the provider counts too many requests at the same time",
                    RequestLimit.Day => "the provider counts too many requests in its day",
                    _ => "the provider counts too many requests in a minute",
                })
                {
                    Limit = limit,
                };
            default:
                return new(RestOutcomeKind.ServerError, $"the provider answered HTTP {status}");
        }
    }

    /// <summary>The <c>msg</c> of a refusal, cut to a length that fits a log line.</summary>
    private string? MessageOf(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("msg", out var msg) && msg.ValueKind == JsonValueKind.String
                ? Redacted(msg.GetString()!)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [SuppressMessage("Usage", "CA2234:Pass system uri objects instead of strings", Justification = "The text is what is checked.")]
    private Uri UrlOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var url = new Uri(_address, path);

        // "//host" and "\\host" are addresses of other hosts; the token must not go there.
        return path[0] == '/' && path.AsSpan(1).IndexOfAny('/', '\\') != 0 && Uri.Compare(url, _address, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? url
            : throw new ArgumentException("A path begins with one slash and stays at the provider.", nameof(path));
    }

    private string Redacted(string text)
    {
        // Masked before it is cut: half a token would not be found.
        var masked = Secrets.Redact(text, _token).ReplaceLineEndings(" ");
        return masked.Length > LongestMessage ? masked[..LongestMessage] : masked;
    }
}
