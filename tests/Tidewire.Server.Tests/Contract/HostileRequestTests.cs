using System.Globalization;
using System.Text;

namespace Tidewire.Server.Tests.Contract;

/// <summary>Whatever a stranger asks, the answer is one that is documented for the route or for every route.</summary>
public sealed class HostileRequestTests : ContractTest
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND"];

    private static readonly string[] Queries =
    [
        "?since=", "?since=x", "?since=a:b", "?since=a:1&since=a:2", "?since=%00:1", "?since=a:-1", "?since=a:99999999999999999999", "?since=%F0%9F%92%A9:1",
        "?history=-1", "?history=1e3", "?history=%2B1", "?history=99999999999", "?history=1&history=2", "?wait=0&since=x:1", "?wait=-1", "?wait=1.5", "?limit=0", "?limit=abc",
        "?filter=", "?filter=%22", "?&&&===", "?%zz", "?token=%0d%0aX: y", "?" + "a=b&",
    ];

    private static readonly string[] Names =
    [
        "nope", "FLOW", "flow:SPY", "gex", "gex:", ":", ":SPY", "@x", "@x%2Fflow", "..%2f..%2fetc", "%00", "%252e%252e", "flow%20", "%F0%9F%92%A9", "%ff", "flow;a=b", "{feed}", "a'\"<b>", "-", "_",
    ];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("Host", "evil.example"), ("Host", "127.0.0.1:1"), ("Host", "localhost"), ("Origin", "null"), ("Origin", "https://evil.example"), ("Origin", "http://127.0.0.1:1"), ("Origin", "file://"),
        ("Last-Event-ID", "x"), ("Last-Event-ID", "a:1"), ("Last-Event-ID", "a:99999999999999999999"), ("Accept", "image/png"), ("Accept-Encoding", "br, identity;q=0"), ("Range", "bytes=0-1"),
        ("If-None-Match", "*"), ("If-Modified-Since", "never"), ("Expect", "100-continue"), ("Cookie", "a=b"), ("Upgrade", "h2c"), ("X-Forwarded-Host", "evil.example"),
    ];

    private static readonly (string? Type, string Body)[] Bodies =
    [
        ("application/json", ""), ("application/json", "null"), ("application/json", "[]"), ("application/json", "{}"), ("application/json", "\"\\ud800\""), ("application/json", "{\"ticker\":\"\\ud800\",\"price\":1}"),
        ("application/json", "{\"ticker\":{},\"price\":[]}"), ("application/json", "{\"ticker\":\"A\",\"price\":1}{"), ("application/json", "{\"ticker\":\"A\",\"price\":1e999}"), ("application/json", "{\"ticker\":\"A\",\"price\":null}"),
        ("application/json", "{\"ticker\":\"A\",\"ticker\":7,\"price\":1}"), ("application/json; charset=utf-16", "{}"), ("application/problem+json", "{}"), ("text/json", "{}"), ("text/plain", "{}"), ("multipart/form-data", "x"), ("nonsense", "{}"), (null, "{}"),
    ];

    [Fact]
    public async Task No_status_comes_that_is_not_documented_and_no_body_that_is_not_described()
    {
        await StartWithoutUpstreamAsync(("Fanout:MaxPollWaiters", "1"));
        var contract = HttpContract.Served;
        var faults = new List<string>();
        var sent = 0;
        foreach (var operation in contract.Operations)
        {
            foreach (var (method, target, header, body) in Requests(operation))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Server.Url, target));
                request.Headers.ConnectionClose = true; // a body that is too large ends the connection
                if (header is { } one)
                {
                    request.Headers.TryAddWithoutValidation(one.Name, one.Value);
                }

                if (body is { } content)
                {
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content.Body));
                    request.Content.Headers.TryAddWithoutValidation("Content-Type", content.Type);
                }

                var what = $"{method} {target} {header} {body?.Type} {body?.Body}";
                try
                {
                    var answer = await SendAsync(request);
                    faults.AddRange(Faults(operation, method, answer).Select(fault => $"{what[..Math.Min(what.Length, 200)]}: {fault}"));
                }
                catch (HttpRequestException exception)
                {
                    faults.Add($"{what[..Math.Min(what.Length, 200)]}: {exception.Message} {exception.InnerException?.Message}");
                }

                sent++;
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults.Take(50)));
        Figure("hostile requests answered as documented", sent);
    }

    private static IReadOnlyList<string> Faults(HttpOperation operation, string method, HttpAnswer answer)
    {
        var contract = HttpContract.Served;
        if (method == operation.Method || operation.IsSocket)
        {
            // An address of a socket answers every method alike; to HEAD without the body.
            return method == "HEAD" ? [] : contract.Faults(operation, answer);
        }

        return answer.Status switch
        {
            403 => contract.Faults(operation, answer),
            405 => contract.Faults(operation, answer).Concat(answer.Headers.GetValueOrDefault("Allow") == operation.Method ? [] : [$"Allow is {answer.Headers.GetValueOrDefault("Allow")}"]).ToArray(),
            _ => [$"another method is answered with {answer.Status.ToString(CultureInfo.InvariantCulture)}"],
        };
    }

    private static IEnumerable<(string Method, string Target, (string Name, string Value)? Header, (string? Type, string Body)? Body)> Requests(HttpOperation operation)
    {
        string With(string name, string ticker) => operation.Path.Replace("{feed}", name, StringComparison.Ordinal).Replace("{ticker}", ticker, StringComparison.Ordinal).Replace("{kind}", name == "flow" ? "price" : name, StringComparison.Ordinal);
        var plain = With(operation.Path.Contains("{ticker}", StringComparison.Ordinal) ? "gex" : "flow", "SPY");
        foreach (var method in Methods)
        {
            yield return (method, plain, null, null);
        }

        foreach (var query in Queries)
        {
            yield return (operation.Method, plain + query, null, null);
        }

        foreach (var header in Headers)
        {
            yield return (operation.Method, plain, header, null);
        }

        foreach (var name in operation.Path.Contains('{', StringComparison.Ordinal) ? Names.Append(new string('a', 2000)) : [])
        {
            yield return (operation.Method, With(name, "SPY"), null, null);
            yield return (operation.Method, With("gex", name), null, null);
        }

        foreach (var body in Bodies.Append(("application/json", new string(' ', 70_000))).Append(("application/json", new string('[', 1000))))
        {
            yield return (operation.Method, plain, null, body);
        }
    }
}
