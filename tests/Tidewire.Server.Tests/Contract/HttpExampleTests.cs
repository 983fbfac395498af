using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Tidewire.Server.Sockets;
using Tidewire.Server.Tests.Sockets;

namespace Tidewire.Server.Tests.Contract;

/// <summary>The OpenAPI document against the running server.</summary>
public sealed partial class HttpExampleTests : ContractTest
{
    /// <summary>Routes for people: their answers are pages.</summary>
    private static readonly string[] Pages = ["GET /", "GET /dashboard", "GET /docs", "GET /docs/{file}", "GET /redoc"];

    [Fact]
    public async Task Every_route_is_documented_and_every_documented_route_is_there()
    {
        await StartWithoutUpstreamAsync();
        var routes = Server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
        {
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]; // those without open sockets
            var pattern = endpoint.RoutePattern.RawText!;
            var paths = pattern.EndsWith("?}", StringComparison.Ordinal) ? (string[])[pattern[..pattern.LastIndexOf('/')], pattern.Replace("?}", "}", StringComparison.Ordinal)] : [pattern];
            return methods.SelectMany(method => paths.Select(path => $"{method} {path}"));
        });
        Assert.Equal(HttpContract.Served.Operations.Select(operation => operation.ToString()).Concat(Pages).Order(), routes.Order());
    }

    [Fact]
    public async Task Every_documented_example_is_answered_as_it_stands()
    {
        var contract = HttpContract.Served;
        var faults = new List<string>();
        var sent = 0;
        foreach (var exchange in contract.Operations.SelectMany(contract.Exchanges))
        {
            var server = await InStateAsync(exchange.When);
            using var request = contract.Request(exchange, server.Url, server.Hub.Epoch);
            var events = exchange.ContentType == "text/event-stream" ? HttpContract.Events(exchange.Example.GetProperty("value").GetString()!).Count : 0;
            var answer = await SendAsync(request, events);
            faults.AddRange(contract.Faults(exchange.Operation, answer).Concat(contract.Differences(exchange, answer)).Select(fault => $"{exchange}: {fault}"));
            sent++;
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults.Select(fault => Index().Replace(fault, "[…]")).Distinct()));
        Figure("documented HTTP examples sent and compared", sent);
    }

    [Fact]
    public async Task What_is_told_of_a_provider_with_REST_is_documented_too()
    {
        var server = await InStateAsync("connected");
        foreach (var path in (string[])["/api/stream/status", "/api/stream/channels", "/api/ws/stats", "/health/ready"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, path));
            var answer = await SendAsync(request);
            Assert.Equal([], HttpContract.Served.Faults(HttpContract.Served["GET", path], answer));
            Assert.True(path != "/api/stream/channels" || answer.Body.Contains("\"polled\":{", StringComparison.Ordinal), answer.Body);
        }
    }

    [Fact]
    public void Every_documented_status_has_an_example_that_provokes_it()
    {
        var contract = HttpContract.Served;
        Assert.All(contract.Operations, operation =>
        {
            var provoked = contract.Exchanges(operation).Select(exchange => exchange.Status.ToString(CultureInfo.InvariantCulture)).ToHashSet();
            Assert.Empty(operation.Description.GetProperty("responses").EnumerateObject().Select(response => response.Name).Except(provoked));
        });
        Assert.All(contract.AnyRoute.GetProperty("responses").EnumerateObject(), response => Assert.NotEmpty(response.Value.GetProperty("x-examples").EnumerateObject()));
    }

    [Fact]
    public void Every_example_of_a_request_has_an_answer()
    {
        var contract = HttpContract.Served;
        foreach (var operation in contract.Operations)
        {
            var answers = contract.Exchanges(operation).Select(exchange => exchange.Name).ToHashSet();
            var asked = operation.Description.TryGetProperty("requestBody", out var body)
                ? body.GetProperty("content").EnumerateObject().SelectMany(content => content.Value.GetProperty("examples").EnumerateObject().Select(example => example.Name))
                : [];
            Assert.Subset(answers, asked.ToHashSet());
        }
    }

    [Fact]
    public void The_kinds_of_broadcast_are_those_there_are()
    {
        var broadcast = HttpContract.Served["POST", "/api/ws/broadcast/{kind}"].Description;
        var kinds = broadcast.GetProperty("parameters")[0].GetProperty("schema").GetProperty("enum").EnumerateArray().Select(kind => kind.GetString());
        Assert.Equal(Broadcast.Kinds.Select(kind => kind.Name), kinds);
        var schemas = broadcast.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("anyOf").EnumerateArray().Select(HttpContract.Served.Schemas.Resolved);
        foreach (var (kind, schema) in Broadcast.Kinds.Zip(schemas))
        {
            Assert.Equal(kind.Fields.SelectMany(field => field.Alias is null ? [field.Name] : (string[])[field.Name, field.Alias]), schema.GetProperty("properties").EnumerateObject().Select(field => field.Name));
            Assert.Equal(kind.Fields.Where(field => field.Required).Select(field => field.Name), schema.GetProperty("required").EnumerateArray().Select(field => field.GetString()));
        }
    }

    [Fact]
    public async Task What_every_route_answers_is_answered()
    {
        await StartWithoutUpstreamAsync();
        var host = Server.Url.Authority;
        var cases =
            from response in HttpContract.Served.AnyRoute.GetProperty("responses").EnumerateObject()
            from example in response.Value.GetProperty("x-examples").EnumerateObject()
            select (response.Name, response.Value, Raw: Long().Replace(example.Value.GetProperty("x-raw").GetString()!.Replace("{host}", host, StringComparison.Ordinal),
                length => new string('x', int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture))));
        await Task.WhenAll(cases.Select(async one =>
        {
            var head = await RawSocket.AskAsync(Server.Url, one.Raw);
            var wanted = one.Raw[..Math.Min(one.Raw.Length, 60)];
            Assert.True(head.StartsWith($"HTTP/1.1 {one.Name} ", StringComparison.Ordinal), $"{wanted} was answered with {head}");
            Assert.True(wanted.StartsWith("HEAD", StringComparison.Ordinal) || head.Contains("\r\nContent-Length: 0\r\n", StringComparison.Ordinal), $"{wanted} was answered with a body: {head}");
            Assert.All(one.Value.TryGetProperty("headers", out var headers) ? headers.EnumerateObject() : [], header => Assert.Contains($"\r\n{header.Name}: ", head, StringComparison.Ordinal));
        }));
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();

    [GeneratedRegex(@"\{(\d+) characters\}")]
    private static partial Regex Long();
}
